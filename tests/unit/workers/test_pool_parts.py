"""What a pool is made of, without Ray's processes: answers, arguments, templates, pieces of a model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

COMPAT = Path(__file__).parents[3] / "runtime" / "pybyzer" / "compat"


@pytest.fixture(scope="module", autouse=True)
def path() -> Iterator[None]:
    """The path of a worker process."""
    sys.path.insert(0, str(COMPAT))
    yield
    sys.path.remove(str(COMPAT))


def test_an_answer_is_its_value() -> None:
    from pyjava.udf.worker import value_of

    assert value_of({"other": 1, "value": [[2.0]]}) == [[2.0]]
    assert value_of({"first": 3, "second": 4}) == 3
    with pytest.raises(TypeError, match=r'must return \{"value": ...\}, not a float'):
        value_of(1.0)
    with pytest.raises(ValueError, match=r"returned \{\}"):
        value_of({})


def test_arguments_are_lists_of_numpy_arrays() -> None:
    import numpy as np
    from pyjava.udf.worker import arguments

    column = pa.array([[[1.0, 2.0], [3.0]], None, []], pa.list_(pa.list_(pa.float64())))
    first, missing, empty = arguments(column)
    assert [item.tolist() for item in first or []] == [[1.0, 2.0], [3.0]]
    assert all(isinstance(item, np.ndarray) for item in first or [])
    assert (missing, empty) == (None, [])
    assert arguments(pa.array([["a"], ["b", None]])) == [["a"], ["b", None]]


TEMPLATE = """
import ray
# the usual lines
from pyjava.api.mlsql import RayContext
from pyjava.udf import UDFMaster,UDFWorker,UDFBuilder,UDFBuildInFunc

ray_context = RayContext.connect(globals(), context.conf["rayAddress"])
UDFBuilder.apply(ray_context)
"""


@pytest.mark.parametrize(
    ("code", "usual"),
    [
        (TEMPLATE, True),
        (TEMPLATE.replace("ray_context", "rc"), True),
        (TEMPLATE.replace('context.conf["rayAddress"]', '"127.0.0.1:10001"'), True),
        (TEMPLATE + "print(1)", False),
        (TEMPLATE.replace("UDFBuilder.apply(ray_context)", "UDFBuilder.apply(other)"), False),
        ("context.build_result([])", False),
    ],
)
def test_the_usual_predict_code_is_recognised(code: str, usual: bool) -> None:
    from pyjava.udf.pool import is_template

    assert is_template(code) is usual


class Rows:
    """A part of a table."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.names = list(rows[0])
        self._rows = rows

    def rows(self) -> Iterator[dict[str, Any]]:
        return iter(self._rows)


def test_a_directory_goes_in_larger_pieces() -> None:
    from pyjava.udf.master import PIECE, pieces

    value = b"x" * (PIECE // 2)
    rows = [{"start": i * len(value), "offset": len(value), "value": value} for i in range(3)]
    found = list(pieces(Rows(rows)))
    assert [(row["start"], row["offset"]) for row in found] == [(0, PIECE), (PIECE, PIECE // 2)]
    assert b"".join(row["value"] for row in found) == value * 3
    other = [{"name": "a"}, {"name": "b"}]
    assert list(pieces(Rows(other))) == other


@pytest.mark.parametrize("text", ["0", "two", "-1", ""])
def test_the_number_of_workers_is_checked(text: str) -> None:
    from pyjava.udf.master import count

    with pytest.raises(ValueError, match="maxConcurrency must be a whole number"):
        count({"maxConcurrency": text})
    assert count({}) == 3


@pytest.mark.needs("tensorflow")
def test_a_directory_without_a_tensorflow_model(tmp_path: Path) -> None:
    from pyjava.udf.builtin import load_tf

    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=r"it holds notes\.txt"):
        load_tf(str(tmp_path))
