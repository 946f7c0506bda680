"""Runs a SELECT on real Spark and on our engine, and compares names, types and values.

Spark is the judge of the dialect (ANSI mode off, as Byzer-lang has it). A line of the corpus that
starts with ``refused:`` is a query that we refuse by name and Spark answers; anything else must agree.
"""

from __future__ import annotations

import datetime
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from pybyzer.arrow import canonical, type_name
from pybyzer.errors import ByzerError

CORPUS = Path(__file__).parent / "corpus"
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Case:
    """A query of the corpus. ``unordered``: rows may come in any order; ``names``: whether they count."""

    file: str
    line: int
    sql: str
    refused: bool = False
    unordered: bool = False
    names: bool = True

    @property
    def id(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Answer:
    """A result as plain values, or the error there was."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: BaseException | None = None


def cases() -> list[Case]:
    """The corpus: one query a line; ``--`` comments; marks before a query, separated by blanks."""
    found = []
    for path in sorted(CORPUS.glob("*.sql")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            sql, marks = line.strip(), set()
            while sql.split(" ", 1)[0] in ("refused:", "unordered:", "unnamed:"):
                mark, sql = sql.split(" ", 1)
                marks.add(mark)
            if sql and not sql.startswith("--"):
                found.append(
                    Case(
                        path.stem,
                        number,
                        sql,
                        "refused:" in marks,
                        "unordered:" in marks,
                        "unnamed:" not in marks,
                    )
                )
    return found


def tables() -> dict[str, pa.Table]:
    """The tables the corpus reads."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return {
        "t": pa.table(
            {
                "id": pa.array([1, 2, 3, 4], pa.int32()),
                "k": ["a", "b", "a", None],
                "x": pa.array([1.5, None, math.nan, -0.5], pa.float64()),
                "csv": ["x,y,z", "p", None, ""],
                "d": pa.array(
                    [Decimal("1.10"), Decimal("2.25"), None, Decimal("-3.35")], pa.decimal128(10, 2)
                ),
                "b": pa.array([10**10, 2, -3, None], pa.int64()),
                "f": pa.array([True, False, None, True]),
            }
        ),
        "n": pa.table(
            {
                "a": pa.array([[10, 20, None, 30]], pa.list_(pa.int32())),
                "m": pa.array([[("k", 1), ("j", 2)]], pa.map_(pa.string(), pa.int32())),
                "st": pa.array([{"p": 7, "q": "seven"}], pa.struct([("p", pa.int32()), ("q", pa.string())])),
                "js": ['{"a": {"b": [1, 2.50, "x"]}, "c": "text", "n": null, "t": true}'],
                "ts": pa.array(
                    [datetime.datetime(2024, 2, 29, 13, 4, 5, 678901, tzinfo=zone)], pa.timestamp("us", "UTC")
                ),
                "dt": pa.array([datetime.date(2024, 2, 29)]),
                "bin": pa.array([b"bytes"], pa.binary()),
                "ss": pa.array([["b", "a", None, "b"]], pa.list_(pa.string())),
            }
        ),
    }


def open_spark() -> Any:
    """A local Spark that answers as Byzer-lang's would."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", ZONE)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    for name, table in tables().items():
        spark.createDataFrame(table).createOrReplaceTempView(name)
    return spark


def spark_answer(spark: Any, sql: str) -> Answer:
    """Spark's answer."""
    try:
        return answer(spark.sql(sql).toArrow())
    except Exception as error:  # any error of Spark is its answer
        return Answer(error=error)


def open_engine() -> Any:
    """Our engine with the same tables and time zone."""
    from pybyzer.engines.duckdb import DuckDBEngine
    from pybyzer.settings import Settings

    engine = DuckDBEngine(Settings(timezone=ZONE), lambda _: None)
    for name, table in tables().items():
        engine.ingest(name, table)
    return engine


def our_answer(engine: Any, sql: str) -> Answer:
    """Our answer; only errors a user may see are answers."""
    try:
        engine.query(sql, "answer")
        return answer(engine.stream("answer").reader.read_all())
    except ByzerError as error:
        return Answer(error=error)


def answer(table: pa.Table) -> Answer:
    columns = [_values(table.column(index)) for index in range(table.num_columns)]
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    return Answer(tuple(table.column_names), tuple(_type(f.type) for f in table.schema), rows)


def _type(kind: pa.DataType) -> str:
    # A column of nothing but NULL has no type in Spark and a text's in DuckDB.
    return "string" if pa.types.is_null(kind) else type_name(canonical(kind)).replace("void", "string")


def _values(column: pa.ChunkedArray) -> list[Any]:
    return [_plain(value) for value in column.to_pylist()]


def _plain(value: Any) -> Any:
    match value:
        case float():
            return "NaN" if math.isnan(value) else float(f"{value:.12g}")
        case datetime.datetime() if value.tzinfo is not None:
            return value.astimezone(datetime.UTC)
        case dict():
            return tuple((key, _plain(item)) for key, item in value.items())
        case list():
            return [_plain(item) for item in value]
        case tuple():
            return tuple(_plain(item) for item in value)
        case _:
            return value


def difference(case: Case, spark: Answer, ours: Answer) -> str | None:
    """What is different, or None."""
    if case.refused:
        return None if ours.error is not None else f"is answered now: {ours}"
    if spark.error is not None:
        return (
            None if ours.error is not None else f"Spark refuses ({_line(spark.error)}), we answer {ours.rows}"
        )
    if ours.error is not None:
        return f"we refuse: {_line(ours.error)}\n  Spark: {spark.types} {spark.rows}"
    checks: list[tuple[str, Callable[[Answer], Any]]] = [
        ("types", lambda answer: answer.types),
        ("rows", lambda answer: sorted(answer.rows, key=repr) if case.unordered else answer.rows),
    ]
    if case.names:
        checks.append(("names", lambda answer: answer.names))
    for what, get in checks:
        if get(spark) != get(ours):
            return f"{what} differ\n  Spark: {get(spark)}\n  ours:  {get(ours)}"
    return None


def _line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:300]
