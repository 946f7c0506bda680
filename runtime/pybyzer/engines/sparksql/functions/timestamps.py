"""Making timestamps from parts, and moving them between time zones."""

from __future__ import annotations

import re
import zoneinfo

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.temporal import clock
from pybyzer.engines.sparksql.types import (
    DATE,
    INT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    SqlType,
    decimal,
    text,
)
from pybyzer.errors import EngineError

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")


def instant(local: str, zone: Expr) -> str:
    """The SQL of the moment at which the clocks of a zone show a local time."""
    seconds = _fixed(zone)
    if seconds is None:
        return f"spark_instant({local}, {_region(zone)})"
    return f"(timezone('UTC', {local}) - to_seconds({seconds}))"


def local_time(moment: str, zone: Expr) -> str:
    """The SQL of what the clocks of a zone show at a moment."""
    seconds = _fixed(zone)
    if seconds is None:
        return f"timezone({_region(zone)}, {moment})"
    return f"(timezone('UTC', {moment}) + to_seconds({seconds}))"


def _fixed(zone: Expr) -> int | None:
    """The offset in seconds of a literal zone such as ``+08:00``."""
    if not isinstance(zone.value, str):
        return None
    if zone.value in ("Z", "UTC", "GMT", "UT"):
        return 0
    found = _OFFSET.fullmatch(zone.value)
    if found is None:
        return None
    seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60 + int(found[4] or 0)
    if seconds > 18 * 3600:
        raise EngineError(f"no time zone {zone.value}")
    return -seconds if found[1] == "-" else seconds


def _region(zone: Expr) -> str:
    if isinstance(zone.value, str):
        try:
            zoneinfo.ZoneInfo(zone.value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise EngineError(f"no time zone {zone.value}", hint="Asia/Shanghai, UTC, +08:00") from None
    return cast(zone, STRING).sql


def _made(call: Call) -> tuple[str, Expr | None]:
    """The local time of ``make_timestamp``'s arguments, and the zone among them."""
    args = call.args
    if args[0].type == DATE:
        call.arity(1, 3)
        if len(args) > 1 and not clock(args[1].type):
            raise EngineError(f"{call.name}: a date is followed by a time")
        local = f"CAST({args[0].sql} AS TIMESTAMP)"
        if len(args) > 1:
            local = f"({args[0].sql} + {args[1].sql})"
        return local, args[2] if len(args) > 2 else None
    call.arity(6, 7)
    year, month, day, hour, minute = (call.as_(index, INT) for index in range(5))
    seconds = call.as_(5, decimal(16, 6))
    whole = f"make_timestamp({year}, {month}, {day}, {hour}, {minute}, 0)"
    # Sixty seconds are the next minute, but not a part of one more; hour 24 is DuckDB's alone.
    sql = f"{whole} + to_microseconds(CAST({seconds} * 1000000 AS BIGINT))"
    good = f"{seconds} BETWEEN 0 AND 60 AND {hour} < 24"
    return f"TRY(CASE WHEN {good} THEN {sql} END)", args[6] if len(args) > 6 else None


@rule("make_timestamp", "make_timestamp_ltz", "try_make_timestamp", "try_make_timestamp_ltz")
def _make_timestamp(call: Call) -> Expr:
    call.arity(1, 7)
    local, zone = _made(call)
    if zone is None:
        return call.result(f"spark_here({local})", TIMESTAMP)
    return call.result(instant(local, zone), TIMESTAMP)


@rule("make_timestamp_ntz", "try_make_timestamp_ntz")
def _make_timestamp_ntz(call: Call) -> Expr:
    call.arity(1, 6)
    local, _ = _made(call)
    return call.result(local, TIMESTAMP_NTZ)


@rule("convert_timezone")
def _convert_timezone(call: Call) -> Expr:
    call.arity(2, 3)
    *zones, value = call.args
    local = cast(value, TIMESTAMP_NTZ).sql
    source = zones[0] if len(zones) == 2 else Expr("current_setting('TimeZone')", STRING)
    label = call.label if len(zones) == 2 else f"convert_timezone(current_timezone(), {call.label[17:]}"
    return Expr(local_time(instant(local, source), zones[-1]), TIMESTAMP_NTZ, label)


@rule("from_utc_timestamp", "to_utc_timestamp")
def _utc(call: Call) -> Expr:
    call.arity(2)
    moment, zone = call.as_(0, TIMESTAMP), call.args[1]
    if call.name == "from_utc_timestamp":
        return call.result(f"timezone('UTC', {local_time(moment, zone)})", TIMESTAMP)
    return call.result(instant(f"timezone('UTC', {moment})", zone), TIMESTAMP)


def time_literal(written: object) -> Expr:
    """``TIME '10:20:30.5'``."""
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,6})?)?\s*", str(written))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise EngineError(f"'{written}' is no time of day", hint="TIME '10:20:30'")
    body = f"{int(found[1]):02}:{int(found[2]):02}:{int(found[3] or 0):02}{found[4] or ''}"
    return Expr(f"CAST({text(body)} AS TIME)", SqlType("time(6)"), f"TIME '{body}'")
