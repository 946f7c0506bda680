"""Files read by DuckDB itself, where its answer is Spark's: parquet. Else "not I"."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pybyzer.engines.base import Scan
from pybyzer.engines.sparksql.types import from_arrow, quote, text


@dataclass(frozen=True, slots=True)
class Found:
    """A query over files; ``heavy`` when reading them again costs (parsing)."""

    sql: str
    heavy: bool = False


def scan(request: Scan) -> Found | None:
    """The query that reads ``request``, or None.

    Other formats are read through Arrow: DuckDB's readers of csv and json guess where Spark does not.
    """
    if request.format != "parquet" or not request.paths or any(map(_strange, request.paths)):
        return None
    paths = "[" + ", ".join(text(path) for path in request.paths) + "]"
    merge = request.options.get("mergeSchema", "false").lower() == "true"
    # key=value directories are the caller's business: DuckDB would guess the types of the values.
    files = f"read_parquet({paths}, hive_partitioning = false, union_by_name = {str(merge).lower()})"
    if request.schema is None:
        return Found(f"SELECT * FROM {files}")
    columns = [
        f"CAST({quote(field.name)} AS {from_arrow(field.type).duck}) AS {quote(field.name)}"
        for field in request.schema
    ]
    return Found(f"SELECT {', '.join(columns)} FROM {files}")


def _strange(path: str) -> bool:
    """Whether DuckDB would not find the file, or take its name for a pattern."""
    return "://" in path or (any(sign in path for sign in "*?[") and os.path.exists(path))
