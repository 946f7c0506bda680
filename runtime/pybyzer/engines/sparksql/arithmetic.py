"""Operators on numbers, texts and dates: ``+ - * / div %`` and the comparisons, with Spark's types."""

from __future__ import annotations

from pybyzer.engines.sparksql import temporal
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import arithmetic, as_decimal, comparable, decimal_result
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    STRING,
    SqlType,
    decimal,
)
from pybyzer.errors import EngineError, Unsupported


def binary(operator: str, left: Expr, right: Expr) -> Expr:
    """``left operator right``."""
    label = f"({left.label} {operator} {right.label})"
    if any(side.temporal or side.interval or temporal.clock(side) for side in (left.type, right.type)):
        return temporal.binary(operator, left, right, label)
    kind = arithmetic(left.type, right.type)
    if kind is None:
        raise EngineError(f"{left.type.spark} {operator} {right.type.spark} has no meaning")
    if operator == "div":
        if STRING in (left.type, right.type):
            raise EngineError("div needs numbers", hint="cast the text: bigint(x)")
        a, b = (cast(side, BIGINT) if not side.type.numeric else side for side in (left, right))
        if a.type.integral and b.type.integral:
            return Expr(f"CAST({a.sql} // {b.sql} AS BIGINT)", BIGINT, label)
        return Expr(f"CAST(trunc({a.sql} / nullif({b.sql}, 0)) AS BIGINT)", BIGINT, label)
    if kind.kind == "decimal":
        return _decimal(operator, left, right, label)
    if operator == "/":
        x, y = cast(left, DOUBLE).sql, cast(right, DOUBLE).sql
        if isinstance(right.value, int | float) and right.value != 0:
            return Expr(f"({x} / {y})", DOUBLE, label)
        return Expr(f"({x} / nullif({y}, 0))", DOUBLE, label)
    x, y = cast(left, kind).sql, cast(right, kind).sql
    if operator == "%":
        divisor = f"nullif({y}, 0)" if kind.fractional else y
        return Expr(f"({x} % {divisor})", kind, label)
    return Expr(f"({x} {operator} {y})", kind, label)


def _literal_decimal(value: Expr) -> SqlType:
    """A whole literal needs only its own digits."""
    if value.type.integral and isinstance(value.value, int):
        return decimal(len(str(abs(value.value))), 0)
    return as_decimal(value.type)


def _decimal(operator: str, left: Expr, right: Expr, label: str) -> Expr:
    a, b = _literal_decimal(left), _literal_decimal(right)
    kind = decimal_result(operator, a, b)
    x, y = cast(left, a).sql, cast(right, b).sql
    if operator == "/":
        return Expr(exact_division(x, a, y, b, kind), kind, label)
    if operator == "*" and a.precision + b.precision > 38:
        raise Unsupported(
            f"{left.type.spark} * {right.type.spark}: more than 38 digits",
            hint="cast one side to fewer digits, or to double",
        )
    return Expr(f"TRY_CAST(({x} {operator} {y}) AS {kind.duck})", kind, label)


def exact_division(x: str, a: SqlType, y: str, b: SqlType, kind: SqlType) -> str:
    """SQL of a decimal quotient, rounded half up to the scale of ``kind``."""
    shift = kind.scale + b.scale - a.scale
    over = f" * CAST('1{'0' * shift}' AS HUGEINT)" if shift > 0 else ""
    under = f" * CAST('1{'0' * -shift}' AS HUGEINT)" if shift < 0 else ""
    quotient = f"spark_quotient(spark_unscaled({x}){over}, spark_unscaled({y}){under})"
    return f"TRY_CAST(spark_scaled({quotient}, {kind.scale}) AS {kind.duck})"


_SAFE = {"<=>": "IS NOT DISTINCT FROM"}


def compare(operator: str, left: Expr, right: Expr) -> Expr:
    """``left operator right`` for ``= <> < <= > >= <=>``."""
    label = f"({left.label} {operator} {right.label})"
    sql = _SAFE.get(operator, operator)
    if operator == "<>":
        label = f"(NOT ({left.label} = {right.label}))"
    a, b = meeting(left, right)
    return Expr(f"({a} {sql} {b})", BOOLEAN, label)


def meeting(left: Expr, right: Expr) -> tuple[str, str]:
    """Two operands in the type they are compared in."""
    if left.type == right.type or (left.type.integral and right.type.integral):
        return left.sql, right.sql
    kind = comparable(left.type, right.type)
    if kind is None:
        raise EngineError(f"{left.type.spark} and {right.type.spark} cannot be compared")
    return cast(left, kind).sql, cast(right, kind).sql
