"""Cutting tables into parts and partitions."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.sources import parts
from pybyzer.sources.parts import by_partition, contiguous
from tests.unit.sources.support import load, rows, save

TABLE = pa.table({"a": list(range(10))})


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
@pytest.mark.parametrize(("count", "sizes"), [(1, [10]), (3, [3, 3, 4]), (4, [2, 3, 2, 3]), (12, None)])
def test_parts_are_contiguous(
    count: int, sizes: list[int] | None, in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "IN_MEMORY", in_memory)
    with contiguous(TABLE.schema, TABLE.to_batches(max_chunksize=3), count, str(tmp_path)) as cut:
        found = [[v for batch in part for v in batch.column(0).to_pylist()] for part in cut]
    assert [value for part in found for value in part] == list(range(10))
    assert len(found) == count
    if sizes:
        assert [len(part) for part in found] == sizes
    assert list(tmp_path.iterdir()) == []


def test_partitions_keep_the_order_and_escape_names() -> None:
    batch = pa.record_batch(
        {"k": ["b/c", "a", None, "b/c", ""], "n": [1, 2, 3, 4, 5], "d": [1.0, 1.0, 1.0, 1.0, 1.0]}
    )
    found = [(folder, rows.column("n").to_pylist()) for folder, rows in by_partition(batch, ("K", "d"))]
    assert sorted(found) == [
        ("k=__HIVE_DEFAULT_PARTITION__/d=1.0", [3]),
        ("k=__HIVE_DEFAULT_PARTITION__/d=1.0", [5]),
        ("k=a/d=1.0", [2]),
        ("k=b%2Fc/d=1.0", [1, 4]),
    ]


def test_null_and_empty_text_share_a_directory(session: Session, tmp_path: Path) -> None:
    at = str(tmp_path / "t")
    save(session, pa.table({"k": ["", None, "x"], "n": [1, 2, 3]}), "json", at, by="k")
    found = sorted(rows(session, "json", at), key=lambda row: row["n"])
    assert [row["k"] for row in found] == [None, None, "x"]


def test_many_partitions_with_few_open_files(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_OPEN", 2)
    at = str(tmp_path / "t")
    many = pa.table({"k": [n % 5 for n in range(100)], "n": list(range(100))})
    save(session, many, "csv", at, by="k")
    found = load(session, "csv", at)
    assert sorted(int(n) for n in found["_c0"].to_pylist()) == list(range(100))
    assert found.schema.field("k").type == pa.int32()


@pytest.mark.parametrize("form", ["parquet", "json", "csv", "orc"])
def test_the_number_of_files(session: Session, tmp_path: Path, form: str) -> None:
    at = tmp_path / "t"
    save(session, TABLE, form, str(at), options={"fileNum": "3"})
    assert len([name for name in at.iterdir() if name.name.startswith("part-")]) == 3
    assert len(load(session, form, str(at))) == 10


def test_partitions_of_the_table_are_files(session: Session, tmp_path: Path) -> None:
    session.run_text(
        "select id from range(10) as t; run t as TableRepartition.`` where partitionNum='4' as u;"
    )
    save(session, "u", "parquet", str(tmp_path / "t"))
    assert len([name for name in (tmp_path / "t").iterdir() if name.name.startswith("part-")]) == 4


def test_partition_values_get_types(session: Session, tmp_path: Path) -> None:
    day = datetime.date(2020, 1, 2)
    table = pa.table({"n": [1, 2], "i": [1, 2], "d": [1.5, 2.5], "day": [day, day], "big": [1 << 40, 1]})
    at = str(tmp_path / "t")
    save(session, table, "parquet", at, by="i, d, day, big")
    found = load(session, "parquet", at)
    kinds = {field.name: field.type for field in found.schema}
    assert kinds["i"] == pa.int32()
    assert kinds["d"] == pa.float64()
    assert kinds["day"] == pa.date32()
    assert kinds["big"] == pa.int64()
    assert sorted(found["big"].to_pylist()) == [1, 1 << 40]
