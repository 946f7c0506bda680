"""Rounding: ``round bround ceil floor``, to digits before or after the point, exactly."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import as_decimal
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, SqlType, decimal
from pybyzer.errors import EngineError

_QUOTIENTS = {
    "round": "spark_quotient",
    "bround": "spark_quotient_even",
    "ceil": "spark_quotient_up",
    "floor": "spark_quotient_down",
}


def _digits(call: Call) -> int:
    digits = call.constant(1) if len(call.args) == 2 else 0
    if not isinstance(digits, int) or isinstance(digits, bool):
        raise EngineError(f"{call.name}: the number of digits must be a whole number")
    return digits


def _decimal_type(kind: SqlType, digits: int) -> SqlType:
    """Rounding may need one more digit before the point."""
    whole = kind.precision - kind.scale + 1
    if digits < 0:
        return decimal(max(whole, 1 - digits), 0)
    scale = min(kind.scale, digits)
    return SqlType("decimal", precision=min(whole + scale, 38), scale=scale)


def _exact(how: str, sql: str, kind: SqlType, digits: int) -> str:
    """A decimal rounded to digits, by its unscaled number; as text of a decimal or a whole number."""
    if digits >= kind.scale:
        return sql
    quotient = f"{_QUOTIENTS[how]}(spark_unscaled({sql}), CAST('1{'0' * (kind.scale - digits)}' AS HUGEINT))"
    if digits > 0:
        return f"spark_scaled({quotient}, {digits})"
    return f"({quotient} * CAST('1{'0' * -digits}' AS HUGEINT))" if digits < 0 else quotient


@rule("round", "bround")
def _round(call: Call) -> Expr:
    call.arity(1, 2)
    digits = _digits(call)
    value = call.args[0] if call.args[0].type.numeric else cast(call.args[0], DOUBLE)
    kind, label = value.type, f"{call.name}({value.label}, {digits})"
    if kind.kind == "decimal":
        made = _decimal_type(kind, digits)
        if call.name == "round" and digits >= 0:
            return Expr(f"CAST({value.sql} AS {made.duck})", made, label)
        return Expr(f"CAST({_exact(call.name, value.sql, kind, digits)} AS {made.duck})", made, label)
    if kind.integral:
        if digits >= 0:
            return Expr(value.sql, kind, label)
        exact = _exact(call.name, f"CAST({value.sql} AS HUGEINT)", decimal(20, 0), digits)
        return Expr(f"CAST({exact} AS {kind.duck})", kind, label)
    return Expr(_of_float(call.name, value, digits), kind, label)


def _of_float(how: str, value: Expr, digits: int) -> str:
    kind = value.type
    if digits < 0 or digits > 20:
        function = "round_even" if how == "bround" else "round"
        return f"CAST({function}({value.sql}, {digits}) AS {kind.duck})"
    # By the shortest text of the number, as Spark: round(1.005d, 2) is 1.01. That is slow, and only
    # matters near a half: elsewhere the number itself decides.
    wide = value.sql if kind == DOUBLE else f"CAST({value.sql} AS DOUBLE)"
    shortest = f"CAST({wide} AS VARCHAR)"
    if how == "bround":
        near = _exact(how, f"TRY_CAST({shortest} AS DECIMAL(38, 20))", decimal(38, 20), digits)
    else:
        near = f"TRY_CAST({shortest} AS DECIMAL(38, {digits}))"
    exact = f"coalesce(CAST({near} AS {kind.duck}), {value.sql})"
    if digits > 6:
        return exact
    shifted = f"abs({wide} * {10**digits}e0)"
    far = f"{shifted} < 1e9 AND abs({shifted} - floor({shifted}) - 0.5e0) > 1e-6"
    plain = f"CAST(round({wide}, {digits}) + 0e0 AS {kind.duck})"
    return f"CASE WHEN {far} THEN {plain} ELSE {exact} END"


@rule("ceil", "ceiling", "floor")
def _ceil(call: Call) -> Expr:
    call.arity(1, 2)
    name = "floor" if call.name == "floor" else "ceil"
    value = call.args[0]
    if len(call.args) == 2:
        return _to_digits(call, name)
    label = f"{name.upper()}({value.label})"
    if value.type.integral:
        return Expr(call.as_(0, BIGINT), BIGINT, label)
    if value.type.kind == "decimal":
        made = decimal(value.type.precision - value.type.scale + 1, 0)
        return Expr(f"CAST({name}({value.sql}) AS {made.duck})", made, label)
    return Expr(f"spark_bigint_of_float({name}({call.as_(0, DOUBLE)}))", BIGINT, label)


def _to_digits(call: Call, name: str) -> Expr:
    digits = _digits(call)
    value = call.args[0]
    kind = as_decimal(value.type) if value.type.integral or value.type.kind == "decimal" else decimal(30, 15)
    made = _decimal_type(kind, digits)
    exact = _exact(name, cast(value, kind).sql, kind, digits)
    return Expr(f"CAST({exact} AS {made.duck})", made, f"{call.name}({value.label}, {digits})")
