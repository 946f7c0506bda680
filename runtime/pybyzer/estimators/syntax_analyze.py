"""SyntaxAnalyzeExt: which tables and columns a select reads, and which table a statement writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.sparksql.glot import exp, place, read
from pybyzer.errors import ByzerError, UnknownName
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest
from pybyzer.estimators.inputs import require

_ACTIONS = ("extractTables", "extractColumns", "extractTarget")


@ESTIMATORS.register("SyntaxAnalyzeExt")
class SyntaxAnalyzeExt(Estimator):
    """Nothing is run, and tables need not exist; columns are resolved with those that do.

    ``extractTables``: each table that is read, once, in the order of the text. ``extractColumns``: each
    column with its table, as far as the text or the tables tell. ``extractTarget``: what is written.
    """

    name = "SyntaxAnalyzeExt"
    description = "tables and columns that a SQL text reads, and the table it writes"
    example = """
run command as SyntaxAnalyzeExt.`` where action="extractTables"
    and sql='''select * from orders o join db.customers c on o.customer = c.id''' as tables;
"""
    parameters = (
        Parameter("action", "what to look for", "extractTables", choices=_ACTIONS),
        Parameter("sql", "the SQL text", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        sql = require(request.options, "sql", hint="the SQL text")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        try:
            tree = read(sql.strip().rstrip(";"))
        except ByzerError as error:
            raise error.about("sql") from None
        target = _target(tree)
        action = options["action"].lower()
        if action == "extractcolumns":
            pairs = list(dict.fromkeys(_columns(ctx, tree)))
            rows = {"tableName": [table for table, _ in pairs], "columnName": [name for _, name in pairs]}
        elif action == "extracttarget":
            rows = {"tableName": [] if target is None else [_name(target)]}
        else:
            rows = {"tableName": list(dict.fromkeys(_name(table) for table in _tables(tree, target)))}
        schema = pa.schema([(name, pa.string()) for name in rows])
        ctx.engine.ingest(request.output, pa.table(rows, schema))

    predict = fit


def _name(table: Any) -> str:
    """The name as written, without quotes."""
    return ".".join(part.name for part in table.parts)


def _target(tree: Any) -> Any:
    """The table that insert, create or merge writes."""
    if not isinstance(tree, exp.Insert | exp.Create | exp.Merge):
        return None
    return tree.this if isinstance(tree.this, exp.Table) else tree.this.find(exp.Table)


def _tables(tree: Any, target: Any) -> list[Any]:
    """The tables that are read, in the order of the text: no table functions, no names of ``with``."""
    found = [
        table
        for table in tree.find_all(exp.Table)
        if table is not target and isinstance(table.this, exp.Identifier) and not _is_common(table)
    ]
    return sorted(found, key=lambda table: place(table)[0] or 0)


def _is_common(table: Any) -> bool:
    """Whether the name is one that a ``with`` around it has defined before."""
    if table.db:
        return False
    child, parent = table, table.parent
    while parent is not None:
        clause = parent.args.get("with_")
        if clause is not None:
            for common in clause.expressions:
                if common is child and not clause.args.get("recursive"):
                    break
                if common.alias.lower() == table.name.lower():
                    return True
                if common is child:
                    break
        child, parent = (
            (parent, parent.parent) if not isinstance(parent, exp.With) else (child, parent.parent)
        )
    return False


def _columns(ctx: Context, tree: Any) -> Iterator[tuple[str, str]]:
    """Each column that is read, with its table; of a star all, if the table exists."""
    from sqlglot.optimizer.scope import traverse_scope

    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    for scope in traverse_scope(query) if isinstance(query, exp.Query) else ():
        tables = {
            alias: _name(source)
            for alias, source in scope.sources.items()
            if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
        }
        known = {alias: _schema(ctx, name) for alias, name in tables.items()}
        for star in scope.expression.find_all(exp.Star):
            if star.find_ancestor(exp.Query) is not scope.expression or isinstance(star.parent, exp.Count):
                continue
            wanted = star.parent.table if isinstance(star.parent, exp.Column) else ""
            for alias, name in tables.items():
                if wanted in ("", alias):
                    yield from ((name, column) for column in known[alias])
        for column in scope.columns:
            if isinstance(column.this, exp.Star):
                continue
            if column.table:
                yield from ((name, column.name) for alias, name in tables.items() if alias == column.table)
                continue
            owners = [a for a in tables if column.name.lower() in (c.lower() for c in known[a])]
            if not owners and len(scope.sources) == 1:
                owners = list(tables)
            yield from ((tables[alias], column.name) for alias in owners)


def _schema(ctx: Context, table: str) -> list[str]:
    try:
        names: list[str] = ctx.engine.schema(table).names
    except UnknownName:
        return []
    return names
