"""Numbers: the table, rounding, and random values."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, SqlType
from pybyzer.errors import EngineError

table("""
sqrt | double | double | CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt({0}) END
cbrt | double | double | cbrt({0})
exp | double | double | exp({0})
expm1 | double | double | exp({0}) - 1
ln | double | double | CASE WHEN {0} > 0 THEN ln({0}) END
log10 | double | double | CASE WHEN {0} > 0 THEN log10({0}) END
log2 | double | double | CASE WHEN {0} > 0 THEN log2({0}) END
log1p | double | double | CASE WHEN {0} > -1 THEN ln(1 + {0}) END
pow, power | double; double | double | pow({0}, {1})
pi | - | double | pi()
degrees | double | double | degrees({0})
radians | double | double | radians({0})
sin | double | double | sin({0})
cos | double | double | cos({0})
tan | double | double | tan({0})
cot | double | double | cot({0})
asin | double | double | CASE WHEN abs({0}) > 1 THEN CAST('nan' AS DOUBLE) ELSE asin({0}) END
acos | double | double | CASE WHEN abs({0}) > 1 THEN CAST('nan' AS DOUBLE) ELSE acos({0}) END
acosh | double | double | CASE WHEN {0} < 1 THEN CAST('nan' AS DOUBLE) ELSE acosh({0}) END
asinh | double | double | CASE WHEN isinf({0}) OR isnan({0}) THEN {0} ELSE asinh({0}) END
atanh | double | double | CASE WHEN abs({0}) > 1 THEN CAST('nan' AS DOUBLE) WHEN abs({0}) = 1 THEN {0} * CAST('inf' AS DOUBLE) ELSE atanh({0}) END
csc | double | double | (1 / sin({0}))
sec | double | double | (1 / cos({0}))
atan | double | double | atan({0})
atan2 | double; double | double | atan2({0}, {1})
sinh | double | double | sinh({0})
cosh | double | double | cosh({0})
tanh | double | double | tanh({0})
hypot | double; double | double | sqrt({0} * {0} + {1} * {1})
factorial | int | bigint | CASE WHEN {0} BETWEEN 0 AND 20 THEN CAST(factorial({0}) AS BIGINT) END
rint | double | double | round_even({0}, 0)
isnan | double | boolean | coalesce(isnan({0}), false)
""")


@rule("e")
def _e(call: Call) -> Expr:
    call.arity(0)
    return Expr("exp(1::DOUBLE)", DOUBLE, "E()")


@rule("log")
def _log(call: Call) -> Expr:
    call.arity(1, 2)
    if len(call.args) == 1:
        x = call.as_(0, DOUBLE)
        return Expr(f"CASE WHEN {x} > 0 THEN ln({x}) END", DOUBLE, f"LOG(E(), {call.args[0].label})")
    base, x = call.as_(0, DOUBLE), call.as_(1, DOUBLE)
    label = f"LOG({call.args[0].label}, {call.args[1].label})"
    return Expr(f"CASE WHEN {x} > 0 AND {base} > 0 THEN ln({x}) / ln({base}) END", DOUBLE, label)


@rule("abs", "negative", "positive")
def _abs(call: Call) -> Expr:
    call.arity(1)
    given = call.args[0].type
    kind = given if given.numeric or given.interval else DOUBLE
    sql = {"abs": "abs({})", "negative": "(-{})", "positive": "{}"}[call.name].format(call.as_(0, kind))
    return call.result(sql, kind)


@rule("sign", "signum")
def _sign(call: Call) -> Expr:
    call.arity(1)
    value = call.args[0]
    x = value.sql if value.type.kind in ("daytime", "yearmonth") else call.as_(0, DOUBLE)
    return call.result(f"CAST(sign({x}) AS DOUBLE)", DOUBLE)


@rule("width_bucket")
def _width_bucket(call: Call) -> Expr:
    call.arity(4)
    kinds = [arg.type for arg in call.args[:3]]
    spans = all(kind.kind == kinds[0].kind and kind.kind in ("daytime", "yearmonth") for kind in kinds)
    value, low, high = (
        f"CAST({call.args[i].sql} AS DOUBLE)" if spans else call.as_(i, DOUBLE) for i in range(3)
    )
    count = call.as_(3, BIGINT)
    usable = f"{count} > 0 AND {low} <> {high} AND NOT (isnan({value}) OR isnan({low}) OR isnan({high}))"
    usable += f" AND isfinite({low}) AND isfinite({high})"
    # Out of the bounds is the bucket before the first or after the last.
    outside = f"WHEN ({value} < {low}) = ({low} < {high}) AND {value} <> {low} THEN 0 "
    outside += f"WHEN ({value} >= {high}) = ({low} < {high}) OR {value} = {high} THEN {count} + 1"
    inside = f"CAST(floor({count} * ({value} - {low}) / ({high} - {low})) AS BIGINT) + 1"
    return call.result(
        f"CAST(CASE WHEN NOT ({usable}) THEN NULL {outside} ELSE {inside} END AS BIGINT)", BIGINT
    )


@rule("mod")
def _mod(call: Call) -> Expr:
    call.arity(2)
    made = call.translator.binary("%", call.args[0], call.args[1])
    return made.named(call.label)


@rule("pmod")
def _pmod(call: Call) -> Expr:
    call.arity(2)
    first = call.translator.binary("%", call.args[0], call.args[1])
    plus = f"({first.sql} + {cast(call.args[1], first.type).sql})"
    divisor = cast(call.args[1], first.type).sql
    sql = f"CASE WHEN {first.sql} < 0 THEN {plus} % {divisor} ELSE {first.sql} END"
    return call.result(f"CAST({sql} AS {first.type.duck})", first.type)


@rule("div")
def _div(call: Call) -> Expr:
    call.arity(2)
    return call.translator.binary("div", call.args[0], call.args[1])


@rule("greatest", "least")
def _greatest(call: Call) -> Expr:
    call.arity(2, -1)
    kind = common(call)
    parts = ", ".join(cast(arg, kind).sql for arg in call.args)
    return call.result(f"{call.name}({parts})", kind)


def common(call: Call, first: int = 0) -> SqlType:
    """The type that the arguments from ``first`` on meet in."""
    kind = widest_of(arg.type for arg in call.args[first:])
    if kind is None:
        kinds = ", ".join(arg.type.spark for arg in call.args[first:])
        raise EngineError(f"{call.name}: these types do not meet: {kinds}")
    return kind


@rule("nanvl")
def _nanvl(call: Call) -> Expr:
    call.arity(2)
    first, second = call.as_(0, DOUBLE), call.as_(1, DOUBLE)
    return call.result(f"CASE WHEN isnan({first}) THEN {second} ELSE {first} END", DOUBLE)


@rule("monotonically_increasing_id")
def _monotonic(call: Call) -> Expr:
    call.arity(0)
    return call.result("(row_number() OVER () - 1)", BIGINT)
