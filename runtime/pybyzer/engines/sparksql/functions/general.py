"""Conditions on NULL, casts written as functions, hashes, and what fits nowhere else."""

from __future__ import annotations

from dataclasses import replace

from pybyzer.engines.sparksql.arithmetic import trying
from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import comparable, widest
from pybyzer.engines.sparksql.expr import Expr, integer
from pybyzer.engines.sparksql.functions.numbers import common
from pybyzer.engines.sparksql.nested import settled
from pybyzer.engines.sparksql.types import BOOLEAN, NAMES, STRING, SqlType, text
from pybyzer.errors import EngineError, Unsupported

table("""
md5 | binary | string | md5({0})
current_catalog | - | string | 'spark_catalog'
sha, sha1 | binary | string | sha1({0})
""")


@rule("isnull", "isnotnull")
def _isnull(call: Call) -> Expr:
    call.arity(1)
    word = "NULL" if call.name == "isnull" else "NOT NULL"
    return Expr(f"({call.args[0].sql} IS {word})", BOOLEAN, f"({call.args[0].label} IS {word})")


@rule("coalesce", "nvl", "ifnull")
def _coalesce(call: Call) -> Expr:
    call.arity(*((1, -1) if call.name == "coalesce" else (2, 2)))
    kind = common(call)
    return call.result(f"coalesce({', '.join(cast(arg, kind).sql for arg in call.args)})", kind)


@rule("nvl2")
def _nvl2(call: Call) -> Expr:
    call.arity(3)
    kind = common(call, 1)
    a, b = cast(call.args[1], kind).sql, cast(call.args[2], kind).sql
    return call.result(f"CASE WHEN {call.args[0].sql} IS NOT NULL THEN {a} ELSE {b} END", kind)


@rule("nullif")
def _nullif(call: Call) -> Expr:
    call.arity(2)
    kind = comparable(call.args[0].type, call.args[1].type)
    if kind is None:
        raise EngineError("nullif: these types cannot be compared")
    a, b = cast(call.args[0], kind).sql, cast(call.args[1], kind).sql
    out = call.args[0]
    return call.result(f"CASE WHEN {a} = {b} THEN NULL ELSE {out.sql} END", out.type)


@rule("if", "iff")
def _if(call: Call) -> Expr:
    call.arity(3)
    kind = common(call, 1)
    a, b = cast(call.args[1], kind).sql, cast(call.args[2], kind).sql
    label = f"(IF({', '.join(arg.label for arg in call.args)}))"
    return Expr(f"CASE WHEN {call.as_(0, BOOLEAN)} THEN {a} ELSE {b} END", kind, label)


@rule(
    *(set(NAMES) - {"any", "void", "interval", "date", "timestamp", "bool", "byte", "short", "long", "real"}),
    "decimal",
)
def _cast(call: Call) -> Expr:
    call.arity(1)
    kind = SqlType("decimal", precision=10) if call.name == "decimal" else NAMES[call.name]
    # Spark keeps the column's name under a cast function.
    return cast(call.args[0], kind)


@rule("nullifzero", "zeroifnull")
def _nullifzero(call: Call) -> Expr:
    call.arity(1)
    value, zero = call.args[0], integer(0)
    if call.name == "nullifzero":
        a, b = call.translator.meeting(value, zero)
        return call.result(f"CASE WHEN {a} = {b} THEN NULL ELSE {settled(value)} END", value.type)
    kind = widest(value.type, zero.type)
    if kind is None:
        raise EngineError(f"zeroifnull needs a number, but {value.label} is {value.type.spark}")
    return call.result(f"coalesce({cast(value, kind).sql}, {cast(zero, kind).sql})", kind)


def _wide(arg: Expr, mark: str) -> Expr:
    """An operand under a mark; decimals with all 38 digits, so that only Spark's overflow is NULL."""
    decimal = arg.type.kind == "decimal"
    return replace(arg, sql=f"CAST({mark} AS DECIMAL(38, {arg.type.scale}))" if decimal else mark)


@rule("try_add", "try_subtract", "try_multiply", "try_divide", "try_mod")
def _try(call: Call) -> Expr:
    call.arity(2)
    operator = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "mod": "%"}[call.name[4:]]
    # Their SQL is put in where TRY can take it.
    a, b = (_wide(arg, mark) for arg, mark in zip(call.args, ("{0}", "{1}"), strict=True))
    made = call.translator.binary(operator, a, b)
    # Literals meet in wider types in DuckDB: what does not fit Spark's is NULL too.
    # An interval through zero: an error elsewhere, NULL here.
    quiet = made.sql.replace("error('an interval divided by zero')", "NULL")
    sql = trying(f"CAST({quiet} AS {made.type.duck})", call.args[0].sql, call.args[1].sql)
    return call.result(sql, made.type)


@rule("typeof")
def _typeof(call: Call) -> Expr:
    call.arity(1)
    name = text(call.args[0].type.spark)
    # The type of an aggregate is still one row for each group.
    return call.result(f"min({name})" if call.scope.aggregates else name, STRING)


@rule("uuid")
def _uuid(call: Call) -> Expr:
    call.arity(0)
    call.translator.volatile = True
    # Byzer's: 32 hexadecimal digits, no dashes.
    return call.result("replace(CAST(uuid() AS VARCHAR), '-', '')", STRING)


@rule("isin")
def _isin(call: Call) -> Expr:
    raise Unsupported("isin", hint="x in (a, b)")


@rule("equal_null")
def _equal_null(call: Call) -> Expr:
    call.arity(2)
    return call.translator.compare("<=>", call.args[0], call.args[1]).named(call.label)


@rule("broadcast")
def _broadcast(call: Call) -> Expr:
    return call.args[0]


@rule("current_database", "current_schema")
def _current_schema(call: Call) -> Expr:
    call.arity(0)
    return Expr("'default'", STRING, "current_schema()")


@rule("current_user", "user", "session_user")
def _current_user(call: Call) -> Expr:
    import getpass

    return call.result(text(getpass.getuser()), STRING)


@rule("current_timezone")
def _current_timezone(call: Call) -> Expr:
    return call.result("current_setting('TimeZone')", STRING)
