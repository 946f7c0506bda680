"""Percentiles, the median and the mode: aggregates that need their rows in order."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, STRING, VOID, SqlType, array
from pybyzer.errors import EngineError, Unsupported


def measured(call: Call, index: int = 0) -> Expr:
    """A number or an interval to aggregate; texts are read as doubles."""
    value = call.args[index]
    if value.type.numeric or value.type.kind in ("daytime", "yearmonth"):
        return value
    if value.type in (STRING, VOID):
        return cast(value, DOUBLE)
    raise EngineError(f"{call.name} needs a number, but {value.label} is {value.type.spark}")


def whole(kind: SqlType) -> SqlType:
    """What an interval type becomes when it is averaged; other types are doubles."""
    if kind.kind == "daytime":
        return SqlType("daytime", names=("day", "second"))
    return SqlType("yearmonth", names=("year", "month")) if kind.kind == "yearmonth" else DOUBLE


def _points(call: Call) -> tuple[list[float], bool]:
    """The percentages, and whether they were an array."""
    if call.name == "median":
        return [0.5], False
    given = call.args[1].value if call.args[1].constant else call.translator.constants(call.nodes[1])
    many = isinstance(given, list)
    numbers = [float(str(point)) for point in (given if isinstance(given, list) else [given])]
    if any(not 0 <= number <= 1 for number in numbers):
        raise EngineError(f"{call.name}: percentages are between 0 and 1")
    return numbers, many


@rule("percentile", "median", "percentile_cont", "percentile_disc", "percentile_approx", "approx_percentile")
def _percentile(call: Call) -> Expr:
    call.aggregate()
    call.arity(1, 1) if call.name == "median" else call.arity(2, 4)
    approximate = call.name in ("percentile_approx", "approx_percentile")
    points, many = _points(call)
    value = measured(call)
    kind = value.type if approximate else whole(value.type)
    out = array(kind) if many else kind
    label = _label(call, value, approximate)
    if call.name == "percentile" and len(call.args) > 2:
        return _weighted(call, value, points, many, kind).named(label)
    discrete = approximate or call.name == "percentile_disc"
    function = "quantile_disc" if discrete else "quantile_cont"
    wanted = f"[{', '.join(str(n) for n in points)}]" if many else str(points[0])
    order = " ORDER BY {} DESC" if call.extra.get("desc") else ""
    inner = value.sql if discrete else f"CAST({value.sql} AS DOUBLE)"
    sql = f"{function}({inner}, {wanted}{order.format(inner)}){call.around()}"
    if kind != DOUBLE and not discrete:
        # Parts of a month or a microsecond are cut.
        cut = f"list_transform({sql}, lambda m: trunc(m))" if many else f"trunc({sql})"
        return Expr(f"CAST({cut} AS {out.duck})", out, label)
    return Expr(f"CAST({sql} AS {out.duck})", out, label)


def _label(call: Call, value: Expr, approximate: bool) -> str:
    if call.extra.get("order"):
        shown = f"{call.name}({call.args[1].label}) WITHIN GROUP (ORDER BY {value.label}"
        return f"{shown}{' DESC' if call.extra.get('desc') else ''}){call.label_suffix}"
    if call.name == "percentile" and len(call.args) == 2:
        return f"percentile({value.label}, {call.args[1].label}, 1){call.label_suffix}"
    if approximate and len(call.args) == 2:
        return f"{call.name}({value.label}, {call.args[1].label}, 10000){call.label_suffix}"
    return call.label


def _weighted(call: Call, value: Expr, points: list[float], many: bool, kind: SqlType) -> Expr:
    """``percentile(x, p, frequency)``."""
    if kind != DOUBLE:
        raise Unsupported("percentile of intervals with frequencies")
    x, weight = cast(value, DOUBLE).sql, call.as_(2, BIGINT)
    around = call.around(f"{x} IS NOT NULL AND {weight} > 0")
    lists = [(f"list({part}){around}", array(one)) for part, one in ((x, DOUBLE), (weight, BIGINT))]
    out = array(DOUBLE)

    def compute(values: Any, weights: Any) -> list[Any]:
        return [_interpolated(v, w, points) for v, w in zip(values, weights, strict=True)]

    sql = python_sql(call, ("percentile", tuple(points)), compute, lists, out, arrays=True)
    return Expr(sql, out) if many else Expr(f"({sql})[1]", DOUBLE)


def _interpolated(values: Any, weights: Any, points: list[float]) -> list[float] | None:
    import numpy as np

    if values is None or not values.is_valid or not len(values):
        return None
    x = values.values.to_numpy(zero_copy_only=False)
    order = np.argsort(x, kind="stable")
    x, upto = x[order], np.cumsum(weights.values.to_numpy(zero_copy_only=False)[order])
    out = []
    for point in points:
        place = (int(upto[-1]) - 1) * point
        low, high = np.floor(place), np.ceil(place)
        a, b = (float(x[np.searchsorted(upto, at + 1)]) for at in (low, high))
        out.append(a if low == high or a == b else (high - place) * a + (place - low) * b)
    return out


@rule("mode")
def _mode(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    value = call.args[0]
    if len(call.args) == 2 and call.constant(1) is False:
        raise Unsupported("mode(x, false)", hint="mode(x), or mode(x, true) for the smallest")
    ordered = bool(call.extra.get("order")) or len(call.args) == 2
    direction = " DESC" if call.extra.get("desc") else ""
    order = f" ORDER BY {value.sql}{direction}" if ordered else ""
    # Spark names mode(x, true) by the order that picks the first of equals from behind.
    label = call.label
    if ordered:
        shown = direction if call.extra.get("order") else " DESC"
        label = f"mode() WITHIN GROUP (ORDER BY {value.label}{shown}){call.label_suffix}"
    return Expr(f"mode({value.sql}{order}){call.around()}", value.type, label)
