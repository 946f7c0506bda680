"""Making intervals, taking them apart, and what steps through time: ``sequence``, ``timestampadd`` ..."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.coercion import widest
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.intervals import (
    DAY,
    MICROS,
    MONTHS,
    constant,
    day_time,
    duck_interval,
    year_month,
)
from pybyzer.engines.sparksql.types import (
    BIGINT,
    DATE,
    INT,
    INTERVAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    SqlType,
    array,
    decimal,
)
from pybyzer.errors import EngineError, Unsupported

_SECONDS = decimal(18, 6)


def _numbers(call: Call, most: int) -> list[str]:
    """The arguments as whole numbers, the last possible one as seconds; 0 for those left out."""
    call.arity(0, most)
    kinds = [INT] * (most - 1) + [_SECONDS if most > 2 else INT]
    given = [call.as_(index, kind) for index, kind in enumerate(kinds[: len(call.args)])]
    return given + ["0"] * (most - len(given))


def _label(call: Call, most: int) -> str:
    zeros = ["0"] * (most - 1) + ["0.000000" if most > 2 else "0"]
    shown = [arg.label for arg in call.args]
    return f"{call.name}({', '.join(shown + zeros[len(shown) :])})"


def _micros(seconds: str) -> str:
    return f"CAST({seconds} * 1000000 AS BIGINT)"


@rule("make_interval", "try_make_interval")
def _make_interval(call: Call) -> Expr:
    years, months, weeks, days, hours, minutes, seconds = _numbers(call, 7)
    clock = f"CAST({hours} AS BIGINT) * {MICROS['hour']} + CAST({minutes} AS BIGINT) * {MICROS['minute']}"
    sql = (
        f"(to_months(CAST({years} * 12 + {months} AS INTEGER)) "
        f"+ to_days(CAST({weeks} * 7 + {days} AS INTEGER)) + to_microseconds({clock} + {_micros(seconds)}))"
    )
    return Expr(f"TRY({sql})", INTERVAL, _label(call, 7))


@rule("make_dt_interval", "try_make_dt_interval")
def _make_dt_interval(call: Call) -> Expr:
    days, hours, minutes, seconds = _numbers(call, 4)
    parts = zip((days, hours, minutes), ("day", "hour", "minute"), strict=True)
    sql = " + ".join(f"CAST({part} AS BIGINT) * {MICROS[unit]}" for part, unit in parts)
    return Expr(f"({sql} + {_micros(seconds)})", day_time(), _label(call, 4))


@rule("make_ym_interval", "try_make_ym_interval")
def _make_ym_interval(call: Call) -> Expr:
    years, months = _numbers(call, 2)
    return Expr(f"CAST({years} * 12 + {months} AS INTEGER)", year_month(), _label(call, 2))


def part(value: Expr, field: str) -> Expr:
    """``extract(field from interval)``."""
    kind, sql = value.type, value.sql
    tiny = SqlType("tinyint")
    if kind == INTERVAL:
        made = {
            "year": (f"datepart('year', {sql})", INT),
            "month": (f"datepart('month', {sql})", tiny),
            "day": (f"datepart('day', {sql})", INT),
            "hour": (f"datepart('hour', {sql})", tiny),
            "minute": (f"datepart('minute', {sql})", tiny),
            "second": (f"datepart('microsecond', {sql}) / 1000000", decimal(8, 6)),
        }
    elif kind.kind == "yearmonth":
        made = {"year": (f"{sql} // 12", INT), "month": (f"{sql} % 12", tiny)}
    else:
        made = {
            "day": (f"{sql} // {DAY}", INT),
            "hour": (f"({sql} % {DAY}) // {MICROS['hour']}", tiny),
            "minute": (f"({sql} % {MICROS['hour']}) // {MICROS['minute']}", tiny),
            "second": (f"CAST({sql} % {MICROS['minute']} AS DECIMAL(18, 0)) * 0.000001", decimal(8, 6)),
        }
    if field not in made:
        raise EngineError(f"{kind.spark} has no {field}")
    text, returns = made[field]
    return Expr(f"CAST({text} AS {returns.duck})", returns)


# -- steps ---------------------------------------------------------------------------------------------


def moments(call: Call) -> Expr:
    """``sequence`` of dates or timestamps."""
    kind = widest(call.args[0].type, call.args[1].type) or TIMESTAMP
    first, last = (cast(arg, kind) for arg in call.args[:2])
    if len(call.args) == 3:
        step = call.args[2]
        if not step.type.interval:
            raise EngineError(f"sequence of {kind.spark} needs an interval to step by")
    else:
        step = constant(DAY, day_time("day", "day"))
        if not (first.constant and last.constant):
            sign = f"CASE WHEN {first.sql} <= {last.sql} THEN {DAY} ELSE -{DAY} END"
            step = Expr(f"CAST({sign} AS BIGINT)", step.type)
    label = call.label
    if step.type.kind == "yearmonth":
        # Each is so many months after the first: January 31, February 29, March 31.
        e = fresh_variable()
        distance = f"datediff('month', {first.sql}, {last.sql})"
        count = f"CASE WHEN {step.sql} <> 0 THEN greatest({distance} // {step.sql}, 0) + 1 END"
        each = f"lambda {e}: {first.sql} + to_months(CAST({e} * {step.sql} AS INTEGER))"
        inside = f"CASE WHEN {step.sql} > 0 THEN {e} <= {last.sql} ELSE {e} >= {last.sql} END"
        listed = f"list_filter(list_transform(range({count}), {each}), lambda {e}: {inside})"
        return Expr(f"CAST({listed} AS {array(kind).duck})", array(kind), label)
    listed = f"generate_series({first.sql}, {last.sql}, {duck_interval(step)})"
    return Expr(f"CAST({listed} AS {array(kind).duck})", array(kind), label)


def _unit(call: Call) -> str:
    """The unit a call begins with: a bare word or a text."""
    node = call.nodes[0]
    if not isinstance(node, exp.Column | exp.Literal | exp.Var | exp.Identifier):
        raise EngineError(f"{call.name} needs a unit first", hint=f"{call.name}(day, ...)")
    unit = str(node.name).lower()
    known = {"dayofyear": "day", "microsecond": "microsecond", "quarter": "quarter"}
    unit = known.get(unit, unit)
    if unit not in MICROS and unit not in MONTHS and unit != "quarter":
        raise EngineError(f"{call.name}: {unit} is no unit", hint="year, month, week, day, hour ...")
    return unit


def _size(unit: str) -> tuple[int, bool]:
    """How many months (True) or microseconds a unit has."""
    if unit == "quarter":
        return 3, True
    return (MONTHS[unit], True) if unit in MONTHS else (MICROS[unit], False)


@rule("timestampadd")
def timestamp_add(call: Call) -> Expr:
    """``timestampadd(unit, n, t)``."""
    call.arity(3)
    unit = _unit(call)
    size, months = _size(unit)
    count = call.translator.expression(call.nodes[1], call.scope)
    moment = call.translator.expression(call.nodes[2], call.scope)
    if not moment.type.temporal or moment.type == DATE:
        moment = cast(moment, TIMESTAMP)
    amount = f"CAST({cast(count, BIGINT).sql} * {size} AS {'INTEGER' if months else 'BIGINT'})"
    step = duck_interval(Expr(amount, year_month() if months else day_time()))
    label = f"timestampadd({call.nodes[0].name}, {count.label}, {moment.label})"
    return Expr(f"({moment.sql} + {step})", moment.type, label)


@rule("timestampdiff")
def timestamp_diff(call: Call) -> Expr:
    """``timestampdiff(unit, from, to)``: whole units between two moments."""
    call.arity(3)
    unit = _unit(call)
    size, months = _size(unit)
    start, end = (call.translator.expression(node, call.scope) for node in call.nodes[1:])
    label = f"timestampdiff({call.nodes[0].name}, {start.label}, {end.label})"
    a, b = (f"CAST({cast(side, TIMESTAMP).sql} AS TIMESTAMP)" for side in (start, end))
    if months:
        return Expr(f"CAST(spark_months({a}, {b}) // {size} AS BIGINT)", BIGINT, label)
    return Expr(f"CAST((epoch_us({b}) - epoch_us({a})) // {size} AS BIGINT)", BIGINT, label)


@rule("window_time")
def _window_time(call: Call) -> Expr:
    call.arity(1)
    window = call.args[0]
    end = window.type.field("end") if window.type.kind == "struct" else None
    if end is None:
        raise EngineError("window_time needs the column window", hint="window_time(window)")
    return call.result(f"(struct_extract({window.sql}, 'end') - to_microseconds(1))", end)


@rule("window", "session_window")
def _window(call: Call) -> Expr:
    raise EngineError(f"{call.name} cannot stand here", hint="select it, or group by it")


@rule("time_bucket")
def _time_bucket(call: Call) -> Expr:
    call.arity(2, 3)
    step, moment = call.args[0], call.args[1]
    if step.type.kind not in ("daytime", "yearmonth"):
        raise EngineError("time_bucket needs an interval first", hint="interval '15' minute")
    if moment.type == STRING:
        moment = cast(moment, TIMESTAMP)
    if not moment.type.temporal:
        raise EngineError(f"time_bucket of {moment.type.spark}")
    if moment.type == DATE:
        raise Unsupported("time_bucket of dates", hint="cast them to timestamps")
    local = moment.sql if moment.type == TIMESTAMP_NTZ else f"CAST({moment.sql} AS TIMESTAMP)"
    origin = "TIMESTAMP '1970-01-01 00:00:00'"
    if len(call.args) == 3:
        start = cast(call.args[2], moment.type)
        origin = start.sql if moment.type == TIMESTAMP_NTZ else f"CAST({start.sql} AS TIMESTAMP)"
    if step.type.kind == "yearmonth":
        whole = f"datesub('month', {origin}, {local})"
        below = f"CASE WHEN {origin} + to_months(CAST({whole} AS INTEGER)) > {local} THEN 1 ELSE 0 END"
        count = f"CAST(spark_floor_div({whole} - {below}, {step.sql}) * {step.sql} AS INTEGER)"
        sql = f"({origin} + to_months({count}))"
    else:
        sql = f"time_bucket({duck_interval(step)}, {local}, {origin})"
    return call.result(f"CAST({sql} AS {moment.type.duck})", moment.type)
