"""``window(ts, '10 minutes')`` and ``session_window(ts, '5 minutes')``: a column of the from clause.

Spark gives each row its windows before it groups; so do we: a subselect carries the columns and the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.clauses import grouped
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.generators import Generated
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.intervals import DAY, calendar
from pybyzer.engines.sparksql.scope import Scope, Source
from pybyzer.engines.sparksql.types import BIGINT, STRING, TIMESTAMP, TIMESTAMP_NTZ, SqlType, struct
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.relations import Relations

NAMES = ("window", "session_window")


def with_time_window(
    translator: Relations, node: Any, scope: Scope, source: str, conditions: list[Any]
) -> tuple[str, list[Any]]:
    """The from clause with the window that the select names, and the conditions still to be met."""
    calls = _calls(node)
    if not calls:
        return source, conditions
    if len({call.sql() for call in calls}) > 1:
        raise EngineError("only one time window can stand in a select")
    call = calls[0]
    moment = translator.expression(call.expressions[0], scope)
    if moment.type == STRING:
        moment = cast(moment, TIMESTAMP)
    if moment.type not in (TIMESTAMP, TIMESTAMP_NTZ):
        raise EngineError(f"{call.name} needs a timestamp, but {moment.label} is {moment.type.spark}")
    if call.name.lower() == "window":
        made = _tumbling(translator, call, moment, scope)
        source = translator.unnest(source, made, scope, "", None)
    else:
        where = [translator.condition(part, scope).sql for part in conditions]
        keys = [translator.expression(_selected(node, part), scope).sql for part in _keys(node, call)]
        gap = _gap(translator, call.expressions[1], scope) if len(call.expressions) == 2 else None
        if gap is None:
            raise EngineError("session_window takes a timestamp and a gap")
        # A row whose gap is not positive belongs to no session.
        where += [f"{moment.sql} IS NOT NULL", f"{gap} > 0"]
        rows = f"{source} WHERE {' AND '.join(where)}"
        source = _sessions(translator, moment, scope, rows, [*keys, gap])
        conditions = []
    column = scope.sources[-1].columns[0][1]
    for one in calls:
        scope.staged[id(one)] = column
    return source, conditions


def _calls(node: Any) -> list[Any]:
    """The time windows of a select itself, not of one inside it."""
    found = []
    for call in node.find_all(exp.Anonymous):
        if str(call.this).lower() not in NAMES or not call.expressions:
            continue
        if call.find_ancestor(exp.Select) is node:
            found.append(call)
    return found


def _duration(translator: Relations, node: Any, scope: Scope, *, positive: bool = True) -> int:
    """Microseconds of a duration written as a text."""
    value = translator.expression(node, scope)
    found = calendar(value.value) if isinstance(value.value, str) else None
    if found is None:
        raise Unsupported("a duration that is not a literal text", hint="window(ts, '10 minutes')")
    months, days, micros = found
    if months:
        raise EngineError("a window of months has no fixed length", hint="write days")
    total = days * DAY + micros
    if positive and total <= 0:
        raise EngineError("the duration of a window must be positive")
    return total


def _moments(kind: SqlType) -> str:
    return "make_timestamptz" if kind == TIMESTAMP else "make_timestamp"


def _tumbling(translator: Relations, call: Any, moment: Expr, scope: Scope) -> Generated:
    if not 2 <= len(call.expressions) <= 4:
        raise EngineError("window takes a timestamp and 1 to 3 durations")
    length = _duration(translator, call.expressions[1], scope)
    slide = _duration(translator, call.expressions[2], scope) if len(call.expressions) > 2 else length
    start = 0
    if len(call.expressions) > 3:
        start = _duration(translator, call.expressions[3], scope, positive=False)
    if slide > length:
        raise EngineError("the slide of a window cannot be longer than the window")
    at, make = f"epoch_us({moment.sql})", _moments(moment.type)
    # The start of the last window a moment is in; DuckDB's remainder has the sign of the number.
    last = f"({at} - ((({at} - ({start})) % {slide}) + {slide}) % {slide})"
    bounds = f"{{'start': {make}({last} - i * {slide}), 'end': {make}({last} - i * {slide} + {length})}}"
    count = -(-length // slide)
    inside = f"lambda w: epoch_us(w.end) > {at}"
    listed = f"list_filter(list_transform(range({count}), lambda i: {bounds}), {inside})"
    kind = struct(("start", "end"), (moment.type, moment.type))
    sql = f"CASE WHEN {moment.sql} IS NOT NULL THEN CAST({listed} AS {kind.duck}[]) END"
    return Generated((sql,), (("window", "{u0}", kind),))


def _gap(translator: Relations, node: Any, scope: Scope) -> str:
    """The SQL of the microseconds of a gap: a literal text, or a ``case`` between some."""
    if not isinstance(node, exp.Case):
        return str(_duration(translator, node, scope))
    made = node.copy()
    ends = [branch.args["true"] for branch in made.args["ifs"]]
    ends += [made.args["default"]] if made.args.get("default") is not None else []
    for end in ends:
        micros = _duration(translator, end, scope, positive=False)
        end.replace(exp.Literal.number(str(micros)) if micros >= 0 else exp.Literal.number("0"))
    return cast(translator.expression(made, scope), BIGINT).sql


def _keys(node: Any, call: Any) -> list[Any]:
    """What a select groups by beside its window."""
    return [part for part in grouped(node) if part.sql() != call.sql()]


def _sessions(translator: Relations, moment: Expr, scope: Scope, rows: str, keys: list[str]) -> str:
    """The from clause with each row's session; the last of ``keys`` is the gap."""
    *by_keys, gap = keys
    kind = struct(("start", "end"), (moment.type, moment.type))
    own = translator.fresh("u")
    names = [f"k{index}" for index in range(len(by_keys))]
    parts = [f"{key} AS {name}" for name, key in zip(names, by_keys, strict=True)]
    parts += [f"{moment.sql} AS t0", f"{moment.sql} + to_microseconds({gap}) AS e0"]

    def carried(value: Expr) -> Expr:
        parts.append(f"{value.sql} AS c{len(parts)}")
        return Expr(f"{own}.c{len(parts) - 1}", value.type, value.label)

    sources = [
        Source(one.alias, tuple((name, carried(value)) for name, value in one.columns))
        for one in scope.sources
    ]
    scope.merged = {name: carried(value) for name, value in scope.merged.items()}
    window = Expr(f"{own}.w0", kind, "session_window")
    scope.sources = [*sources, Source("", (("session_window", window),))]
    by = f"PARTITION BY {', '.join(names)} " if names else ""
    over = f"{by}ORDER BY t0, e0 ROWS BETWEEN UNBOUNDED PRECEDING AND"
    first = f"CASE WHEN t0 > max(e0) OVER ({over} 1 PRECEDING) THEN 1 ELSE 0 END"
    starts = f"SELECT *, {first} AS n0 FROM (SELECT {', '.join(parts)} FROM {rows})"
    numbered = f"SELECT *, sum(n0) OVER ({over} CURRENT ROW) AS i0 FROM ({starts})"
    island = f"PARTITION BY {', '.join([*names, 'i0'])}"
    pack = f"{{'start': min(t0) OVER ({island}), 'end': max(e0) OVER ({island})}}"
    translator.heavy = True
    return f"(SELECT *, CAST({pack} AS {kind.duck}) AS w0 FROM ({numbered})) AS {own}"


def _selected(node: Any, part: Any) -> Any:
    """What a position or an alias in a group by stands for."""
    if isinstance(part, exp.Literal) and not part.is_string:
        return node.expressions[int(part.this) - 1].unalias()
    if isinstance(part, exp.Column) and not part.table:
        for item in node.expressions:
            if isinstance(item, exp.Alias) and item.alias.lower() == part.name.lower():
                return item.this
    return part
