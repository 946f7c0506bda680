"""TableRepartition: how many partitions, and that equal values never lie in two of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pybyzer import Session
from pybyzer.sources.parts import contiguous

KEYS = [None, *(n % 7 for n in range(50)), *([3] * 40)]
ROWS = pa.table({"k": pa.array(KEYS, pa.int32()), "s": ["x"] * len(KEYS), "n": list(range(len(KEYS)))})


def _parts(session: Session, table: str) -> list[list[dict[str, Any]]]:
    """The rows of each partition, as a consumer that works in parallel sees them."""
    stream = session.table(table)
    with contiguous(stream.schema, stream.reader, stream.layout) as cut:
        return [pa.Table.from_batches(list(part), stream.schema).to_pylist() for part in cut]


def _repartition(session: Session, options: str) -> list[list[dict[str, Any]]]:
    session.engine.ingest("t", ROWS)
    session.run_text(f"run t as TableRepartition.`` where {options} as u;")
    return _parts(session, "u")


def _check(parts: list[list[dict[str, Any]]], *columns: str) -> None:
    """All rows are there, and no key is in two parts."""
    assert sorted(row["n"] for part in parts for row in part) == list(range(ROWS.num_rows))
    keys = [{tuple(row[c] for c in columns) for row in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))


@pytest.mark.parametrize("kind", ["hash", "range"])
@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_equal_values_are_in_one_partition(session: Session, kind: str, count: int) -> None:
    options = f'partitionNum="{count}" and partitionType="{kind}" and partitionCols="k"'
    parts = _repartition(session, options)
    assert len(parts) == count
    _check(parts, "k")


def test_several_columns(session: Session) -> None:
    _check(_repartition(session, 'partitionNum="4" and partitionCols="k, s"'), "k", "s")


def test_a_hash_partition_is_the_one_that_spark_chooses(session: Session) -> None:
    parts = _repartition(session, 'partitionNum="5" and partitionCols="k"')
    # Spark: hash(1) is -559580957, hash(2) 1765031574, hash(3) -1823081949, hash(4) -397064898, of NULL 42.
    found = {row["k"]: number for number, part in enumerate(parts) for row in part}
    assert [found[k] for k in (1, 2, 3, 4, None)] == [3, 4, 1, 2, 2]


def test_ranges_are_in_order(session: Session) -> None:
    parts = _repartition(session, 'partitionNum="3" and partitionType="range" and partitionCols="k"')
    values = [row["k"] for part in parts for row in part]
    assert values == sorted(values, key=lambda k: (k is not None, k))


def test_ranges_of_different_values_are_of_like_size(session: Session) -> None:
    session.run_text(
        "select id from range(100) as t;"
        "run t as TableRepartition.`` where partitionNum='3' and partitionType='range'"
        " and partitionCols='id' as u;"
    )
    assert [len(part) for part in _parts(session, "u")] == [34, 33, 33]


def test_an_empty_table(session: Session) -> None:
    session.engine.ingest("t", ROWS.slice(0, 0))
    session.run_text("run t as TableRepartition.`` where partitionNum='3' and partitionCols='k' as u;")
    assert _parts(session, "u") == [[], [], []]


def test_files_hold_the_partitions(session: Session, tmp_path: Path) -> None:
    for form in ("parquet", "delta"):
        _repartition(session, 'partitionNum="3" and partitionCols="k"')
        session.run_text(f"save overwrite u as {form}.`{tmp_path}/{form}/out`;")
        files = sorted((tmp_path / form / "out").glob("part-*.parquet"))
        assert len(files) == 3
        _check([pq.read_table(path).to_pylist() for path in files], "k")


def test_a_cell_gets_the_partitions(session: Session) -> None:
    _repartition(session, 'partitionNum="3" and partitionCols="k"')
    from pybyzer_magics.router import route

    cell, front_end = route(
        "#%python\n#%input=u\n#%output=keys\n#%schema=st(field(part,integer),field(k,integer))\n"
        "from pyjava.api.mlsql import RayContext\n"
        "servers = RayContext.connect(globals(), None).data_servers()\n"
        "parts = [list(RayContext.collect_from([server])) for server in servers]\n"
        "context.build_result({'part': i, 'k': row['k']} for i, part in enumerate(parts) for row in part)\n"
    )
    session.run(front_end.statements(cell))
    found = session.table("keys").reader.read_all().to_pylist()
    assert len(found) == ROWS.num_rows
    assert len({(row["part"], row["k"]) for row in found}) == len(set(KEYS))
