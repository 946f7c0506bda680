"""Operators on dates, times and intervals: ``+ - * / div`` and the minus sign, with Spark's types."""

from __future__ import annotations

from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.intervals import DAY, day_time, duck_interval, widest_interval
from pybyzer.engines.sparksql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INT,
    INTERVAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    SqlType,
)
from pybyzer.errors import EngineError, Unsupported


def binary(operator: str, left: Expr, right: Expr, label: str) -> Expr:
    """``left operator right`` where one side is a date, a time, a timestamp or an interval."""
    if operator == "+" and right.type.temporal and not left.type.temporal:
        left, right = right, left
    if operator == "*" and right.type.interval:
        left, right = right, left
    if clock(left.type) or clock(right.type):
        raise Unsupported("arithmetic with times of day", hint="Spark has none either; use timestamps")
    if VOID in (left.type, right.type):
        left, right = _with_null(operator, left, right)
    made = None
    if operator in "+-" and right.type.interval:
        made = _combined(operator, left, right) if left.type.interval else _shifted(operator, left, right)
    elif operator == "-" and not left.type.interval:
        made = _difference(left, right)
    elif left.type.interval and operator in ("*", "/", "div"):
        made = _scaled(operator, left, right)
    if made is not None and left.type.temporal and right.type.interval:
        label = f"{left.label} {operator} {right.label}"
    if made is not None:
        return made.named(label)
    if left.type == DATE and right.type.integral and operator in "+-":
        name = "date_add" if operator == "+" else "date_sub"
        sql = f"({left.sql} {operator} {cast(right, INT).sql})"
        return Expr(sql, DATE, f"{name}({left.label}, {right.label})")
    if STRING in (left.type, right.type) and operator in "+-" and left.type.temporal:
        raise Unsupported(f"{left.type.spark} {operator} text", hint="use interval, date_add or datediff")
    raise EngineError(f"{left.type.spark} {operator} {right.type.spark} has no meaning")


def clock(kind: SqlType) -> bool:
    """Whether it is a time of day."""
    return kind.kind.startswith("time(")


def _with_null(operator: str, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    other = right.type if left.type == VOID else left.type
    kind = DOUBLE if operator in ("*", "/") and left.type != VOID else other
    return (cast(left, other), right) if left.type == VOID else (left, cast(right, kind))


def _shifted(operator: str, left: Expr, right: Expr) -> Expr | None:
    """A date, a time or a timestamp and an interval."""
    if left.type == STRING:
        left = cast(left, TIMESTAMP)
    step = duck_interval(right)
    if left.type == DATE:
        if right.type.kind == "daytime" and right.type.names == ("day", "day"):
            return Expr(f"({left.sql} {operator} CAST({right.sql} // {DAY} AS INTEGER))", DATE)
        if right.type.kind == "daytime":
            left = cast(left, TIMESTAMP)
        elif right.type == INTERVAL:
            moved = f"(CAST({left.sql} AS TIMESTAMPTZ) {operator} {step})"
            return Expr(f"CAST({moved} AS DATE)", DATE)
        else:
            return Expr(f"CAST({left.sql} {operator} {step} AS DATE)", DATE)
    return Expr(f"({left.sql} {operator} {step})", left.type) if left.type.temporal else None


def _combined(operator: str, left: Expr, right: Expr) -> Expr | None:
    """Two intervals."""
    kind = widest_interval(left.type, right.type)
    if kind is None:
        return None
    return Expr(f"({left.sql} {operator} {right.sql})", kind)


def _difference(left: Expr, right: Expr) -> Expr | None:
    """The time between two moments."""
    if left.type == STRING and right.type == DATE:
        left = cast(left, DATE)
    if not (left.type.temporal and right.type.temporal):
        return None
    if left.type == DATE and right.type == DATE:
        return Expr(f"(CAST({left.sql} - {right.sql} AS BIGINT) * {DAY})", day_time("day", "day"))
    # The clock on the wall decides, as in Spark, not the time that went by.
    a, b = (
        f"epoch_us({side.sql if side.type == TIMESTAMP_NTZ else f'CAST({side.sql} AS TIMESTAMP)'})"
        for side in (left, right)
    )
    return Expr(f"({a} - {b})", day_time())


def _scaled(operator: str, left: Expr, right: Expr) -> Expr | None:
    """An interval times or through a number, or through an interval (``div``)."""
    if operator == "div":
        if right.type.kind != left.type.kind or left.type == INTERVAL:
            return None
        return Expr(f"CAST({left.sql} // nullif({right.sql}, 0) AS BIGINT)", BIGINT)
    if right.type == STRING:
        right = cast(right, DOUBLE)
    if not right.type.numeric:
        return None
    if left.type == INTERVAL:
        raise Unsupported(f"calendar intervals {operator} numbers", hint="interval '1' day * 2")
    kind = left.type
    wide = SqlType("yearmonth" if kind.kind == "yearmonth" else "daytime", names=full(kind))
    if operator == "*":
        if right.type.integral:
            return Expr(f"CAST(CAST({left.sql} AS BIGINT) * {right.sql} AS {wide.duck})", wide)
        # DuckDB rounds halves away from zero, as Spark does here.
        return Expr(f"CAST(round({left.sql} * {right.sql}) AS {wide.duck})", wide)
    # Other than numbers, an interval through zero is an error in Spark.
    zero = f"CASE WHEN {right.sql} = 0 THEN error('an interval divided by zero') ELSE {right.sql} END"
    if right.type.integral:
        a, b = f"CAST({left.sql} AS HUGEINT)", f"CAST({zero} AS HUGEINT)"
        return Expr(f"CAST(spark_quotient({a}, {b}) AS {wide.duck})", wide)
    divisor = f"CAST({zero} AS DOUBLE)"
    return Expr(f"CAST(round({left.sql} / {divisor}) AS {wide.duck})", wide)


def full(kind: SqlType) -> tuple[str, str]:
    """All fields of an interval type's family: what products and quotients have."""
    return ("year", "month") if kind.kind == "yearmonth" else ("day", "second")
