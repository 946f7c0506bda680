"""Tables like those of TPC-H and of the Star Schema Benchmark, made by DuckDB's SQL, and their queries.

The values are drawn from hashes of row numbers, so every run makes the same tables. They have the columns,
types, key ranges and words that the queries speak of; they are not dbgen's rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

TPCH = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
SSB = ("dates", "customer", "supplier", "part", "lineorder")


def queries(family: str, dialect: str = "spark") -> dict[str, str]:
    """The queries of ``tpch`` or ``ssb``: Spark's spelling, or DuckDB's (by hand, where it differs)."""
    found = {}
    for path in sorted((HERE / family).glob("*.sql")):
        if path.name.endswith(".duckdb.sql"):
            continue
        twin = path.with_suffix(".duckdb.sql")
        found[path.stem] = (twin if dialect == "duckdb" and twin.exists() else path).read_text("utf-8")
    return found


def make_tpch(connection: Any, scale: float) -> None:
    """Create the eight tables in a DuckDB connection; ``scale`` 1 has six million rows in ``lineitem``."""
    text = (HERE / "tpch.sql").read_text("utf-8")
    connection.execute(
        text.format(
            suppliers=max(10, int(10_000 * scale)),
            customers=max(30, int(150_000 * scale)),
            parts=max(40, int(200_000 * scale)),
            orders=max(100, int(1_500_000 * scale)),
        )
    )


def make_ssb(connection: Any) -> None:
    """Create the five tables of the star schema (schema ``ssb``) from those of ``make_tpch``."""
    connection.execute("create schema if not exists ssb")
    connection.execute((HERE / "ssb.sql").read_text("utf-8"))


def export(connection: Any, directory: Path, schema: str, tables: tuple[str, ...]) -> None:
    """Write tables as Parquet files into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for table in tables:
        connection.execute(f"copy {schema}.{table} to '{directory / table}.parquet' (format parquet)")
