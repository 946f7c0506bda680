"""Tables on their way into a database: one transaction, so that a failed save leaves what was there.

A new table is filled under another name and takes its place at the end: readers wait only for that.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress

from pybyzer.context import Context
from pybyzer.databases.access import Access
from pybyzer.databases.base import Database
from pybyzer.databases.changes import key_columns, matched, upserted
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.jdbc_read import place

_COLUMN_TYPE = re.compile(r"\s*(?:`([^`]+)`|\"([^\"]+)\"|(\w+))\s+(.+?)\s*\Z", re.DOTALL)


def save(ctx: Context, request: SaveRequest, at: Access) -> int:
    """Save ``request.table``; the number of rows written."""
    schema = ctx.engine.schema(request.table)
    _refuse_twice(schema.names)
    database = at.open(ctx.settings.timezone)
    ctx.on_cancel.append(database.cancel)
    try:
        parts = database.parts(at.name)
        exists = database.exists(parts)
        if exists and request.mode is Mode.IGNORE:
            return 0
        if exists and request.mode is Mode.ERROR:
            raise BadOption(
                f'{at.target.shown} has a table "{".".join(parts)}" already',
                option="path",
                hint="save overwrite replaces it, save append adds to it",
            )
        if request.mode is Mode.OVERWRITE or at.target.kind == "sqlite":
            ctx.engine.settle([place(at, at.name)])
        with database.explained("cannot write"):
            rows = _written(ctx, request, at, database, parts if exists else None)
            database.commit()
        return rows
    finally:
        # What was not committed is taken back.
        ctx.on_cancel.remove(database.cancel)
        database.close()


def _written(
    ctx: Context, request: SaveRequest, at: Access, database: Database, there: list[str] | None
) -> int:
    keep = at.options["truncate"].lower() == "true"
    if there is None or (request.mode is Mode.OVERWRITE and not keep):
        return _anew(ctx, request, at, database, there)
    schema = ctx.engine.schema(request.table)
    table = database.table_name(there)
    columns = matched(database, table, schema.names)
    rows = ctx.engine.stream(request.table).reader
    if request.mode is Mode.OVERWRITE:
        database.clear(table)
    keys = key_columns("idCol", at.options.get("idCol", ""), columns)
    if keys and request.mode is Mode.APPEND:
        return upserted(database, table, columns, keys, rows)
    return database.insert(table, columns, rows)


def _anew(ctx: Context, request: SaveRequest, at: Access, database: Database, there: list[str] | None) -> int:
    """A new table, in the place of the old one if there is one."""
    goal = there or database.parts(at.name)
    fresh = [*goal[:-1], f"{goal[-1][:40]}_{uuid.uuid4().hex[:8]}"]
    schema = ctx.engine.schema(request.table)
    chosen = _chosen_types(at.options, schema.names)
    types = [(f.name, chosen.get(f.name.lower()) or database.type_name(f.type, f.name)) for f in schema]
    name = database.table_name(fresh)
    database.create(name, types, at.options.get("createTableOptions", ""))
    try:
        rows = database.insert(name, schema.names, ctx.engine.stream(request.table).reader)
        database.replace(there, fresh, goal)
    except BaseException:
        if not database.drops_in_transaction:
            # Nothing can be done when the connection is gone; the first error says so.
            with suppress(*database.driver_errors()):
                database.execute(f"DROP TABLE IF EXISTS {name}")
        raise
    return rows


def _chosen_types(options: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """``createTableColumnTypes``: the types of some columns, by name in lower case."""
    chosen: dict[str, str] = {}
    for text in _at_commas(options.get("createTableColumnTypes", "")):
        found = _COLUMN_TYPE.match(text)
        if found is None:
            raise BadOption(
                f'createTableColumnTypes: "{text.strip()}" is not a name and a type',
                option="createTableColumnTypes",
                hint="as in name varchar(64), price decimal(10, 2)",
            )
        name = found[1] or found[2] or found[3]
        if name.lower() not in [n.lower() for n in names]:
            missing = UnknownName(
                f'createTableColumnTypes: the saved table has no column "{name}"',
                hint=did_you_mean(name, names),
            )
            raise missing.about("createTableColumnTypes")
        chosen[name.lower()] = found[4]
    return chosen


def _at_commas(text: str) -> Iterator[str]:
    """The parts between commas that are in no parentheses."""
    depth, start = 0, 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    if text[start:].strip():
        yield text[start:]


def _refuse_twice(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise BadOption(f'the table has two columns "{name}"', hint="rename one of them in a select")
        seen.add(name.lower())
