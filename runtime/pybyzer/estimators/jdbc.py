"""JDBC and JDBCUpdatExt: statements run in a database, rows of a table updated there by key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.databases.access import CONNECTION, Access, access
from pybyzer.databases.base import Database
from pybyzer.databases.changes import key_columns, matched, updated
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest

if TYPE_CHECKING:
    import pyarrow as pa

_FETCH_ROWS = 10_000
_NUMBERED = re.compile(r"driver-statement-(\d+)\Z")
_QUERY = "driver-statement-query"


@ESTIMATORS.register("JDBC")
class JdbcStatements(Estimator):
    """Runs statements in the order of their numbers, in one transaction: all of them count, or none.

    The path is that of a load: ``db1._`` for what ``connect jdbc ... as db1`` named.
    """

    name = "JDBC"
    description = "runs statements in a database, or keeps the rows of a query"
    example = """
run command as JDBC.`_` where url="jdbc:sqlite::memory:"
    and `driver-statement-0`="create table people (id int, name text)"
    and `driver-statement-1`="insert into people values (1, 'Ann')";
"""
    parameters = (
        *CONNECTION,
        Parameter("driver-statement-*", "0, 1, ...: the statements; query: the select of sqlMode query"),
        Parameter(
            "sqlMode", "ddl: run statements; query: the result is a table", "ddl", choices=("ddl", "query")
        ),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        at = access(ctx, self.name, self.parameters, request.path, request.options)
        query = at.options["sqlMode"].lower() == "query"
        if query and not at.options.get(_QUERY):
            raise BadOption(f"{_QUERY} is required", option="sqlMode", hint=f'`{_QUERY}`="select ..."')
        statements = {} if query else _numbered(at)
        if not query and not statements:
            raise BadOption("driver-statement-0 is required", hint='`driver-statement-0`="drop table t"')
        database = at.open(ctx.settings.timezone)
        ctx.on_cancel.append(database.cancel)
        try:
            if query:
                with database.explained("cannot read"):
                    ctx.engine.ingest(request.output, _rows(database, at.options[_QUERY]))
            else:
                for option, sql in statements.items():
                    with database.explained(f"{option} failed on"):
                        database.execute(sql)
                ctx.engine.query("select cast(null as string) as value where 1 = 0", request.output)
            database.commit()
        finally:
            ctx.on_cancel.remove(database.cancel)
            database.close()

    predict = fit


@ESTIMATORS.register("JDBCUpdatExt")
class JdbcUpdate(Estimator):
    """Rows of ``db.table`` whose key is in the input get the input's other columns."""

    name = "JDBCUpdatExt"
    description = "updates rows of a database's table by key"
    example = """
connect jdbc where url="jdbc:sqlite:/tmp/people.db" as people_db;
select 1 as id, "Ann" as name as changed;
run changed as JDBCUpdatExt.`people_db.people` where keyCol="id" as updated;
"""
    parameters = (
        *CONNECTION,
        Parameter("keyCol", "columns that identify a row, separated by commas", required=True),
        Parameter("whereCol", "further columns that must be equal"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        at = access(ctx, self.name, self.parameters, request.path, request.options)
        database = at.open(ctx.settings.timezone)
        ctx.on_cancel.append(database.cancel)
        try:
            parts = database.parts(at.name)
            if not database.exists(parts):
                raise database.missing(parts).about("path")
            with database.explained("cannot write"):
                table = database.table_name(parts)
                columns = matched(database, table, ctx.engine.schema(request.table).names)
                wanted = f"{at.options['keyCol']},{at.options.get('whereCol', '')}"
                keys = key_columns("keyCol", wanted, columns)
                updated(database, table, columns, keys, ctx.engine.stream(request.table).reader)
                database.commit()
        finally:
            ctx.on_cancel.remove(database.cancel)
            database.close()
        ctx.engine.query("select cast(null as string) as value where 1 = 0", request.output)


def _numbered(at: Access) -> dict[str, str]:
    """The statements by their option, in the order of the numbers."""
    found = []
    for key, value in at.options.items():
        number = _NUMBERED.match(key.lower())
        if number:
            found.append((int(number[1]), key, value))
        elif key.lower().startswith("driver-statement-") and key.lower() != _QUERY:
            raise BadOption(f'"{key}" has no number', option=key, hint="driver-statement-0, -1, ...")
    return {key: value for _, key, value in sorted(found)}


def _rows(database: Database, select: str) -> pa.RecordBatchReader:
    import pyarrow as pa

    query = "( " + select.rstrip().rstrip(";") + "\n) temp"
    columns = database.columns(query)
    listed = ", ".join(column.select for column in columns)
    schema = pa.schema([(column.name, column.type) for column in columns])
    batches = database.batches(f"SELECT {listed} FROM {query}", columns, _FETCH_ROWS)
    return pa.RecordBatchReader.from_batches(schema, batches)
