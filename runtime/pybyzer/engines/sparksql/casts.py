"""Spark's casts (non-ANSI) in DuckDB's SQL: what cannot be cast is NULL, fractions are cut, never rounded."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable

from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.intervals import cast_interval, number_of, text_of
from pybyzer.engines.sparksql.types import DOUBLE, INTEGRAL, STRING, SqlType, quote, text
from pybyzer.errors import Unsupported

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BITS = {"tinyint": 8, "smallint": 16, "int": 32}
_numbers = itertools.count(1)


def fresh_variable() -> str:
    """A lambda parameter that no other has the name of."""
    return f"e{next(_numbers)}_"


def cast(value: Expr, to: SqlType) -> Expr:
    """``value`` as ``to``; the label stays."""
    sql = _folded(value, to) or cast_sql(value.sql, value.type, to)
    return Expr(sql, to, value.label, _literal(value, to))


def _folded(value: Expr, to: SqlType) -> str | None:
    """A literal of the type itself, where the cast of one is that: DuckDB then filters files by it."""
    if to.kind == "date" and isinstance(value.value, str) and _DAY.fullmatch(value.value):
        try:
            return f"DATE '{datetime.date.fromisoformat(value.value)}'"
        except ValueError:
            return None
    if to.kind == "decimal" and value.type.integral and isinstance(value.value, int):
        digits = len(str(abs(value.value))) + to.scale
        # As narrow as it can be: what it meets then stays in one machine word.
        return f"CAST({value.value} AS DECIMAL({digits}, {to.scale}))" if digits <= to.precision else None
    return None


def cast_sql(sql: str, source: SqlType, to: SqlType) -> str:
    """The SQL of a cast from one Spark type to another."""
    if source == to:
        return sql
    if source.kind == "void":
        # raise_error has no type, but an effect.
        return f"CAST({sql if 'error(' in sql else 'NULL'} AS {to.duck})"
    if source.kind == "unknown":
        raise Unsupported(f"a cast to {to.spark} of a value whose type is not known here")
    convert = _TO.get(to.kind)
    made = convert(sql, source, to) if convert else None
    if made is None:
        raise Unsupported(f"cannot cast {source.spark} to {to.spark}")
    return made


def _literal(value: Expr, to: SqlType) -> object:
    """The constant of a cast literal, where it is the same value."""
    from pybyzer.engines.sparksql.expr import NO_VALUE

    same = to.numeric and isinstance(value.value, int | float) and not isinstance(value.value, bool)
    return value.value if same or value.value is None else NO_VALUE


def _to_string(sql: str, source: SqlType, to: SqlType) -> str | None:
    kind = source.kind
    if source.fractional:
        return f"spark_float_text({sql})"
    if kind == "timestamp":
        return f"CAST(CAST({sql} AS TIMESTAMP) AS VARCHAR)"
    if kind == "binary":
        return f"decode({sql})"
    if kind == "array":
        e = fresh_variable()
        item = cast_sql(e, source.element, STRING)
        items = f"list_transform({sql}, lambda {e}: coalesce({item}, 'null'))"
        return f"('[' || array_to_string({items}, ', ') || ']')"
    if kind == "map":
        e = fresh_variable()
        key = cast_sql(f"{e}.key", source.parts[0], STRING)
        item = cast_sql(f"{e}.value", source.parts[1], STRING)
        entries = (
            f"list_transform(map_entries({sql}), lambda {e}: {key} || ' -> ' || coalesce({item}, 'null'))"
        )
        return f"('{{' || array_to_string({entries}, ', ') || '}}')"
    if kind == "struct":
        fields = [
            f"coalesce({cast_sql(f'struct_extract({sql}, {text(name)})', part, STRING)}, 'null')"
            for name, part in zip(source.names, source.parts, strict=True)
        ]
        joined = " || ', ' || ".join(fields) or "''"
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {joined} || '}}' END"
    return text_of(sql, source) if source.interval else f"CAST({sql} AS VARCHAR)"


def _to_integral(sql: str, source: SqlType, to: SqlType) -> str | None:
    kind, duck = source.kind, to.duck
    if kind == "string":
        return f"TRY_CAST(spark_whole({sql}) AS {duck})"
    if kind == "boolean":
        return f"CAST({sql} AS {duck})"
    if kind in INTEGRAL:
        if INTEGRAL.index(kind) <= INTEGRAL.index(to.kind):
            return f"CAST({sql} AS {duck})"
        return f"spark_wrap{_BITS[to.kind]}(CAST({sql} AS BIGINT))"
    if source.fractional:
        if to.kind == "bigint":
            return f"spark_bigint_of_float({sql})"
        whole = f"spark_int_of_float({sql})"
        return whole if to.kind == "int" else f"spark_wrap{_BITS[to.kind]}({whole})"
    if kind == "decimal":
        whole = f"CAST(trunc({sql}) AS BIGINT)"
        return whole if to.kind == "bigint" else f"spark_wrap{_BITS[to.kind]}({whole})"
    if kind == "timestamp":
        seconds = f"spark_floor_div(epoch_us({sql}), 1000000)"
        return seconds if to.kind == "bigint" else f"spark_wrap{_BITS[to.kind]}({seconds})"
    return number_of(sql, source, to) if source.interval else None


def _to_fractional(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind == "string":
        return f"CAST(spark_double({sql}) AS {to.duck})" if to != DOUBLE else f"spark_double({sql})"
    if source.kind == "timestamp":
        return f"CAST(epoch_us({sql}) / 1000000 AS {to.duck})"
    return f"CAST({sql} AS {to.duck})" if source.numeric or source.kind == "boolean" else None


def _to_decimal(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind == "string":
        return f"TRY_CAST(spark_digits({sql}) AS {to.duck})"
    if source.fractional:
        # By its shortest text, as Spark: 1.005 is 1.01 with two digits, although the double is below it.
        return f"TRY_CAST(CAST({sql} AS VARCHAR) AS {to.duck})"
    if source.kind in INTEGRAL or source.kind in ("decimal", "boolean"):
        return f"TRY_CAST({sql} AS {to.duck})"
    return None


def _to_boolean(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind == "string":
        return f"spark_boolean({sql})"
    if source.kind == "timestamp":
        return f"(epoch_us({sql}) <> 0)"
    return f"({sql} <> 0)" if source.numeric else None


def _to_date(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind == "string":
        return f"spark_date({sql})"
    return f"CAST({sql} AS DATE)" if source.temporal else None


def _to_timestamp(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind == "string":
        return f"spark_{to.kind}({sql})"
    if source.temporal:
        if to.kind == "timestamp" and source.kind == "timestamp_ntz":
            return f"spark_here({sql})"
        return f"CAST({sql} AS {to.duck})"
    if to.kind != "timestamp":
        return None
    if source.fractional:
        return f"make_timestamptz(CAST(trunc({sql} * 1000000) AS BIGINT))"
    if source.kind in INTEGRAL:
        return f"make_timestamptz(CAST({sql} AS BIGINT) * 1000000)"
    if source.kind == "decimal":
        wide = f"CAST({sql} AS DECIMAL(38, {min(source.scale, 18)}))"
        return f"make_timestamptz(CAST(trunc({wide} * 1000000) AS BIGINT))"
    if source.kind == "boolean":
        return f"make_timestamptz(CAST({sql} AS BIGINT))"
    return None


def _to_binary(sql: str, source: SqlType, to: SqlType) -> str | None:
    return f"encode({sql})" if source.kind == "string" else None


def _to_array(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind != "array":
        return None
    if _plain(source.element, to.element):
        return f"CAST({sql} AS {to.duck})"
    e = fresh_variable()
    return f"list_transform({sql}, lambda {e}: {cast_sql(e, source.element, to.element)})"


def _to_map(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind != "map":
        return None
    if all(_plain(a, b) for a, b in zip(source.parts, to.parts, strict=True)):
        return f"CAST({sql} AS {to.duck})"
    e = fresh_variable()
    key = cast_sql(f"{e}.key", source.parts[0], to.parts[0])
    item = cast_sql(f"{e}.value", source.parts[1], to.parts[1])
    entry = f"lambda {e}: {{'key': {key}, 'value': {item}}}"
    return f"map_from_entries(list_transform(map_entries({sql}), {entry}))"


def _to_struct(sql: str, source: SqlType, to: SqlType) -> str | None:
    if source.kind != "struct" or len(source.parts) != len(to.parts):
        return None
    fields = ", ".join(
        f"{quote(name)} := {cast_sql(f'struct_extract({sql}, {text(own)})', a, b)}"
        for own, name, a, b in zip(source.names, to.names, source.parts, to.parts, strict=True)
    )
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({fields}) END"


def _plain(source: SqlType, to: SqlType) -> bool:
    """Whether DuckDB's own cast of an element is Spark's."""
    if source == to or source.kind == "void":
        return True
    if source.kind in INTEGRAL and to.kind in INTEGRAL:
        return INTEGRAL.index(source.kind) <= INTEGRAL.index(to.kind)
    return source.numeric and to.fractional


_TO: dict[str, Callable[[str, SqlType, SqlType], str | None]] = {
    "string": _to_string,
    **dict.fromkeys(INTEGRAL, _to_integral),
    "float": _to_fractional,
    "double": _to_fractional,
    "decimal": _to_decimal,
    "boolean": _to_boolean,
    "date": _to_date,
    "timestamp": _to_timestamp,
    "timestamp_ntz": _to_timestamp,
    "binary": _to_binary,
    "array": _to_array,
    "map": _to_map,
    "struct": _to_struct,
    "daytime": cast_interval,
    "yearmonth": cast_interval,
}
