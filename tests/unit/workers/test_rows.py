"""Arrow to rows: every type as users see it, whole or sliced, with nulls; and the way back."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pybyzer_worker import columns, rows

UTC = datetime.UTC
CASES: list[tuple[str, pa.DataType, list[Any]]] = [
    ("bool", pa.bool_(), [True, False]),
    ("tinyint", pa.int8(), [-1, 2]),
    ("bigint", pa.int64(), [2**62, -5]),
    ("float", pa.float32(), [0.5, -1.0]),
    ("double", pa.float64(), [0.1, 1e300]),
    ("string", pa.string(), ["é日", ""]),
    ("large", pa.large_string(), ["x", "y"]),
    ("binary", pa.binary(), [b"\x00\xff", b""]),
    ("decimal", pa.decimal128(20, 4), [decimal.Decimal("1.5000"), decimal.Decimal("-2.0001")]),
    ("date", pa.date32(), [datetime.date(1900, 1, 1), datetime.date(2024, 2, 29)]),
    ("naive", pa.timestamp("us"), [datetime.datetime(2024, 1, 1, 2, 3, 4, 5), datetime.datetime(1960, 1, 1)]),
    ("instant", pa.timestamp("us", "UTC"), [datetime.datetime(2024, 1, 1, tzinfo=UTC)] * 2),
    (
        "struct",
        pa.struct([("a", pa.int64()), ("b", pa.string())]),
        [{"a": 1, "b": "x"}, {"a": None, "b": "y"}],
    ),
    ("map", pa.map_(pa.string(), pa.int64()), [{"k": 1, "l": None}, {}]),
    ("strings", pa.list_(pa.string()), [["a", None], []]),
    ("structs", pa.list_(pa.struct([("a", pa.int64())])), [[{"a": 1}], [{"a": None}]]),
    ("dictionary", pa.dictionary(pa.int32(), pa.string()), ["a", "b"]),
]


def plain(value: Any) -> Any:
    """Arrays as lists, so that values can be compared."""
    return [plain(item) for item in value] if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize(("kind", "values"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_values_as_users_see_them(kind: pa.DataType, values: list[Any]) -> None:
    expected = [values[0], None, values[1], values[0]]
    raw = [list(v.items()) if isinstance(v, dict) and pa.types.is_map(kind) else v for v in expected]
    array = pa.array(raw, kind.value_type if pa.types.is_dictionary(kind) else kind)
    array = array.dictionary_encode() if pa.types.is_dictionary(kind) else array
    batch = pa.record_batch([array], names=["v"])
    assert [plain(row["v"]) for row in rows.as_rows(batch)] == expected
    assert [plain(row["v"]) for row in rows.as_rows(batch.slice(2, 2))] == expected[2:]


@pytest.mark.parametrize(
    ("kind", "values"), [case[1:] for case in CASES[:-1]], ids=[c[0] for c in CASES[:-1]]
)
def test_the_way_back_is_exact(kind: pa.DataType, values: list[Any]) -> None:
    schema = pa.schema([("v", kind)])
    batch = columns.fitted([{"v": values[0]}, {"v": None}, {"v": values[1]}], schema)
    assert columns.fitted(rows.as_rows(batch), schema).equals(batch)


def test_integers_stay_integers_beside_nulls() -> None:
    batch = pa.record_batch([pa.array([1, None])], names=["v"])
    found = [row["v"] for row in rows.as_rows(batch)]
    assert found == [1, None]
    assert type(found[0]) is int


def test_arrays_are_numpy_arrays_over_the_same_memory() -> None:
    batch = pa.record_batch([pa.array([[1.0, 2.0], None, [], [3.0]])], names=["v"])
    first, none, empty, last = (row["v"] for row in rows.as_rows(batch))
    assert isinstance(first, np.ndarray)
    assert (first.tolist(), none, empty.tolist(), last.tolist()) == ([1.0, 2.0], None, [], [3.0])


def test_vectors_are_dense_numpy_arrays() -> None:
    kind = pa.struct(
        [
            ("type", pa.int8()),
            ("size", pa.int32()),
            ("indices", pa.list_(pa.int32())),
            ("values", pa.list_(pa.float64())),
        ]
    )
    dense = {"type": 1, "size": None, "indices": None, "values": [1.0, 2.0]}
    sparse = {"type": 0, "size": 4, "indices": [1, 3], "values": [5.0, 6.0]}
    batch = pa.record_batch([pa.array([dense, sparse, None], kind)], names=["v"])
    found = [row["v"] for row in rows.as_rows(batch)]
    assert [plain(v) for v in found] == [[1.0, 2.0], [0.0, 5.0, 0.0, 6.0], None]


def test_odd_column_names() -> None:
    batch = pa.record_batch([pa.array([1]), pa.array([2])], names=['a "b"', "class"])
    assert rows.as_rows(batch) == [{'a "b"': 1, "class": 2}]


def test_no_columns_but_rows() -> None:
    batch = pa.record_batch([pa.array([1, 2])], names=["a"]).select([])
    assert rows.as_rows(batch) == [{}, {}]
