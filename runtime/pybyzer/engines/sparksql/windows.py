"""``over (...)``: partitions, order, frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.intervals import duck_interval
from pybyzer.engines.sparksql.nested import ordering
from pybyzer.engines.sparksql.scope import Scope
from pybyzer.errors import EngineError

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.expressions import Expressions


def window(translator: Expressions, node: Any, scope: Scope) -> tuple[str, str]:
    """The SQL and the label of a window specification."""
    if (
        node.args.get("alias") is not None
        and not node.args.get("partition_by")
        and not node.args.get("order")
    ):
        name = node.args["alias"].name
        found = scope.windows.get(name.lower())
        if found is None:
            raise EngineError(f'no window "{name}" in this select')
        return window(translator, found, scope)
    parts, labels = [], []
    partition = [translator.expression(part, scope) for part in node.args.get("partition_by") or []]
    if partition:
        parts.append("PARTITION BY " + ", ".join(part.sql for part in partition))
        labels.append("PARTITION BY " + ", ".join(part.label for part in partition))
    order = node.args.get("order")
    if order is not None:
        made = [ordered(translator, part, scope) for part in order.expressions]
        parts.append("ORDER BY " + ", ".join(sql for sql, _ in made))
        labels.append("ORDER BY " + ", ".join(label for _, label in made))
    spec = node.args.get("spec")
    if spec is not None:
        frame, shown = _frame(translator, spec, scope)
        parts.append(frame)
        labels.append(shown)
    elif order is not None:
        kind = "ROWS" if _is_ranking(node.this) else "RANGE"
        labels.append(f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW")
    else:
        labels.append("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    return f"({' '.join(parts)})", f"({' '.join(labels)})"


def ordered(translator: Expressions, node: Any, scope: Scope) -> tuple[str, str]:
    """The SQL and label of one ordering: Spark puts NULL first when ascending, last when descending."""
    value = translator.expression(node.this, scope)
    return direction(ordering(value.sql, value.type), node), direction(value.label, node)


def direction(sql: str, node: Any) -> str:
    """``sql`` with the direction and place of NULL of an ordering node."""
    way = "DESC" if node.args.get("desc") else "ASC"
    nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
    return f"{sql} {way} NULLS {nulls}"


def _frame(translator: Expressions, spec: Any, scope: Scope) -> tuple[str, str]:
    kind = str(spec.args.get("kind") or "ROWS").upper()
    start = _bound(translator, spec, "start", scope)
    end = _bound(translator, spec, "end", scope) if spec.args.get("end") else ("CURRENT ROW",) * 2
    sql, shown = (f"{kind} BETWEEN {a} AND {b}" for a, b in zip(start, end, strict=True))
    return sql, shown


def _bound(translator: Expressions, spec: Any, which: str, scope: Scope) -> tuple[str, str]:
    value = spec.args.get(which)
    side = str(spec.args.get(f"{which}_side") or "").upper()
    if value is None or isinstance(value, str):
        plain = f"{str(value or 'UNBOUNDED').upper()} {side}".strip()
        return plain, plain
    made = translator.expression(value, scope)
    return f"{duck_interval(made)} {side}", f"{made.label} {side}"


def _is_ranking(node: Any) -> bool:
    return str(node.this).lower() in (
        "row_number",
        "rank",
        "dense_rank",
        "ntile",
        "percent_rank",
    )
