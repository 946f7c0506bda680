"""Vector functions against a row at a time in plain Python."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from pybyzer.errors import BadOption
from pybyzer.functions.base import FUNCTIONS

Vector = dict[str, Any] | None


def call(name: str, *columns: list[Any]) -> list[Any]:
    """A function on columns of Python values."""
    function = FUNCTIONS.get(name)
    assert function.batch is not None
    arrays = [pa.array(column, kind) for column, kind in zip(columns, function.types, strict=True)]
    result = function.batch(*arrays)
    assert result.type == function.returns
    assert len(result) == len(columns[0])
    # A slice must give the same: offsets of Arrow arrays are easily forgotten.
    assert repr(function.batch(*[a[1:] for a in arrays]).to_pylist()) == repr(result[1:].to_pylist())
    found: list[Any] = result.to_pylist()
    return found


def dense(*values: float) -> Vector:
    return {"type": 1, "size": None, "indices": None, "values": list(values)}


def sparse(size: int, pairs: dict[int, float]) -> Vector:
    return {"type": 0, "size": size, "indices": list(pairs), "values": list(pairs.values())}


def plain(vector: Vector) -> list[float] | None:
    """The elements of a vector, one at a time."""
    if vector is None or vector["type"] == 1:
        return vector and vector["values"]
    elements = [0.0] * vector["size"]
    for index, value in zip(vector["indices"], vector["values"], strict=True):
        elements[index] = value
    return elements


@pytest.fixture
def vectors() -> list[Vector]:
    """Dense, sparse, empty and missing ones, all of 4 elements but the last two."""
    make = random.Random(1)
    rows: list[Vector] = [None, sparse(4, {}), dense(1.0, 1.0, 0.5, 1.0), dense(-1.0, -2.0, -3.0, -4.0)]
    for _ in range(40):
        chosen = sorted(make.sample(range(4), make.randrange(1, 4)))
        rows.append(sparse(4, {i: make.uniform(-9, 9) for i in chosen}))
        rows.append(dense(*[make.uniform(-9, 9) for _ in range(4)]))
        rows.append(None)
    make.shuffle(rows)
    return [*rows, dense(), dense(2.0)]


def expect(rows: list[Vector], reference: Callable[[list[float]], Any]) -> list[Any]:
    return [None if v is None else reference(plain(v) or []) for v in rows]


def test_array(vectors: list[Vector]) -> None:
    assert call("vec_array", vectors) == expect(vectors, list)


def test_argmax(vectors: list[Vector]) -> None:
    assert call("vec_argmax", vectors) == expect(vectors, lambda v: v.index(max(v)) if v else -1)


def test_mean(vectors: list[Vector]) -> None:
    found = call("vec_mean", vectors[:-2])
    assert found == pytest.approx(expect(vectors[:-2], lambda v: sum(v) / len(v)))


def test_stddev() -> None:
    assert call("vec_stddev", [dense(1, 2, 3, 4), None]) == [pytest.approx(math.sqrt(5 / 3)), None]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("vec_wise_add", lambda a, b: a + b),
        ("vec_wise_mul", lambda a, b: a * b),
        ("vec_wise_dif", lambda a, b: a - b),
        ("vec_wise_mod", lambda a, b: math.fmod(a, b) if b else math.nan),
    ],
)
def test_element_by_element(
    name: str, reference: Callable[[float, float], float], vectors: list[Vector]
) -> None:
    left, right = vectors[:-2], vectors[:-2][::-1]
    for found, v, w in zip(call(name, left, right), left, right, strict=True):
        if v is None or w is None:
            assert found is None
        else:
            expected = [reference(a, b) for a, b in zip(plain(v) or [], plain(w) or [], strict=True)]
            assert found["values"] == pytest.approx(expected, nan_ok=True)


def test_distances() -> None:
    v, w = [dense(1, 2), dense(1, 0), None], [sparse(2, {1: 4.0}), dense(1, 0, 0), dense(1, 1)]
    assert call("vec_cosine", v, w) == [pytest.approx(8 / math.sqrt(80)), 0.0, None]
    assert call("vec_sqdist", v[::2], w[::2]) == [5.0, None]
    assert call("vec_norm", [dense(3, -4)] * 3, [2.0, 1.0, math.inf]) == [5.0, 7.0, 4.0]


def test_parts() -> None:
    v = [dense(1, 2, 3), None, sparse(3, {2: 9.0})]
    assert [r and r["values"] for r in call("vec_slice", v, [[2, 0], [0], [2]])] == [[3, 1], None, [9]]
    assert [r and r["values"] for r in call("vec_range", v, [[1, 3], [0, 1], [0, 0]])] == [[2, 3], None, []]
    found = call("vec_concat", [[dense(1), dense(2, 3)], None, [sparse(2, {1: 1.0})], [dense(1), None], []])
    assert [r and r["values"] for r in found] == [[1, 2, 3], None, [0, 1], None, []]


def test_sparse_and_onehot() -> None:
    found = call("vec_sparse", [3, None, 4], [[(2, 5.0), (0, 1.0)], [(0, 1.0)], []])
    assert found == [sparse(3, {0: 1.0, 2: 5.0}), None, sparse(4, {})]
    expected = [sparse(3, {2: 1.0}), sparse(3, {}), sparse(3, {}), None]
    assert call("onehot", [2, 0, 3, None], [3, 3, 3, 3]) == expected


def test_each_element() -> None:
    assert call("vec_ceil", [dense(0.2, 1.0)])[0]["values"] == [1.0, 1.0]
    assert call("vec_inplace_add", [dense(1, 2), dense(1, 2)], [1.0, None])[0]["values"] == [2, 3]
    assert call("vec_inplace_ew_mul", [None, dense(1, 2)], [2.0, 2.0])[1]["values"] == [2, 4]


@pytest.mark.parametrize(
    ("name", "columns", "message"),
    [
        ("vec_wise_add", ([dense(1)], [dense(1, 2)]), "1 and 2 elements"),
        ("vec_slice", ([dense(1)], [[1]]), "no element 1"),
        ("vec_range", ([dense(1)], [[0, 2]]), "beyond"),
        ("vec_range", ([dense(1)], [[0]]), "from, to"),
        ("vec_sparse", ([1], [[(1, 1.0)]]), "not below"),
        ("vec_array", ([{"type": 0, "size": 1, "indices": [3], "values": [1.0]}],), "beyond its size"),
        ("vec_norm", ([dense(1)], [0.5]), "at least 1"),
    ],
)
def test_impossible_values_are_named(name: str, columns: tuple[list[Any], ...], message: str) -> None:
    function = FUNCTIONS.get(name)
    assert function.batch is not None
    arrays = [pa.array(column, kind) for column, kind in zip(columns, function.types, strict=True)]
    with pytest.raises(BadOption, match=message):
        function.batch(*arrays)


def test_matrices() -> None:
    rows = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], None, [[7.0]]]
    matrices = call("matrix_dense", rows)
    assert matrices[0]["values"] == [1, 4, 2, 5, 3, 6]
    assert (matrices[0]["numRows"], matrices[0]["numCols"], matrices[0]["isTransposed"]) == (2, 3, False)
    assert call("matrix_array", matrices) == rows
    turned = {**matrices[0], "values": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "isTransposed": True}
    assert call("matrix_array", [turned]) == rows[:1]
    assert [m and m["values"] for m in call("matrix_sum", matrices, [0, 0, 1])] == [[5, 7, 9], None, [7]]
    assert call("matrix_sum", matrices[:1], [1])[0]["values"] == [6, 15]
    assert call("matrix_array", call("array_onehot", [[1, 0]], [3])) == [[[0, 1, 0], [1, 0, 0]]]


def test_array_intersect_keeps_doubles() -> None:
    a = [["x", "y", "x", "z"], None, ["q"], [], ["a", "a", "b", "a"]]
    b = [["x", "x", "x", "z"], ["q"], ["q", "q"], ["q"], ["a", "b", "a"]]
    assert call("array_intersect", a, b) == [["x", "x", "z"], None, ["q"], [], ["a", "a", "b"]]


def test_texts() -> None:
    assert call("byteStringAsMb", ["1g", "512k", "7", None]) == [1024, 0, 7, None]
    assert call("keepChinese", ["中a文，1", None], [True, True], [["1"], None]) == ["中文，1", None]
    assert call("json_object_array", ['[{"a": 1}, 2]', None]) == [['{"a": 1}', "2"], None]
