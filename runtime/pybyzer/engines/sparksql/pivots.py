"""``pivot``: one group for each row of the other columns, one filtered aggregate for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.arithmetic import compare
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.scope import Output, Query, Scope
from pybyzer.engines.sparksql.types import quote
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.relations import Relations


def pivot(translator: Relations, query: Query, node: Any) -> Query:
    """The query with some of its rows turned into columns."""
    from pybyzer.engines.sparksql.relations import unique

    fields = node.args.get("fields") or []
    if node.args.get("unpivot") or len(fields) != 1 or not isinstance(fields[0].this, exp.Column):
        raise Unsupported("this pivot", hint="pivot (sum(x) for k in ('a', 'b'))")
    scope = Scope()
    sql, source = translator.source(query, "")
    scope.sources.append(source)
    key = translator.expression(fields[0].this, scope)
    used = {key.label.lower()}
    for aggregate in node.expressions:
        used |= {column.name.lower() for column in aggregate.find_all(exp.Column)}
    groups = [(name, value) for name, value in source.columns if name.lower() not in used]
    seen: set[str] = set()
    outputs, parts = [], []
    for name, value in groups:
        inner = unique(name, seen)
        outputs.append(Output(name, inner, value.type))
        parts.append(f"{value.sql} AS {quote(inner)}")
    for item in fields[0].expressions:
        label = item.alias if isinstance(item, exp.PivotAlias) else None
        wanted = translator.expression(item.this if label is not None else item, scope)
        condition = compare("<=>", key, wanted).sql
        for aggregate in node.expressions:
            value, name = _one(translator, aggregate, scope, condition)
            shown = label or wanted.label
            if len(node.expressions) > 1:
                shown = f"{shown}_{name}"
            inner = unique(shown, seen)
            outputs.append(Output(shown, inner, value.type))
            parts.append(f"{value.sql} AS {quote(inner)}")
    translator.heavy = True
    by = f" GROUP BY {', '.join(value.sql for _, value in groups)}" if groups else ""
    return Query(f"SELECT {', '.join(parts)} FROM {sql}{by}", tuple(outputs))


def _one(translator: Relations, node: Any, scope: Scope, condition: str) -> tuple[Expr, str]:
    """One aggregate under a pivot value's condition, and its name."""
    alias = node.alias if isinstance(node, exp.Alias) else None
    call = node.this if isinstance(node, exp.Alias) else node
    if not isinstance(call, exp.Anonymous):
        raise EngineError("pivot needs aggregates: sum(x), count(*) ...")
    made = translator._anonymous(call, scope, where=condition)
    # Without any row there is NULL, also for a count.
    sql = f"CASE WHEN count(*) FILTER (WHERE {condition}) > 0 THEN {made.sql} END"
    return Expr(sql, made.type, made.label), alias or made.label
