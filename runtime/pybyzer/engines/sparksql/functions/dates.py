"""Dates and times. A timestamp is an instant; its fields are those of the session's zone."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import RULES, Call, rule, table
from pybyzer.engines.sparksql.casts import cast, cast_sql
from pybyzer.engines.sparksql.date_patterns import read, written
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.intervals import part, timestamp_add, timestamp_diff
from pybyzer.engines.sparksql.temporal import clock
from pybyzer.engines.sparksql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    decimal,
)
from pybyzer.errors import EngineError

table("""
year | date | int | CAST(year({0}) AS INTEGER)
month | date | int | CAST(month({0}) AS INTEGER)
day, dayofmonth | date | int | CAST(day({0}) AS INTEGER)
dayofyear | date | int | CAST(dayofyear({0}) AS INTEGER)
dayofweek | date | int | CAST(dayofweek({0}) + 1 AS INTEGER)
weekday | date | int | CAST(isodow({0}) - 1 AS INTEGER)
weekofyear | date | int | CAST(weekofyear({0}) AS INTEGER)
quarter | date | int | CAST(quarter({0}) AS INTEGER)
date_sub | date; int | date | ({0} - {1})
add_months | date; int | date | CAST({0} + to_months({1}) AS DATE)
last_day | date | date | last_day({0})
make_date | int; int; int | date | TRY(make_date({0}, {1}, {2}))
date_from_unix_date | int | date | (DATE '1970-01-01' + {0})
unix_date | date | int | CAST({0} - DATE '1970-01-01' AS INTEGER)
timestamp_millis | bigint | timestamp | make_timestamptz({0} * 1000)
timestamp_micros | bigint | timestamp | make_timestamptz({0})
current_timestamp, now | - | timestamp | now()
current_date, curdate | - | date | CAST(now() AS DATE)
""")


@rule("hour", "minute", "second")
def _hour(call: Call) -> Expr:
    call.arity(1)
    return call.result(f"CAST({call.name}({_stamp(call, 0)}) AS INTEGER)", INT)


@rule("date_add", "dateadd")
def _date_add(call: Call) -> Expr:
    if len(call.nodes) == 3:
        return timestamp_add(call)
    call.arity(2)
    if call.args[1].type.interval:
        return call.translator.binary("+", cast(call.args[0], DATE), call.args[1]).named(call.label)
    return call.result(f"({call.as_(0, DATE)} + {call.as_(1, INT)})", DATE)


@rule("datediff", "date_diff")
def _date_diff(call: Call) -> Expr:
    if len(call.nodes) == 3:
        return timestamp_diff(call)
    call.arity(2)
    return call.result(f"CAST({call.as_(0, DATE)} - {call.as_(1, DATE)} AS INTEGER)", INT)


@rule("unix_seconds", "unix_millis", "unix_micros")
def _unix(call: Call) -> Expr:
    call.arity(1)
    value = call.args[0]
    # A moment without zone counts as UTC here, as in Spark.
    micros = f"epoch_us({value.sql if value.type == TIMESTAMP_NTZ else call.as_(0, TIMESTAMP)})"
    size = {"unix_seconds": 1_000_000, "unix_millis": 1_000, "unix_micros": 1}[call.name]
    return call.result(micros if size == 1 else f"spark_floor_div({micros}, {size})", BIGINT)


_UNITS = {
    "year": "year", "yyyy": "year", "yy": "year", "quarter": "quarter", "month": "month", "mm": "month",
    "mon": "month", "week": "week", "day": "day", "dd": "day", "hour": "hour", "minute": "minute",
    "second": "second", "millisecond": "millisecond", "microsecond": "microsecond",
}  # fmt: skip


def _stamp(call: Call, index: int) -> str:
    """An argument as a local date and time, for fields and patterns."""
    value = call.args[index]
    return _local(value) if value.type in (TIMESTAMP_NTZ, DATE) else _local(cast(value, TIMESTAMP))


def _local(value: Expr) -> str:
    """A moment as the clock on the wall shows it."""
    if value.type == TIMESTAMP_NTZ:
        return value.sql
    return f"CAST({value.sql} AS TIMESTAMP)"


def formatted(value: Expr, pattern: str) -> str:
    """A moment written by a pattern."""
    if clock(value.type):
        return written(pattern, f"(DATE '1970-01-01' + {value.sql})", "0")
    moment = cast(value, TIMESTAMP).sql
    local = _local(value) if value.type in (TIMESTAMP_NTZ, DATE) else f"CAST({moment} AS TIMESTAMP)"
    offset = f"((epoch_us(CAST({moment} AS TIMESTAMP)) - epoch_us({moment})) // 1000000)"
    return written(pattern, local, offset)


@rule("date_format")
def _date_format(call: Call) -> Expr:
    call.arity(2)
    return call.result(formatted(call.args[0], str(call.constant(1))), STRING)


def _parsed(value: str, pattern: object) -> str:
    """A text read by a pattern as a moment; NULL when it does not match."""
    if pattern is None:
        return "CAST(NULL AS TIMESTAMPTZ)"
    body, zoned = read(str(pattern), value)
    return f"TRY_CAST({body} AS TIMESTAMPTZ)" if zoned else f"spark_here(TRY_CAST({body} AS TIMESTAMP))"


@rule("to_date", "date", "try_to_date")
def _to_date(call: Call) -> Expr:
    call.arity(1, 2)
    if call.name == "date" and len(call.args) == 1:
        # Spark keeps the column's name under a cast function.
        return cast(call.args[0], DATE)
    if len(call.args) == 1 or call.args[0].type != STRING:
        return call.result(call.as_(0, DATE), DATE)
    return call.result(f"CAST({_parsed(call.args[0].sql, call.constant(1))} AS DATE)", DATE)


@rule("to_timestamp", "timestamp", "try_to_timestamp", "to_timestamp_ltz")
def _to_timestamp(call: Call) -> Expr:
    call.arity(1, 2)
    if len(call.args) == 1 or call.args[0].type != STRING:
        made = cast(call.args[0], TIMESTAMP)
        return made if call.name == "timestamp" else made.named(call.label)
    return call.result(_parsed(call.args[0].sql, call.constant(1)), TIMESTAMP)


@rule("unix_timestamp", "to_unix_timestamp")
def _unix_timestamp(call: Call) -> Expr:
    call.arity(0, 2)
    pattern = call.constant(1) if len(call.args) > 1 else "yyyy-MM-dd HH:mm:ss"
    first = call.args[0].label if call.args else "current_timestamp()"
    label = f"{call.name}({first}, {pattern})"
    if not call.args:
        moment = "now()"
    elif call.args[0].type == STRING:
        moment = _parsed(call.args[0].sql, pattern)
    else:
        moment = call.as_(0, TIMESTAMP)
    return Expr(f"spark_floor_div(epoch_us({moment}), 1000000)", BIGINT, label)


@rule("from_unixtime")
def _from_unixtime(call: Call) -> Expr:
    call.arity(1, 2)
    pattern = str(call.constant(1)) if len(call.args) > 1 else "yyyy-MM-dd HH:mm:ss"
    moment = Expr(f"make_timestamptz({call.as_(0, BIGINT)} * 1000000)", TIMESTAMP)
    label = f"from_unixtime({call.args[0].label}, {pattern})"
    return Expr(formatted(moment, pattern), STRING, label)


@rule("timestamp_seconds")
def _timestamp_seconds(call: Call) -> Expr:
    call.arity(1)
    return call.result(cast_sql(call.args[0].sql, call.args[0].type, TIMESTAMP), TIMESTAMP)


def _unit(call: Call, index: int) -> str:
    written = str(call.constant(index)).lower()
    if written not in _UNITS:
        return ""
    return _UNITS[written]


@rule("trunc")
def _trunc(call: Call) -> Expr:
    call.arity(2)
    unit = _unit(call, 1)
    if unit not in ("year", "quarter", "month", "week"):
        return call.result("CAST(NULL AS DATE)", DATE)
    return call.result(f"CAST(date_trunc('{unit}', {call.as_(0, DATE)}) AS DATE)", DATE)


@rule("date_trunc")
def _date_trunc(call: Call) -> Expr:
    call.arity(2)
    unit = _unit(call, 0)
    if not unit:
        return call.result("CAST(NULL AS TIMESTAMPTZ)", TIMESTAMP)
    moment, local = call.as_(1, TIMESTAMP), _stamp(call, 1)
    if unit in ("hour", "minute", "second", "millisecond", "microsecond"):
        # What passed since then is taken off: an hour that comes twice stays the same hour.
        return call.result(f"({moment} - ({local} - date_trunc('{unit}', {local})))", TIMESTAMP)
    return call.result(f"spark_here(date_trunc('{unit}', {local}))", TIMESTAMP)


@rule("months_between")
def _months_between(call: Call) -> Expr:
    call.arity(2, 3)
    a, b = _stamp(call, 0), _stamp(call, 1)
    months = f"((year({a}) - year({b})) * 12 + month({a}) - month({b}))"
    last = " AND ".join(f"day({x}) = day(last_day({x}))" for x in (a, b))
    seconds = " - ".join(f"(day({x}) * 86400 + epoch(CAST({x} AS TIME)))" for x in (a, b))
    sql = (
        f"CASE WHEN day({a}) = day({b}) OR ({last}) THEN CAST({months} AS DOUBLE) "
        f"ELSE round({months} + ({seconds}) / 2678400.0, 8) END"
    )
    exact = f"({months} + ({seconds}) / 2678400.0)"
    third = call.args[2].label if len(call.args) == 3 else "true"
    if len(call.args) == 3 and call.constant(2) is not True:
        sql = sql.replace(f"round({exact[1:-1]}, 8)", exact)
    return Expr(sql, DOUBLE, f"months_between({call.args[0].label}, {call.args[1].label}, {third})")


_DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"]
_DAY_NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@rule("next_day")
def _next_day(call: Call) -> Expr:
    call.arity(2)
    name = str(call.constant(1)).strip().lower()
    numbers = [
        number
        for number, (short, long) in enumerate(zip(_DAYS, _DAY_NAMES, strict=True), 1)
        if name in (short, long[:3], long)
    ]
    if not numbers:
        return call.result("CAST(NULL AS DATE)", DATE)
    date = call.as_(0, DATE)
    return call.result(f"({date} + CAST((({numbers[0]} - isodow({date}) + 6) % 7) + 1 AS INTEGER))", DATE)


_FIELDS = {
    name: field
    for field, names in {
        "year": "year years y yr yrs", "yearofweek": "yearofweek", "quarter": "quarter qtr",
        "month": "month months mon mons", "weekofyear": "week weeks w", "day": "day days d",
        "dayofweek": "dayofweek dow", "isodow": "dayofweek_iso dow_iso", "dayofyear": "doy",
        "hour": "hour hours h hr hrs", "minute": "minute minutes min mins m",
        "second": "second seconds s sec secs",
    }.items()
    for name in names.split()
}  # fmt: skip


@rule("extract", "date_part", "datepart")
def _extract(call: Call) -> Expr:
    call.arity(2)
    written = str(call.extra.get("field") or call.constant(0)).lower()
    field = _FIELDS.get(written)
    if field is None:
        raise EngineError(f"{call.name}: there is no field {written}", hint="year, month, day, hour ...")
    label = f"{call.name}({call.args[0].label}, {call.args[1].label})"
    if call.name == "extract":
        label = f"extract({written} FROM {call.args[1].label})"
    value = call.args[1]
    if value.type.interval:
        return part(value, field).named(label)
    if field == "second":
        return seconds(value).named(label)
    if field in ("yearofweek", "isodow"):
        name = "isoyear" if field == "yearofweek" else field
        date = value if value.type.temporal else cast(value, DATE)
        return Expr(f"CAST({name}({_local(date)}) AS INTEGER)", INT, label)
    inner = call.with_args([value])
    inner.name = field
    return RULES[field](inner).named(label)


def seconds(value: Expr) -> Expr:
    """The seconds of a moment with their fraction."""
    micros = (
        f"epoch_us({_local(value if value.type.temporal or clock(value.type) else cast(value, TIMESTAMP))})"
    )
    kind = decimal(8, 6)
    sql = f"CAST(((({micros}) % 60000000 + 60000000) % 60000000) AS DECIMAL(18, 0)) * 0.000001"
    return Expr(f"CAST({sql} AS {kind.duck})", kind)


@rule("to_timestamp_ntz")
def _to_timestamp_ntz(call: Call) -> Expr:
    call.arity(1, 2)
    if len(call.args) == 1 or call.args[0].type != STRING:
        return call.result(cast_sql(call.args[0].sql, call.args[0].type, TIMESTAMP_NTZ), TIMESTAMP_NTZ)
    body, zoned = read(str(call.constant(1)), call.args[0].sql)
    # A zone is read over: what the clock showed is kept.
    kept = f"regexp_replace({body}, '([+-]\\d+:?\\d*| [A-Za-z/_]+)$', '')" if zoned else body
    return call.result(f"TRY_CAST({kept} AS TIMESTAMP)", TIMESTAMP_NTZ)


@rule("monthname", "dayname")
def _name(call: Call) -> Expr:
    call.arity(1)
    return call.result(f"left({call.name}({call.as_(0, DATE)}), 3)", STRING)
