"""Numbers: the table, rounding, and random values."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule, table, unsupported
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, SqlType, decimal
from pybyzer.errors import EngineError, Unsupported

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

unsupported("width_bucket uniform")


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


@rule("round", "bround")
def _round(call: Call) -> Expr:
    call.arity(1, 2)
    digits = call.constant(1) if len(call.args) == 2 else 0
    if not isinstance(digits, int):
        raise EngineError(f"{call.name}: the number of digits must be a whole number")
    value = call.args[0] if call.args[0].type.numeric else cast(call.args[0], DOUBLE)
    kind, label = value.type, f"{call.name}({value.label}, {digits})"
    if kind.integral and digits >= 0:
        return Expr(value.sql, kind, label)
    even = call.name == "bround"
    if kind.kind == "decimal":
        scale = min(kind.scale, max(digits, 0))
        made = decimal(kind.precision - kind.scale + scale + (digits < kind.scale), scale)
        if digits < 0 or even:
            function = "round_even" if even else "round"
            return Expr(
                f"CAST({function}(CAST({value.sql} AS DOUBLE), {digits}) AS {made.duck})", made, label
            )
        return Expr(f"CAST({value.sql} AS {made.duck})", made, label)
    if kind.integral:
        function = "round_even" if even else "round"
        return Expr(f"CAST({function}(CAST({value.sql} AS DOUBLE), {digits}) AS {kind.duck})", kind, label)
    if even:
        return Expr(f"CAST(round_even({value.sql}, {digits}) AS {kind.duck})", kind, label)
    if digits < 0:
        return Expr(f"CAST(round({value.sql}, {digits}) AS {kind.duck})", kind, label)
    # By the shortest text of the number, as Spark: round(1.005d, 2) is 1.01. That is slow, and only
    # matters near a half: elsewhere the number itself decides.
    wide = value.sql if kind == DOUBLE else f"CAST({value.sql} AS DOUBLE)"
    near = f"CAST(TRY_CAST(CAST({wide} AS VARCHAR) AS DECIMAL(38, {min(digits, 20)})) AS {kind.duck})"
    exact = f"coalesce({near}, {value.sql})"
    if digits > 6:
        return Expr(exact, kind, label)
    shifted = f"abs({wide} * {10**digits}e0)"
    far = f"{shifted} < 1e9 AND abs({shifted} - floor({shifted}) - 0.5e0) > 1e-6"
    plain = f"CAST(round({wide}, {digits}) + 0e0 AS {kind.duck})"
    return Expr(f"CASE WHEN {far} THEN {plain} ELSE {exact} END", kind, label)


@rule("ceil", "ceiling", "floor")
def _ceil(call: Call) -> Expr:
    call.arity(1)
    name = "floor" if call.name == "floor" else "ceil"
    label = f"{name.upper()}({call.args[0].label})"
    value = call.args[0]
    if value.type.integral:
        return Expr(call.as_(0, BIGINT), BIGINT, label)
    if value.type.kind == "decimal":
        made = decimal(value.type.precision - value.type.scale + 1, 0)
        return Expr(f"CAST({name}({value.sql}) AS {made.duck})", made, label)
    return Expr(f"spark_bigint_of_float({name}({call.as_(0, DOUBLE)}))", BIGINT, label)


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


def _seeded(call: Call) -> Expr:
    call.arity(0, 1)
    call.translator.volatile = True
    if not call.nodes:
        return call.result("random()", DOUBLE)
    seed = call.constant(0)
    if not isinstance(seed, int):
        raise Unsupported(f"{call.name} with a seed that is not a whole number")
    # The same values in every run, row by row; not those of Spark, which depend on its partitions.
    value = f"(CAST(hash(row_number() OVER () + {seed} * 1000003) >> 11 AS DOUBLE) / 9007199254740992.0)"
    return call.result(f"CAST({value} AS DOUBLE)", DOUBLE)


rule("rand", "random")(_seeded)


@rule("randn")
def _randn(call: Call) -> Expr:
    call.arity(0)
    call.translator.volatile = True
    return call.result("(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))", DOUBLE)
