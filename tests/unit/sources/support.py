"""A session's context and small ways to load and save, for tests of formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pybyzer import Session


def save(  # noqa: PLR0917 - in the order of the statement
    session: Session,
    rows: pa.Table | str,
    form: str,
    path: str,
    mode: str = "overwrite",
    options: Mapping[str, str] | None = None,
    by: str = "",
) -> None:
    """Save an Arrow table (or the table of that name)."""
    name = rows
    if isinstance(rows, pa.Table):
        name = "saved_rows"
        session.engine.ingest(name, rows)
    tail = f" partitionBy {by}" if by else ""
    session.run_text(f"save {mode} {name} as {form}.`{path}` {where(options)}{tail};")


def load(session: Session, form: str, path: str, options: Mapping[str, str] | None = None) -> pa.Table:
    """The rows that a load gives."""
    session.run_text(f"load {form}.`{path}` {where(options)} as loaded_rows;")
    return session.table("loaded_rows").reader.read_all()


def rows(session: Session, form: str, path: str, options: Mapping[str, str] | None = None) -> list[Any]:
    """The same as dictionaries."""
    return load(session, form, path, options).to_pylist()  # type: ignore[no-any-return]


def where(options: Mapping[str, str] | None) -> str:
    """Options as text."""
    pairs = [f"`{key}`='''{value}'''" for key, value in (options or {}).items()]
    return "where " + " and ".join(pairs) if pairs else ""
