"""Rows of a table changed by key: staged in a temporary table, then joined by the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pybyzer.databases.base import Database
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa


def matched(database: Database, table: str, names: Sequence[str]) -> list[str]:
    """The table's columns for the saved ones, by name in any case."""
    there = [column.name for column in database.columns(table)]
    folded = {name.lower(): name for name in there}
    for name in names:
        if name.lower() not in folded:
            hint = did_you_mean(name, there)
            raise UnknownName(f'the table in the database has no column "{name}"', hint=hint).about("path")
    return [name if name in there else folded[name.lower()] for name in names]


def key_columns(option: str, text: str, columns: Sequence[str]) -> list[str]:
    """The columns that an option names, separated by commas, as they are written in the table."""
    folded = {name.lower(): name for name in columns}
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for key in keys:
        if key.lower() not in folded:
            hint = did_you_mean(key, columns)
            raise UnknownName(f'{option}: the saved table has no column "{key}"', hint=hint).about(option)
    return [folded[key.lower()] for key in keys]


def upserted(
    database: Database, table: str, columns: Sequence[str], keys: Sequence[str], rows: pa.RecordBatchReader
) -> int:
    """Rows with a known key are updated, the others inserted; the number of saved rows."""
    stage, count = _staged(database, table, columns, keys, rows, option="idCol")
    _update(database, table, stage, columns, keys)
    everything = ", ".join(map(database.quoted, columns))
    database.execute(
        f"INSERT INTO {table} ({everything}) SELECT {everything} FROM {stage} AS s"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {database.same_key('t', keys)})"
    )
    return count


def updated(
    database: Database, table: str, columns: Sequence[str], keys: Sequence[str], rows: pa.RecordBatchReader
) -> int:
    """Rows with a known key are updated, the others left out; the number of rows that were given."""
    stage, count = _staged(database, table, columns, keys, rows, option="keyCol")
    _update(database, table, stage, columns, keys)
    return count


def _staged(
    database: Database,
    table: str,
    columns: Sequence[str],
    keys: Sequence[str],
    rows: pa.RecordBatchReader,
    *,
    option: str,
) -> tuple[str, int]:
    """A temporary table with the rows, and their number; a key that occurs twice is an error."""
    stage = database.create_like(table, columns)
    count = database.insert(stage, columns, rows)
    listed = ", ".join(map(database.quoted, keys))
    # NULL is no key, as in a unique index.
    known = " AND ".join(f"{database.quoted(key)} IS NOT NULL" for key in keys)
    twice = f"SELECT 1 FROM {stage} WHERE {known} GROUP BY {listed} HAVING COUNT(*) > 1 LIMIT 1"
    if database.first(twice) is not None:
        raise BadOption(
            f"several rows of the saved table have the same key ({', '.join(keys)})",
            option=option,
            hint="keep one of them in a select before",
        )
    return stage, count


def _update(database: Database, table: str, stage: str, columns: Sequence[str], keys: Sequence[str]) -> None:
    others = [name for name in columns if name not in keys]
    if others:
        database.update(table, stage, keys, others)
