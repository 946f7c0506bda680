"""Tables written as files by DuckDB itself into a fresh directory; else "not I"."""

from __future__ import annotations

from pybyzer.engines.base import Write
from pybyzer.engines.duckdb_database import Cursor
from pybyzer.engines.duckdb_tables import Table


def write(table: Table, write: Write) -> str | None:
    """The statement that writes ``table``, or None."""
    return None


def run(cursor: Cursor, write: Write, statement: str) -> None:
    """Run it."""
