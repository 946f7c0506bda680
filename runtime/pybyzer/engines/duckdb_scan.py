"""Files read by DuckDB itself, with Spark's options and Spark's answers; else "not I"."""

from __future__ import annotations

from dataclasses import dataclass

from pybyzer.engines.base import Scan
from pybyzer.engines.duckdb_database import Cursor
from pybyzer.engines.sparksql.types import text


@dataclass(frozen=True, slots=True)
class Found:
    """A query over files; ``heavy`` when reading them again costs (parsing)."""

    sql: str
    heavy: bool = False


def scan(cursor: Cursor, scan: Scan) -> Found | None:
    """The query that reads ``scan``, or None."""
    paths = "[" + ", ".join(text(path) for path in scan.paths) + "]"
    if scan.format == "parquet":
        return Found(f"SELECT * FROM read_parquet({paths})")
    return None
