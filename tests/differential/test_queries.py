"""The 22 queries of TPC-H and the 13 of the Star Schema Benchmark, in Spark's spelling.

Always against DuckDB's own SQL, written by hand; where Spark is installed, against Spark too.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import warehouse
from pybyzer import Session, Settings
from tests.differential import judge

SCALE = 0.01
SCHEMAS = {"tpch": ("main", warehouse.TPCH), "ssb": ("ssb", warehouse.SSB)}
ASKED = [(family, name) for family in SCHEMAS for name in warehouse.queries(family)]


@pytest.fixture(scope="module")
def made() -> Iterator[Any]:
    connection = duckdb.connect()
    warehouse.make_tpch(connection, SCALE)
    warehouse.make_ssb(connection)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def files(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("warehouse")
    for family, (schema, tables) in SCHEMAS.items():
        warehouse.export(made, directory / family, schema, tables)
    return directory


@pytest.fixture(scope="module")
def sessions(files: Path) -> Iterator[dict[str, Session]]:
    opened = {family: Session(Settings(timezone=judge.ZONE)) for family in SCHEMAS}
    for family, (_, tables) in SCHEMAS.items():
        for table in tables:
            opened[family].run_text(f"load parquet.`{files / family / table}.parquet` as {table};")
    yield opened
    for session in opened.values():
        session.close()


@pytest.fixture(scope="module")
def spark(files: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = judge.open_spark()
        yield opened
        opened.stop()


def ours(session: Session, sql: str) -> judge.Answer:
    session.run_text(f"{sql.strip()} as answer;")
    return judge.answer(session.table("answer").reader.read_all())


def close(mine: Any, theirs: Any) -> bool:
    """Whether two values agree: DuckDB's averages are doubles, ours decimals as in Spark."""
    if isinstance(mine, Decimal | float | int) and isinstance(theirs, Decimal | float | int):
        return float(mine) == pytest.approx(float(theirs), rel=1e-6, abs=1e-6)
    return bool(mine == theirs)


@pytest.mark.parametrize(("family", "name"), ASKED)
def test_same_as_duckdb_by_hand(made: Any, sessions: dict[str, Session], family: str, name: str) -> None:
    made.execute(f"set schema = '{SCHEMAS[family][0]}'")
    expected = made.execute(warehouse.queries(family, "duckdb")[name]).fetchall()
    found = ours(sessions[family], warehouse.queries(family)[name]).rows
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert all(close(a, b) for a, b in zip(mine, theirs, strict=True)), (mine, theirs)


@pytest.mark.needs("pyspark")
@pytest.mark.needs("java")
@pytest.mark.parametrize(("family", "name"), ASKED)
def test_same_as_spark(spark: Any, files: Path, sessions: dict[str, Session], family: str, name: str) -> None:
    for table in SCHEMAS[family][1]:
        spark.read.parquet(str(files / family / f"{table}.parquet")).createOrReplaceTempView(table)
    sql = warehouse.queries(family)[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = judge.spark_answer(spark, sql)
    found = ours(sessions[family], sql)
    assert expected.error is None
    assert (found.names, found.types, found.rows) == (expected.names, expected.types, expected.rows)
