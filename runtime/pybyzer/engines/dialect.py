"""Spark SQL to the engine's SQL: ``translate`` reads a query and says what it needs and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pybyzer.engines.base import FindFunction, SqlFunction
from pybyzer.errors import EngineError, UnknownName


@dataclass(slots=True)
class Translation:
    """A query in DuckDB's SQL: the tables it reads and the user functions it calls."""

    sql: str
    reads: list[Any] = field(default_factory=list)
    functions: list[SqlFunction] = field(default_factory=list)
    heavy: bool = False
    volatile: bool = False
    costly: bool = False


def translate(sql: str, find_table: Callable[[str], Any], find_function: FindFunction) -> Translation:
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, read="spark")
    except sqlglot.errors.SqlglotError as error:
        raise EngineError(str(error)) from None
    out = Translation("")
    with_names = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name.lower() in with_names or isinstance(table.this, exp.Func):
            continue
        found = find_table(table.name)
        if found is None:
            raise UnknownName(f'no table "{table.name}"')
        out.reads.append(found)
        alias = table.alias or table.name
        table.set("this", exp.to_identifier(found.view, quoted=True))
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    out.heavy = any(tree.find(kind) for kind in (exp.AggFunc, exp.Join, exp.Order, exp.Distinct, exp.Window))
    out.sql = tree.sql(dialect="duckdb")
    return out
