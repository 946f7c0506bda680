"""The queries of TPC-H and of the Star Schema Benchmark in Spark's spelling, against DuckDB's own SQL.

Both sides read the same Parquet files, with the same number of threads, and hand over Arrow: ours as the
preview that a cell shows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import warehouse
from benchmarks.measure import Row, alternate, in_seconds, main, timed
from pybyzer import Session, Settings

SCALE = 1.0
_SCHEMAS = {"tpch": ("main", warehouse.TPCH), "ssb": ("ssb", warehouse.SSB)}
_NAMES = {"tpch": "22 TPC-H queries at SF1", "ssb": "13 Star Schema queries at SF1"}


def measure() -> list[Row]:
    import duckdb

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with duckdb.connect() as maker:
            warehouse.make_tpch(maker, SCALE)
            warehouse.make_ssb(maker)
            for family, (schema, tables) in _SCHEMAS.items():
                warehouse.export(maker, directory / family, schema, tables)
        return [_family(family, directory / family) for family in _SCHEMAS]


def _family(family: str, files: Path) -> Row:
    import duckdb

    tables = _SCHEMAS[family][1]
    written, by_hand = warehouse.queries(family), warehouse.queries(family, "duckdb")
    with Session(Settings()) as session, duckdb.connect() as connection:
        for table in tables:
            session.run_text(f"load parquet.`{files / table}.parquet` as {table};")
            connection.execute(f"create view {table} as from read_parquet('{files / table}.parquet')")

        def ours(sql: str) -> None:
            session.run_text(f"{sql.strip()} as answer;")

        def theirs(sql: str) -> int:
            return connection.sql(sql).to_arrow_table().num_rows

        for name, sql in written.items():
            ours(sql)
            mine, other = session.table("answer").reader.read_all().num_rows, theirs(by_hand[name])
            if mine != other:
                raise RuntimeError(f"{name}: {mine} rows, {other} by hand")
        a, b = alternate(timed(_all(ours, written)), timed(_all(theirs, by_hand)), warm=0)
    return Row(_NAMES[family] + ", vs DuckDB by hand", in_seconds(a), in_seconds(b), a / b, "x", 1.05)


def _all(run: Callable[[str], Any], queries: dict[str, str]) -> Callable[[], None]:
    def work() -> None:
        for sql in queries.values():
            run(sql)

    return work


if __name__ == "__main__":
    main(measure)
