"""Rows to Arrow: declared and inferred types, names and positions, what is refused."""

from __future__ import annotations

import datetime
import decimal
from collections import OrderedDict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pybyzer_worker import blocks, columns, outputs, spool

VECTOR = pa.struct(
    [
        ("type", pa.int8()),
        ("size", pa.int32()),
        ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)


def fit(value: Any, kind: pa.DataType) -> Any:
    return columns.fitted([{"a": value}], pa.schema([("a", kind)])).column(0)[0].as_py()


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, pa.int8(), None),
        (3.0, pa.int64(), 3),
        (np.int32(3), pa.int8(), 3),
        (True, pa.int32(), 1),
        (float("nan"), pa.int32(), None),
        (1, pa.float64(), 1.0),
        (np.float32(0.5), pa.float32(), 0.5),
        (decimal.Decimal("1.5"), pa.float64(), 1.5),
        (0.1, pa.decimal128(10, 2), decimal.Decimal("0.10")),
        (np.bool_(True), pa.bool_(), True),
        (1, pa.bool_(), True),
        (bytearray(b"x"), pa.binary(), b"x"),
        (memoryview(b"x"), pa.binary(), b"x"),
        (np.array([1, 255], np.uint8), pa.binary(), b"\x01\xff"),
        (datetime.datetime(2024, 1, 2), pa.date32(), datetime.date(2024, 1, 2)),
        (datetime.date(2024, 1, 2), pa.timestamp("us"), datetime.datetime(2024, 1, 2)),
        (np.datetime64("2024-01-02T03:04:05"), pa.timestamp("us"), datetime.datetime(2024, 1, 2, 3, 4, 5)),
        ({"k": 1}, pa.map_(pa.string(), pa.int64()), [("k", 1)]),
        ([{"k": None}], pa.list_(pa.map_(pa.string(), pa.int64())), [[("k", None)]]),
        (np.arange(4).reshape(2, 2), pa.list_(pa.list_(pa.int16())), [[0, 1], [2, 3]]),
        ((1, "x"), pa.struct([("i", pa.int8()), ("s", pa.string())]), {"i": 1, "s": "x"}),
        ({"s": "x"}, pa.struct([("i", pa.int8()), ("s", pa.string())]), {"i": None, "s": "x"}),
        ([1, 2.5], VECTOR, {"type": 1, "size": None, "indices": None, "values": [1.0, 2.5]}),
    ],
)
def test_values_of_a_declared_type(value: Any, kind: pa.DataType, expected: Any) -> None:
    assert fit(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, pa.int32()),
        (2**53 + 1, pa.float64()),
        ([1, 2.5], pa.list_(pa.int64())),
        (300, pa.int8()),
        ("1", pa.int32()),
        ("1.5", pa.float64()),
        (1, pa.string()),
        ("x", pa.binary()),
        ("yes", pa.bool_()),
        ("abc", pa.list_(pa.string())),
        (datetime.datetime(2024, 1, 2, 3), pa.date32()),
        (b"x", pa.string()),
        ({"x": 1}, pa.struct([("i", pa.int8())])),
        (decimal.Decimal("1.234"), pa.decimal128(5, 2)),
    ],
)
def test_values_that_would_change_are_refused(value: Any, kind: pa.DataType) -> None:
    rows = [{"a": None}, {"a": value}]
    with pytest.raises(columns.BadRow, match='row 8, column "a"'):
        columns.fitted(rows, pa.schema([("a", kind)]), first=7)


def test_columns_by_name_then_by_position() -> None:
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])
    rows = [{"b": "x", "a": 1}, {"x": 2, "y": "y"}, {"a": 3}, {"a": 4, "b": "z", "c": 0}]
    assert columns.fitted(rows, schema).to_pydict() == {"a": [1, 2, 3, 4], "b": ["x", "y", None, "z"]}


def test_any_mapping_is_a_row() -> None:
    assert columns.inferred([OrderedDict(a=1)]).to_pydict() == {"a": [1]}


def test_inferred_columns_in_order_of_appearance() -> None:
    batch = columns.inferred([{"b": 1}, {"a": "x", "b": None}])
    assert batch.to_pydict() == {"b": [1, None], "a": [None, "x"]}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], pa.int64()),
        ([1, 2.5], pa.float64()),
        ([np.float32(1), None], pa.float32()),
        ([np.int64(1), 2], pa.int64()),
        ([[1], [2, 3]], pa.list_(pa.int64())),
        ([np.array([1.0])], pa.list_(pa.float64())),
        ([np.zeros((2, 2))], pa.list_(pa.list_(pa.float64()))),
        ([{"x": 1}, {"y": "b"}], pa.struct([("x", pa.int64()), ("y", pa.string())])),
        ([datetime.datetime(2024, 1, 1)], pa.timestamp("us")),
        ([datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)], pa.timestamp("us", "UTC")),
        ([datetime.date(2024, 1, 1)], pa.date32()),
        ([b"x"], pa.binary()),
        ([None], pa.null()),
    ],
)
def test_inferred_types(values: list[Any], kind: pa.DataType) -> None:
    assert columns.inferred([{"a": value} for value in values]).schema.field("a").type == kind


def test_mixed_values_name_the_first_that_differs() -> None:
    with pytest.raises(
        columns.BadRow, match=r"row 2, column .a.: cannot use 'x' .* after values of type int"
    ):
        columns.inferred([{"a": 1}, {"a": 2}, {"a": "x"}])


def test_types_widen_from_block_to_block(tmp_path: Any) -> None:
    sink = outputs.Sink([str(tmp_path)], "t")
    for block in ([{"a": None, "b": 1}], [{"a": 1, "b": 2}], [{"a": 2.5, "b": 3, "c": {"x": 1}}]):
        sink.write(columns.inferred(block))
    result = sink.close()
    schema = spool.decode(result["schema"])
    read = [columns.cast(b, schema) for f in result["files"] for b in spool.read(spool.cut([f], 1)[0])]
    assert pa.Table.from_batches(read).to_pydict() == {
        "a": [None, 1.0, 2.5],
        "b": [1, 2, 3],
        "c": [None, None, {"x": 1}],
    }


def test_blocks_that_do_not_go_together(tmp_path: Any) -> None:
    sink = outputs.Sink([str(tmp_path)], "t")
    sink.write(columns.inferred([{"a": 1}]))
    with pytest.raises(columns.BadRow, match='column "a" holds int64 and later string'):
        sink.write(columns.inferred([{"a": "x"}]))


def test_large_rows_make_small_blocks() -> None:
    rows = ({"a": bytes(8 << 20)} for _ in range(5))
    assert [len(block) for block in blocks.blocks(rows)] == [2, 2, 1]


def test_a_small_row_before_large_ones_is_no_excuse() -> None:
    rows = ({"a": bytes(i and 1 << 20)} for i in range(100))
    assert max(len(block) for block in blocks.blocks(rows)) <= 20
    assert [len(block) for block in blocks.blocks({"a": i} for i in range(20_000))] == [16384, 3616]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_parts_are_contiguous_and_even(count: int) -> None:
    files = [{"path": "a", "batches": [3, 0, 4]}, {"path": "b", "batches": [1]}]
    parts = spool.cut(files, count)
    assert sum(spool.rows_of(part) for part in parts) == 8
    assert max(map(spool.rows_of, parts)) - min(map(spool.rows_of, parts)) <= 1
    flat = [(path, batch, first + i) for part in parts for path, batch, first, n in part for i in range(n)]
    assert flat == [("a", 0, i) for i in range(3)] + [("a", 2, i) for i in range(4)] + [("b", 0, 0)]
