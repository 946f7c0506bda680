"""Operators on numbers, texts and dates: ``+ - * / div %`` and the comparisons, with Spark's types."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql import temporal
from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.coercion import arithmetic, as_decimal, comparable, decimal_result
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.nested import ordering
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
    if operator == "*" and a.scale + b.scale > kind.scale:
        # The digits that do not fit must be rounded away, and DuckDB has no room to hold them first.
        raise Unsupported(
            f"{left.type.spark} * {right.type.spark}: more than 38 digits",
            hint="cast one side to fewer digits, or to double",
        )
    natural = a.scale + b.scale if operator == "*" else max(a.scale, b.scale)
    if operator != "%" and kind.scale == natural:
        # DuckDB's result has the same scale and may have fewer digits (18, in one machine word): what does
        # not fit there is an error, and sums over it are fast.
        return Expr(f"({x} {operator} {y})", kind, label)
    return Expr(f"TRY_CAST(({x} {operator} {y}) AS {kind.duck})", kind, label)


def exact_division(x: str, a: SqlType, y: str, b: SqlType, kind: SqlType) -> str:
    """SQL of a decimal quotient, rounded half up to the scale of ``kind``."""
    shift = kind.scale + b.scale - a.scale
    if max(a.scale, b.scale, kind.scale) <= 18:
        n, d = _unscaled(x, a), _unscaled(y, b)
        if shift > 0:
            n = f"{n} * CAST('1{'0' * shift}' AS HUGEINT)"
        elif shift < 0:
            d = f"{d} * CAST('1{'0' * -shift}' AS HUGEINT)"
        return _scaled(f"spark_quotient({n}, {d})", kind)
    over = f" * CAST('1{'0' * shift}' AS HUGEINT)" if shift > 0 else ""
    under = f" * CAST('1{'0' * -shift}' AS HUGEINT)" if shift < 0 else ""
    quotient = f"spark_quotient(spark_unscaled({x}){over}, spark_unscaled({y}){under})"
    return f"TRY_CAST(spark_scaled({quotient}, {kind.scale}) AS {kind.duck})"


_GROUPED = re.compile(
    r"\b(sum|avg|count|min|max|first|last|list|mode|arg_m\w+|quantile_\w+|string_agg|stddev\w*|var\w*|OVER|SELECT)\b"
)


def trying(template: str, *operands: str) -> str:
    """An expression that is NULL where it fails. DuckDB's TRY takes no aggregates: those are bound first."""
    if not any(_GROUPED.search(operand) for operand in operands):
        return f"TRY({template.format(*operands)})"
    e = fresh_variable()
    parts = ", ".join(f"x{index} := {operand}" for index, operand in enumerate(operands))
    made = template.format(*(f"{e}.x{index}" for index in range(len(operands))))
    return f"list_transform([struct_pack({parts})], lambda {e}: TRY({made}))[1]"


def _unscaled(sql: str, kind: SqlType) -> str:
    """The digits of a decimal as a whole number, without a detour over its text."""
    size = f"CAST('1{'0' * kind.scale}' AS HUGEINT)"
    if kind.scale == 0:
        return f"CAST({sql} AS HUGEINT)"
    if kind.precision + kind.scale <= 38:
        power = f"CAST(1{'0' * kind.scale} AS DECIMAL({kind.scale + 1}, 0))"
        return f"CAST(CAST({sql} AS DECIMAL(38, {kind.scale})) * {power} AS HUGEINT)"
    part = f"CAST({sql} - trunc({sql}) AS DECIMAL({kind.scale + 1}, {kind.scale}))"
    power = f"CAST(1{'0' * kind.scale} AS DECIMAL({kind.scale + 1}, 0))"
    return f"(CAST(trunc({sql}) AS HUGEINT) * {size} + CAST({part} * {power} AS HUGEINT))"


def _scaled(quotient: str, kind: SqlType) -> str:
    """A whole number as the digits of a decimal; NULL where they do not fit."""
    if kind.scale == 0:
        return f"TRY_CAST({quotient} AS {kind.duck})"
    size = f"CAST('1{'0' * kind.scale}' AS HUGEINT)"
    unit = f"CAST('0.{'0' * (kind.scale - 1)}1' AS DECIMAL({kind.scale + 1}, {kind.scale}))"
    # Written twice, computed once: DuckDB finds equal parts of an expression.
    whole = f"TRY_CAST({quotient} // {size} AS {kind.duck})"
    part = f"CAST(CAST({quotient} % {size} AS DECIMAL({kind.scale}, 0)) * {unit} AS {kind.duck})"
    return f"({whole} + {part})"


_SAFE = {"<=>": "IS NOT DISTINCT FROM"}


def compare(operator: str, left: Expr, right: Expr) -> Expr:
    """``left operator right`` for ``= <> < <= > >= <=>``."""
    label = f"({left.label} {operator} {right.label})"
    sql = _SAFE.get(operator, operator)
    if operator == "<>":
        label = f"(NOT ({left.label} = {right.label}))"
    a, b = meeting(left, right)
    if left.type.parts and operator in ("<", "<=", ">", ">="):
        kind = comparable(left.type, right.type) or left.type
        a, b = ordering(a, kind), ordering(b, kind)
    return Expr(f"({a} {sql} {b})", BOOLEAN, label)


def meeting(left: Expr, right: Expr) -> tuple[str, str]:
    """Two operands in the type they are compared in."""
    ordered = left.type.kind not in ("map", "variant")
    if ordered and (left.type == right.type or (left.type.integral and right.type.integral)):
        return left.sql, right.sql
    kind = comparable(left.type, right.type)
    if kind is None:
        raise EngineError(f"{left.type.spark} and {right.type.spark} cannot be compared")
    return cast(left, kind).sql, cast(right, kind).sql
