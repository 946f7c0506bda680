"""Intervals: Spark's three types, their literals and texts, and arithmetic with them.

``interval year to month`` is a whole number of months here, ``interval day to second`` one of microseconds;
only the calendar interval (``make_interval``) is DuckDB's own. So comparisons, groups and sums are those
of numbers. A result that is an interval is shown as Spark's text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.types import INTERVAL, SqlType, text
from pybyzer.errors import EngineError, Unsupported

YEAR_MONTH = ("year", "month")
DAY_TIME = ("day", "hour", "minute", "second")
DAY = 86_400_000_000
MICROS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": DAY,
    "week": 7 * DAY,
}
"""Microseconds in each unit of a day-time interval."""
MONTHS = {"month": 1, "year": 12}


def day_time(start: str = "day", end: str = "second") -> SqlType:
    """``interval day to second``, or with fewer fields."""
    return SqlType("daytime", names=(start, end))


def year_month(start: str = "year", end: str = "month") -> SqlType:
    """``interval year to month``, or with one field."""
    return SqlType("yearmonth", names=(start, end))


def spanning(fields: list[str]) -> SqlType:
    """The interval type from the largest to the smallest of these fields."""
    for order, kind in ((YEAR_MONTH, "yearmonth"), (DAY_TIME, "daytime")):
        if all(field in order for field in fields):
            places = [order.index(field) for field in fields]
            return SqlType(kind, names=(order[min(places)], order[max(places)]))
    raise EngineError(
        f"an interval of {' and '.join(fields)} mixes months and days",
        hint="add two intervals one after the other, or make_interval(...)",
    )


def widest_interval(left: SqlType, right: SqlType) -> SqlType | None:
    """The type that two intervals meet in."""
    if left.kind != right.kind:
        return None
    return left if left == right else spanning([*left.names, *right.names])


# -- literals ------------------------------------------------------------------------------------------

_CLOCK = {
    ("day", "hour"): r"(?P<day>\d+) (?P<hour>\d{1,2})",
    ("day", "minute"): r"(?P<day>\d+) (?P<hour>\d{1,2}):(?P<minute>\d{1,2})",
    ("day", "second"): r"(?P<day>\d+) (?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2}(\.\d{1,9})?)",
    ("hour", "minute"): r"(?P<hour>\d+):(?P<minute>\d{1,2})",
    ("hour", "second"): r"(?P<hour>\d+):(?P<minute>\d{1,2}):(?P<second>\d{1,2}(\.\d{1,9})?)",
    ("minute", "second"): r"(?P<minute>\d+):(?P<second>\d{1,2}(\.\d{1,9})?)",
    ("year", "month"): r"(?P<year>\d+)-(?P<month>\d{1,2})",
}
_LIMITS = {"hour": 24, "minute": 60, "second": 60, "month": 12}
_PART = re.compile(r"([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)")


def of_node(node: Any) -> Expr | None:
    """A parsed interval literal; None when it is the number of units in a column."""
    unit = node.args.get("unit")
    written = node.this.this if isinstance(node.this, exp.Literal) else None
    if isinstance(node.this, exp.Neg) and isinstance(node.this.this, exp.Literal):
        written = f"-{node.this.this.this}"
    if written is None:
        return None
    if unit is None:
        return text_literal(written)
    if isinstance(unit, exp.IntervalSpan):
        return span_literal(written, unit.this.name.lower(), unit.expression.name.lower())
    return unit_literal(written, _unit(node))


def unit_of(node: Any) -> tuple[SqlType, int]:
    """The type of an interval of some units, and how many months or microseconds one has."""
    name = _unit(node)
    return spanning([field_of_unit(name)]), MONTHS.get(name) or MICROS[name]


def _unit(node: Any) -> str:
    name = str(node.args.get("unit") or "").lower().removesuffix("s")
    if name not in MICROS and name not in MONTHS:
        raise Unsupported(f"the interval unit {name or '(none)'}")
    return name


def span_literal(written: str, start: str, end: str) -> Expr:
    """``interval '1-2' year to month``, ``interval '1 02:03:04' day to second``."""
    found = re.fullmatch(rf"\s*([+-]?)\s*{_CLOCK.get((start, end), '(?!)')}\s*", written)
    if found is None:
        raise EngineError(f"'{written}' is no interval {start} to {end}")
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    for index, (name, value) in enumerate(parts.items()):
        if index and float(value) >= _LIMITS[name]:
            raise EngineError(f"'{written}': {name} {value} is out of range")
    sign = -1 if found[1] == "-" else 1
    total = sum(_amount(value, name) for name, value in parts.items())
    return constant(sign * total, spanning([start, end]))


def unit_literal(written: str, unit: str) -> Expr:
    """``interval '3' day``, ``interval 1.5 seconds``."""
    found = re.fullmatch(r"\s*([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)\s*", written)
    if found is None or ("." in found[2] and unit != "second"):
        raise EngineError(f"'{written}' is no number of {unit}s")
    amount = _amount(found[2], unit)
    return constant(-amount if found[1] == "-" else amount, spanning([field_of_unit(unit)]))


def text_literal(written: str) -> Expr:
    """``interval '1 year 2 months'``."""
    months, micros, fields = _read(written)
    kind = spanning(fields)
    return constant(months if kind.kind == "yearmonth" else micros, kind)


def calendar(written: str) -> tuple[int, int, int] | None:
    """Months, days and microseconds of a text such as ``1 month 5 minutes``; None when it is none."""
    try:
        months, micros, _ = _read(written)
    except EngineError:
        return None
    lower = written.lower()
    days = sum(
        int(sign + number) * (7 if unit.startswith("week") else 1)
        for sign, number, unit in _PART.findall(lower)
        if unit in ("day", "days", "week", "weeks")
    )
    return months, days, micros - days * DAY


def _read(written: str) -> tuple[int, int, list[str]]:
    body = re.sub(r"^\s*interval\s+", "", written.strip().lower())
    if not body or re.sub(r"\s+", "", _PART.sub("", body)):
        raise EngineError(f"'{written}' is no interval", hint="interval '1 day 2 hours'")
    months = micros = 0
    fields = []
    for sign, number, written_unit in _PART.findall(body):
        unit = written_unit.removesuffix("s")
        if unit not in MICROS and unit not in MONTHS:
            raise EngineError(f"'{written}': {written_unit} is no unit of an interval")
        if "." in number and unit != "second":
            raise EngineError(f"'{written}': only seconds have fractions")
        amount = _amount(number, unit) * (-1 if sign == "-" else 1)
        months, micros = (months + amount, micros) if unit in MONTHS else (months, micros + amount)
        fields.append(field_of_unit(unit))
    return months, micros, fields


def _amount(number: str, unit: str) -> int:
    return int(Decimal(number) * (MONTHS.get(unit) or MICROS[unit]))


def field_of_unit(unit: str) -> str:
    """The field of an interval type that a unit belongs to."""
    return {"week": "day", "millisecond": "second", "microsecond": "second"}.get(unit, unit)


def constant(amount: int, kind: SqlType) -> Expr:
    """An interval of so many months or microseconds."""
    return Expr(f"CAST({amount} AS {kind.duck})", kind, shown(amount, kind))


def shown(amount: int, kind: SqlType) -> str:
    """Spark's text of an interval."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    start, end = kind.names
    if kind.kind == "yearmonth":
        body = {
            ("year", "year"): str(rest // 12),
            ("month", "month"): str(rest),
        }.get((start, end), f"{rest // 12}-{rest % 12}")
    else:
        out: list[str] = []
        for field in DAY_TIME[DAY_TIME.index(start) : DAY_TIME.index(end) + 1]:
            whole, rest = divmod(rest, MICROS[field])
            part = str(whole) if field == "day" else f"{whole:02}"
            if field == "second" and rest:
                part += f".{rest:06}".rstrip("0")
            out.append(({"hour": " ", "minute": ":", "second": ":"}.get(field, "") if out else "") + part)
        body = "".join(out)
    fields = start if start == end else f"{start} to {end}"
    return f"INTERVAL '{sign}{body}' {fields.upper()}"


# -- texts and casts -----------------------------------------------------------------------------------


def text_of(sql: str, kind: SqlType) -> str:
    """The SQL of Spark's text of an interval."""
    if kind == INTERVAL:
        return f"spark_calendar_text({sql})"
    start, end = kind.names
    postfix = f"' {(start if start == end else f'{start} to {end}').upper()}"
    minus = f"CASE WHEN {sql} < 0 THEN '-' ELSE '' END"
    rest = f"abs(CAST({sql} AS HUGEINT))"
    if kind.kind == "yearmonth":
        year, month = f"CAST({rest} // 12 AS VARCHAR)", f"CAST({rest} % 12 AS VARCHAR)"
        body = {
            ("year", "year"): year,
            ("month", "month"): f"CAST({rest} AS VARCHAR)",
        }.get((start, end), f"{year} || '-' || {month}")
    else:
        parts: list[str] = []
        for field in DAY_TIME[DAY_TIME.index(start) : DAY_TIME.index(end) + 1]:
            separator = {"hour": "' ' || ", "minute": "':' || ", "second": "':' || "}.get(field, "")
            whole = f"CAST({rest} // {MICROS[field]} AS VARCHAR)"
            if field == "second":
                part = f"spark_seconds_text({rest})"
            elif field == "day":
                part = whole
            else:
                part = f"lpad({whole}, CAST(greatest(2, length({whole})) AS INTEGER), '0')"
            parts.append((separator if parts else "") + part)
            rest = f"({rest} % {MICROS[field]})"
        body = " || ".join(parts)
    return f"('INTERVAL ''' || {minus} || {body} || {text(postfix)})"


def cast_interval(sql: str, source: SqlType, to: SqlType) -> str | None:
    """The SQL of a cast to an interval type; None where there is none."""
    if source.kind == to.kind:
        unit = to.names[1]
        size = MONTHS[unit] if to.kind == "yearmonth" else MICROS[unit]
        narrower = size > 1 and source.names[1] != unit
        return f"CAST({sql} // {size} * {size} AS {to.duck})" if narrower else sql
    if source.integral and to != INTERVAL:
        unit = to.names[1]
        size = MONTHS[unit] if to.kind == "yearmonth" else MICROS[unit]
        return f"CAST({sql} * CAST({size} AS BIGINT) AS {to.duck})"
    return None


def number_of(sql: str, source: SqlType, to: SqlType) -> str | None:
    """The SQL of an interval of one field as a number of it."""
    if source == INTERVAL or source.names[0] != source.names[1]:
        return None
    size = MONTHS[source.names[0]] if source.kind == "yearmonth" else MICROS[source.names[0]]
    return f"CAST({sql} // {size} AS {to.duck})"


def duck_interval(value: Expr) -> str:
    """An interval as DuckDB's own."""
    if value.type.kind == "yearmonth":
        return f"to_months({value.sql})"
    if value.type.kind == "daytime":
        return f"(to_days(CAST({value.sql} // {DAY} AS INTEGER)) + to_microseconds({value.sql} % {DAY}))"
    return value.sql


def literal_of(written: object, kind: SqlType) -> Expr:
    """The cast of a literal text to an interval type."""
    if not isinstance(written, str):
        raise Unsupported(f"a cast of a column of texts to {kind.spark}")
    if kind == INTERVAL:
        found = calendar(written)
        if found is None:
            return Expr("CAST(NULL AS INTERVAL)", INTERVAL, written)
        months, days, micros = found
        sql = f"(to_months({months}) + to_days({days}) + to_microseconds({micros}))"
        return Expr(sql, INTERVAL, written)
    start, end = kind.names
    inner = re.fullmatch(r"\s*interval\s+([+-]?)\s*'([^']*)'\s+[a-z ]+", written, re.IGNORECASE)
    body = inner[1] + inner[2] if inner else written
    return unit_literal(body, start) if start == end else span_literal(body, start, end)
