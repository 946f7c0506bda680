"""Selects in DuckDB's own SQL (``set dialect = "duckdb"``) over the tables of the session.

The text reaches DuckDB as it is. The tables it names are given to it as common table expressions before it,
so a table of either dialect can be read in both.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pybyzer.engines.base import layout
from pybyzer.engines.duckdb_database import Cursor, Database, first_line
from pybyzer.engines.duckdb_tables import Column, Table, Tables
from pybyzer.engines.sparksql.types import from_duck, quote
from pybyzer.errors import ByzerError, EngineError, ParseError, UnknownName, Unsupported
from pybyzer.registry import did_you_mean

_CHANGING = re.compile(r"\b(random|uuid|uuidv4|uuidv7|gen_random_uuid|nextval)\s*\(", re.IGNORECASE)
"""Calls that answer otherwise each time."""
_BACK = 'set dialect="spark" where type="conf"'
_NAME = re.compile(r'"((?:[^"]++|"")++)"|\w++')


def own(database: Database, tables: Tables, sql: str) -> Table:
    """The table that a query of DuckDB gives, its types widened to Spark's; errors know their place in it."""
    reads = _reads(tables, sql)
    before = _before(reads)
    # A name that the query gives itself (with t as ...) stands before ours only in a query of its own.
    before += "SELECT * FROM (\n"
    statement = f"{before}{sql}\n)"
    read_tables = tuple(dict.fromkeys(reads.values()))
    sources = {name: thing for table in read_tables for name, thing in table.sources().items()}
    with database.cursor(sources) as cursor:
        _bind(cursor, tables, statement, len(before.encode()), sql)
        found = cursor.types(statement)
    columns, projection = _columns(found)
    inner = ", ".join(quote(f"c{i}") for i in range(len(found)))
    for table in read_tables:
        table.readers += 1
    return Table(
        tables.fresh("v"),
        columns,
        reads=read_tables,
        partitions=layout([table.partitions for table in read_tables]),
        heavy=True,
        volatile=_CHANGING.search(sql) is not None,
        sql=f"SELECT {projection} FROM ({statement}) AS q({inner})",
    )


def _reads(tables: Tables, sql: str) -> dict[str, Table]:
    """The tables of the session whose names stand in a query, as it writes them."""
    names: dict[str, str] = {}
    for found in _NAME.finditer(sql):
        name = found[1].replace('""', '"') if found[1] else found[0]
        names.setdefault(name.lower(), name)
    read = {name: tables.reading(name) for name in names.values()}
    return {name: table for name, table in read.items() if table is not None}


def _before(reads: dict[str, Table]) -> str:
    parts = []
    for name, table in reads.items():
        columns = ", ".join(
            quote(c.inner) if c.inner == c.name else f"{quote(c.inner)} AS {quote(c.name)}"
            for c in table.columns
        )
        parts.append(f"{quote(name)} AS (SELECT {columns} FROM {quote(table.view)})")
    return f"WITH {', '.join(parts)}\n" if parts else ""


def _bind(cursor: Cursor, tables: Tables, statement: str, before: int, sql: str) -> None:
    """Let DuckDB look at a query without running it; what is wrong with it is an error with a place."""
    asked = "DESCRIBE "
    try:
        with _placing(cursor):
            cursor.connection.execute(asked + statement)
    except _duckdb_error() as error:
        raise _translated(error, tables, before + len(asked), sql) from None


class _placing:
    """While it is open, errors of a cursor come as JSON, which says where."""

    def __init__(self, cursor: Cursor) -> None:
        self._connection = cursor.connection

    def __enter__(self) -> None:
        self._connection.execute("SET errors_as_json = true")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("SET errors_as_json = false")


def _duckdb_error() -> Any:
    import duckdb

    return duckdb.Error


def _columns(found: list[tuple[str, Any]]) -> tuple[tuple[Column, ...], str]:
    """The columns of a result, and the select list that gives them Spark's types and names of their own."""
    from pybyzer.engines.duckdb_ingest import plain, unique

    columns, parts = [], []
    seen: set[str] = set()
    for i, (name, kind) in enumerate(found):
        type_ = from_duck(kind)
        if type_.kind == "unknown":
            raise Unsupported(
                f'column "{name}" has the type {kind}, which tables here do not have',
                hint="cast it: x::varchar",
            )
        inner = unique(name, seen)
        columns.append(Column(name, inner, type_))
        value = quote(f"c{i}")
        if str(kind).lower() != plain(type_):
            value = f"CAST({value} AS {type_.duck})"
        parts.append(f"{value} AS {quote(inner)}")
    return tuple(columns), ", ".join(parts)


def _translated(error: BaseException, tables: Tables, before: int, sql: str) -> ByzerError:
    """Our error for one that DuckDB gave as JSON; ``before`` are the bytes before ``sql`` in what it read."""
    written = str(error)
    try:
        detail, _ = json.JSONDecoder().raw_decode(written, written.index("{"))
    except ValueError:
        return EngineError(first_line(error))
    message = str(detail.get("exception_message", "")).splitlines()
    text = message[0] if message else first_line(error)
    hint = next((line for line in message[1:] if line.startswith(("Did you mean", "Candidate"))), None)
    made: ByzerError
    if detail.get("type") == "Table" and detail.get("name"):
        name = str(detail["name"])
        made = UnknownName(f'no table "{name}"', hint=did_you_mean(name, tables.names()))
    elif detail.get("exception_type") == "Parser":
        made = ParseError(f"SQL syntax: {text}", hint=f"selects are in DuckDB's own SQL now; {_BACK}")
    elif str(detail.get("type")).endswith("Function"):
        made = UnknownName(
            f'DuckDB has no function "{detail.get("name")}"', hint=f"functions of Spark: {_BACK}"
        )
    else:
        made = EngineError(text, hint=hint)
    place = re.fullmatch(r"\[(\d+),(\d+)\]", str(detail.get("location", "")))
    if place is not None and int(place[1]) >= before:
        data = sql.encode()
        start, length = int(place[1]) - before, int(place[2])
        made.offset = len(data[:start].decode(errors="ignore"))
        made.length = max(1, len(data[start : start + length].decode(errors="ignore")))
    return made
