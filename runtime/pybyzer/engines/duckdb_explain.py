"""How DuckDB will run a table: the SQL it is given, its plan, and what the engine uses of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.engines.sparksql.types import text

if TYPE_CHECKING:
    from pybyzer.engines.duckdb_database import Database
    from pybyzer.engines.duckdb_tables import Table


def explain(database: Database, table: Table, *, extended: bool = False) -> dict[str, str]:
    """``sql``: the query in DuckDB's SQL, with the views it reads; ``plan``: how it will be run.

    ``extended`` gives the logical plans too. Nothing is computed.
    """
    with database.cursor(table.sources()) as cursor:
        cursor.clean = False  # what is set here is not for the next statement
        names = ", ".join(text(part.view) for part in table.below())
        found = cursor.rows(f"SELECT view_name, sql FROM duckdb_views() WHERE view_name IN ({names})")
        views = dict(found)
        lines = [views[part.view] for part in table.below() if part.view in views]
        if table.view not in views:
            lines.append(table.select)
        if extended:
            cursor.execute("SET explain_output = 'all'")
        plans = cursor.rows(f"EXPLAIN {table.select}")
    plan = "\n".join(f"-- {kind}\n{plan}" if extended else str(plan) for kind, plan in plans)
    return {"sql": "\n".join(lines), "plan": plan.rstrip()}


def resources(database: Database) -> dict[str, int]:
    """``engineMemory`` and ``engineSpill`` in bytes, ``engineMemoryLimit`` in bytes, ``engineThreads``."""
    with database.cursor() as cursor:
        ((memory, spill, limit, threads),) = cursor.rows(
            "SELECT sum(memory_usage_bytes)::BIGINT, sum(temporary_storage_bytes)::BIGINT,"
            " current_setting('memory_limit'), current_setting('threads') FROM duckdb_memory()"
        )
    return {
        "engineMemory": memory,
        "engineSpill": spill,
        "engineMemoryLimit": _bytes(limit),
        "engineThreads": int(threads),
    }


_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_DECIMAL = {"bytes": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _bytes(shown: str) -> int:
    """``1.5 GiB`` as a number of bytes."""
    number, _, unit = shown.partition(" ")
    return int(float(number) * (_UNITS | _DECIMAL)[unit])
