"""``create``, ``insert``, ``drop``: tables that live in the session and can be added to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pybyzer.engines.dialect import Translation
from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.duckdb_tables import Column, Table, Tables
from pybyzer.engines.sparksql.casts import cast_sql
from pybyzer.engines.sparksql.statements import Create, Drop, Insert, Nothing, Statement, Target, Truncate
from pybyzer.engines.sparksql.types import quote
from pybyzer.errors import EngineError, UnknownName
from pybyzer.registry import did_you_mean

Translate = Callable[[Any], Translation]
View = Callable[[Translation], Table]


class Statements:
    """Runs statements that change tables."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._tables = tables

    def run(self, statement: Statement, translate: Translate, view: View) -> None:
        """``translate`` a query's tree, make a ``view`` of a translation: both are the engine's."""
        match statement:
            case Create():
                self._create(statement, translate, view)
            case Insert():
                self._insert(statement, translate, view)
            case Drop():
                self._drop(statement)
            case Truncate():
                for target in statement.targets:
                    self._change(f"DELETE FROM {quote(self._own(target).view)}", {})
            case Nothing():
                pass

    def _create(self, statement: Create, translate: Translate, view: View) -> None:
        if self._tables.find(statement.name) is not None and not statement.replace:
            if statement.keep:
                return
            raise EngineError(
                f'there is a table "{statement.name}" already',
                hint="create or replace, or create if not exists",
            )
        if statement.query is None:
            self._tables.put(statement.name, self._empty(statement))
            return
        made = view(translate(statement.query))
        if statement.view:
            self._tables.put(statement.name, made)
            return
        name = self._tables.fresh("t")
        self._tables.use(made, whole=True)
        self._change(f"CREATE TABLE {quote(name)} AS {made.select}", made.sources())
        table = Table(name, made.columns, stored=True, changing=True)
        self._tables.put(statement.name, self._tables.track(table, kind_is_table=True))

    def _empty(self, statement: Create) -> Table:
        if not statement.columns:
            raise EngineError(f'"{statement.name}" has no columns')
        name = self._tables.fresh("t")
        columns = tuple(Column(column, column, kind) for column, kind in statement.columns)
        inside = ", ".join(f"{quote(column.inner)} {column.type.duck}" for column in columns)
        self._change(f"CREATE TABLE {quote(name)} ({inside})", {})
        return self._tables.track(Table(name, columns, stored=True, changing=True), kind_is_table=True)

    def _insert(self, statement: Insert, translate: Translate, view: View) -> None:
        table = self._own(statement.target)
        made = view(translate(statement.query))
        wanted = {column.name.lower(): column for column in table.columns}
        names = statement.columns or tuple(column.name for column in table.columns)
        if len(names) != len(made.columns):
            raise EngineError(f"insert: {len(names)} columns are wanted, the query has {len(made.columns)}")
        targets, parts = [], []
        for name, given in zip(names, made.columns, strict=True):
            column = wanted.get(name.lower())
            if column is None:
                raise EngineError(f'insert: no column "{name}"', hint=did_you_mean(name, wanted))
            targets.append(quote(column.inner))
            parts.append(cast_sql(f"q.{quote(given.inner)}", given.type, column.type))
        select = f"SELECT {', '.join(parts)} FROM ({made.select}) AS q"
        into = f"INSERT INTO {quote(table.view)} ({', '.join(targets)})"
        self._tables.use(made, whole=True)
        if not statement.overwrite:
            self._change(f"{into} {select}", made.sources())
            return
        # The query may read the table itself: its answer is kept before anything goes.
        kept = self._tables.fresh("k")
        self._change(
            f"BEGIN; CREATE TABLE {kept} AS {select}; DELETE FROM {quote(table.view)}; "
            f"{into} SELECT * FROM {kept}; DROP TABLE {kept}; COMMIT",
            made.sources(),
        )

    def _drop(self, statement: Drop) -> None:
        for target in statement.targets:
            if not statement.keep_quiet:
                self._get(target)
            self._tables.drop(target.name)

    def _get(self, target: Target) -> Table:
        try:
            return self._tables.get(target.name)
        except UnknownName as error:
            error.offset, error.length = target.offset, target.length
            raise

    def _own(self, target: Target) -> Table:
        """A table made by ``create table``: others are the answer of a query or a file."""
        table = self._get(target)
        if not table.changing:
            raise EngineError(
                f'"{target.name}" is a view: nothing can be inserted',
                hint="select ... union all select ..., or create table x as select ...",
            )
        return table

    def _change(self, sql: str, sources: dict[str, Any]) -> None:
        with self._database.cursor(sources) as cursor:
            cursor.execute(sql)
