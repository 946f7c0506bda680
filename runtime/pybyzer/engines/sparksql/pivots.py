"""``pivot``: one group for each row of the other columns, one filtered aggregate for each value; and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.arithmetic import compare
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.scope import Output, Query, Scope
from pybyzer.engines.sparksql.types import STRING, quote, text
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.relations import Relations


def pivot(translator: Relations, query: Query, node: Any) -> Query:
    """The query with some of its rows turned into columns."""
    from pybyzer.engines.sparksql.relations import unique

    fields = node.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0].this, exp.Column | exp.Tuple):
        raise Unsupported("this pivot", hint="pivot (sum(x) for k in ('a', 'b'))")
    scope = Scope()
    sql, source = translator.source(query, "")
    scope.sources.append(source)
    keys = [translator.expression(part, scope) for part in _parts(fields[0].this)]
    used = {column.name.lower() for column in fields[0].this.find_all(exp.Column)}
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
        written = item.this if label is not None else item
        values = [translator.expression(part, scope) for part in _parts(written)]
        pairs = zip(keys, values, strict=True)
        condition = " AND ".join(compare("<=>", key, value).sql for key, value in pairs)
        for aggregate in node.expressions:
            value, name = _one(translator, aggregate, scope, condition)
            shown = label or _shown(written, values)
            if len(node.expressions) > 1:
                shown = f"{shown}_{name}"
            inner = unique(shown, seen)
            outputs.append(Output(shown, inner, value.type))
            parts.append(f"{value.sql} AS {quote(inner)}")
    translator.heavy = True
    by = f" GROUP BY {', '.join(value.sql for _, value in groups)}" if groups else ""
    return Query(f"SELECT {', '.join(parts)} FROM {sql}{by}", tuple(outputs))


def _parts(node: Any) -> list[Any]:
    """The nodes of ``(a, b)``, or the one node."""
    return list(node.expressions) if isinstance(node, exp.Tuple) else [node]


def _shown(node: Any, values: list[Expr]) -> str:
    """The name of a pivot value: of several columns ``{a, b}``."""
    joined = ", ".join(value.label for value in values)
    return f"{{{joined}}}" if isinstance(node, exp.Tuple) else joined


def unpivot(translator: Relations, query: Query, node: Any) -> Query:
    """The query with some of its columns turned into rows."""
    from pybyzer.engines.sparksql.relations import unique

    names = node.expressions[0]
    values = [part.name for part in _parts(names)]
    field = node.args["fields"][0]
    scope = Scope()
    sql, source = translator.source(query, "")
    scope.sources.append(source)
    rows: list[tuple[str, list[Expr]]] = []
    used: set[str] = set()
    for item in field.expressions:
        columns = item.this if isinstance(item, exp.PivotAlias) else item
        nodes = _parts(columns)
        if len(nodes) != len(values):
            raise EngineError(f"unpivot: {len(values)} names for {len(nodes)} columns")
        label = item.alias if isinstance(item, exp.PivotAlias) else "_".join(part.name for part in nodes)
        rows.append((label, [translator.expression(part, scope) for part in nodes]))
        used |= {part.name.lower() for part in nodes}
    kinds = []
    for place in range(len(values)):
        kind = widest_of(row[place].type for _, row in rows)
        if kind is None:
            raise EngineError(f"unpivot: the types of {values[place]} do not meet")
        kinds.append(kind)
    kept = [(name, value) for name, value in source.columns if name.lower() not in used]
    seen: set[str] = set()
    outputs = [Output(name, unique(name, seen), value.type) for name, value in kept]
    parts = [f"{value.sql} AS {quote(out.inner)}" for (_, value), out in zip(kept, outputs, strict=True)]
    packs = []
    for label, row in rows:
        cells = [f"v{n} := {cast(v, kind).sql}" for n, (v, kind) in enumerate(zip(row, kinds, strict=True))]
        packs.append(f"struct_pack({', '.join([f'k := {text(label)}', *cells])})")
    own = translator.fresh("u")
    made = [Output(field.this.name, unique(field.this.name, seen), STRING)]
    made += [Output(name, unique(name, seen), kind) for name, kind in zip(values, kinds, strict=True)]
    rows_made = f"unnest([{', '.join(packs)}]) AS __row"
    inner = f"SELECT {', '.join([*parts, rows_made])} FROM {sql}"
    shown = [f"{own}.{quote(out.inner)}" for out in outputs] + [f"{own}.__row.k AS {quote(made[0].inner)}"]
    shown += [f"{own}.__row.v{n} AS {quote(out.inner)}" for n, out in enumerate(made[1:])]
    where = ""
    if not node.args.get("include_nulls"):
        where = " WHERE " + " OR ".join(f"{own}.__row.v{n} IS NOT NULL" for n in range(len(values)))
    return Query(f"SELECT {', '.join(shown)} FROM ({inner}) AS {own}{where}", (*outputs, *made))


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
