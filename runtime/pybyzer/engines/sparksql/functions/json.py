"""JSON in texts: read by type, looked into, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pybyzer.engines.sparksql import json_types
from pybyzer.engines.sparksql.call import RULES, Call, rule, table
from pybyzer.engines.sparksql.casts import cast_sql, fresh_variable
from pybyzer.engines.sparksql.data_types import of_ddl
from pybyzer.engines.sparksql.expr import Expr, string
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.json_texts import Leniency, Malformed, at_path, parse, quoted
from pybyzer.engines.sparksql.types import STRING, SqlType, text
from pybyzer.errors import EngineError, Unsupported

table("""
json_array_length | string | int | CASE WHEN json_valid({0}) AND json_type({0}) = 'ARRAY' THEN CAST(json_array_length({0}) AS INTEGER) END
json_object_keys | string | array<string> | CASE WHEN json_valid({0}) AND json_type({0}) = 'OBJECT' THEN json_keys({0}) END
""")


def extract(value: str, path: str) -> str:
    """SQL of the text at a path of names; NULL for what is not JSON or not there. Numbers stay as written."""
    return f"CASE WHEN json_valid({value}) THEN TRY(json_extract_string({value}, {text(path)})) END"


def options(call: Call, index: int, known: tuple[str, ...]) -> dict[str, str]:
    """The options in ``map('name', 'value')``, an argument that may be missing; names in lower case."""
    if len(call.nodes) <= index:
        return {}
    node = call.nodes[index]
    if not isinstance(node, exp.Anonymous) or node.name.lower() != "map" or len(node.expressions) % 2:
        raise Unsupported(f"{call.name} with options that are not a literal map")
    values = [call.translator.expression(part, call.scope) for part in node.expressions]
    if not all(isinstance(value.value, str) for value in values):
        raise Unsupported(f"{call.name} with options that are not literals")
    found = {str(k.value).lower(): str(v.value) for k, v in zip(values[::2], values[1::2], strict=True)}
    for name in found:
        if name not in known:
            raise Unsupported(f"the option {name} of {call.name}", hint=f"known are {', '.join(known)}")
    return found


def is_true(given: Mapping[str, str], name: str, default: bool = False) -> bool:
    return given.get(name, str(default)).lower() == "true"


@rule("get_json_object")
def _get_json_object(call: Call) -> Expr:
    call.arity(2)
    value, path = call.as_(0, STRING), call.args[1].value
    operands = [(value, STRING), (call.as_(1, STRING), STRING)]
    slow = python_sql(call, ("get_json_object",), at_path, operands, STRING, rare=True)
    steps = json_steps(path) if isinstance(path, str) else None
    if steps is None:
        return call.result(slow, STRING)
    # The database keeps numbers as written and nested values too, where Spark writes them anew.
    plain = "('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN', 'NULL')"
    # With TRY, as the database may compute for all rows what several columns share.
    kind = f"TRY(json_type({value}, {text(steps)}))"
    fast = f"TRY(json_extract_string({value}, {text(steps)}))"
    good = f"coalesce({kind}, 'NULL') IN {plain}"
    sql = f"CASE WHEN NOT json_valid({value}) THEN {slow} WHEN {good} THEN {fast} ELSE {slow} END"
    return call.result(sql, STRING)


def json_steps(path: str) -> str | None:
    """A path in the database's spelling; None for what it has not (``[*]``) or what is no path."""
    from pybyzer.engines.sparksql.json_texts import steps_of

    steps = steps_of(path)
    if (
        not steps
        or None in steps
        or any('"' in step or "*" in step for step in steps if isinstance(step, str))
    ):
        return None
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


# -- writing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Style:
    """How values are written."""

    call: Call
    nulls: bool = False
    sort: bool = False
    dates: str = ""
    stamps: str = ""


_WRITING = ("ignorenullfields", "sortkeys", "dateformat", "timestampformat")


@rule("to_json")
def _to_json(call: Call) -> Expr:
    call.arity(1, 2)
    given = options(call, 1, _WRITING)
    value = call.translator.expression(call.nodes[0], call.scope)
    if not value.type.parts and value.type.kind not in ("void", "variant"):
        raise EngineError(f"to_json needs a struct, array or map, but {value.label} is {value.type.spark}")
    style = Style(
        call,
        nulls=not is_true(given, "ignorenullfields", True),
        sort=is_true(given, "sortkeys"),
        dates=given.get("dateformat", ""),
        stamps=given.get("timestampformat", ""),
    )
    return Expr(json_text(value.sql, value.type, style), STRING, f"to_json({value.label})")


def json_text(sql: str, kind: SqlType, style: Style) -> str:
    """SQL of a value as JSON text; NULL is NULL, and fields that are NULL are left out."""
    if kind.kind == "struct":
        fields = list(zip(kind.names, kind.parts, strict=True))
        fields = sorted(fields) if style.sort else fields
        parts = []
        for name, part in fields:
            inner = json_text(f"struct_extract({sql}, {text(name)})", part, style)
            inner = f"coalesce({inner}, 'null')" if style.nulls else inner
            parts.append(f"{text(quoted(name) + ':')} || {inner}")
        joined = ", ".join(parts) or "''"
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || concat_ws(',', {joined}) || '}}' END"
    e = fresh_variable()
    if kind.kind == "array":
        items = f"list_transform({sql}, lambda {e}: coalesce({json_text(e, kind.element, style)}, 'null'))"
        return f"('[' || array_to_string({items}, ',') || ']')"
    if kind.kind == "map":
        key = f"CAST(to_json({_key(f'{e}.key', kind.parts[0])}) AS VARCHAR)"
        item = f"coalesce({json_text(f'{e}.value', kind.parts[1], style)}, 'null')"
        entries = f"map_entries({sql})"
        entries = f"list_sort({entries})" if style.sort else entries
        pairs = f"list_transform({entries}, lambda {e}: {key} || ':' || {item})"
        return f"('{{' || array_to_string({pairs}, ',') || '}}')"
    return _scalar(sql, kind, style)


def _key(sql: str, kind: SqlType) -> str:
    """A map's key as a text: dates and times are the numbers they are stored as."""
    if kind.parts or kind.kind == "variant":
        raise Unsupported(f"to_json of a map with keys of {kind.spark}")
    if kind.kind == "date":
        return f"CAST(datediff('day', DATE '1970-01-01', {sql}) AS VARCHAR)"
    if kind.temporal:
        return f"CAST(epoch_us({sql}) AS VARCHAR)"
    return cast_sql(sql, kind, STRING)


def _scalar(sql: str, kind: SqlType, style: Style) -> str:
    pattern = style.dates if kind.kind == "date" else style.stamps
    if kind.temporal and pattern:
        made = RULES["date_format"](_with(style.call, "date_format", Expr(sql, kind), string(pattern)))
        return f"CAST(to_json({made.sql}) AS VARCHAR)"
    if kind.kind in ("string", "date"):
        return f"CAST(to_json({cast_sql(sql, kind, STRING)}) AS VARCHAR)"
    if kind.kind == "boolean" or kind.integral or kind.kind == "decimal":
        return cast_sql(sql, kind, STRING)
    if kind.fractional:
        plain = cast_sql(sql, kind, STRING)
        return f"CASE WHEN isnan({sql}) OR isinf({sql}) THEN '\"' || {plain} || '\"' ELSE {plain} END"
    if kind.kind == "void":
        return "CAST(NULL AS VARCHAR)"
    if kind.kind == "binary":
        return f"('\"' || to_base64({sql}) || '\"')"
    if kind.kind == "timestamp":
        local = f"CAST({sql} AS TIMESTAMP)"
        return f"('\"' || strftime({local}, '%Y-%m-%dT%H:%M:%S.%g') || strftime({sql}, '%z') || '\"')"
    if kind.kind == "timestamp_ntz":
        return f"('\"' || strftime({sql}, '%Y-%m-%dT%H:%M:%S.%g') || '\"')"
    if kind.kind == "variant":
        from pybyzer.engines.sparksql.functions.variant import json_sql

        return json_sql(style.call, sql)
    raise Unsupported(f"to_json of {kind.spark}")


def _with(call: Call, name: str, *args: Expr) -> Call:
    made = call.with_args(list(args))
    made.name = name
    return made


# -- reading -------------------------------------------------------------------------------------------

_READING = ("mode", "allowsinglequotes", "allowunquotedfieldnames", "allownumericleadingzeros", "allowcomments",
            "dateformat", "timestampformat")  # fmt: skip


def leniency(given: Mapping[str, str]) -> Leniency:
    return Leniency(
        is_true(given, "allowsinglequotes", True),
        is_true(given, "allowunquotedfieldnames"),
        is_true(given, "allownumericleadingzeros"),
        is_true(given, "allowcomments"),
    )


@rule("from_json")
def _from_json(call: Call) -> Expr:
    call.arity(2, 3)
    given = options(call, 2, _READING)
    ddl = call.constant(1)
    if not isinstance(ddl, str):
        raise Unsupported("from_json with a schema that is not a literal")
    kind = of_ddl(ddl)
    if not kind.parts:
        raise EngineError(f"from_json reads structs, arrays and maps, not {kind.spark}")
    texts, lenient = json_types.as_texts(kind), leniency(given)
    strict = given.get("mode", "").upper() == "FAILFAST"

    def run(value: str) -> Any:
        try:
            return _root(value, texts, lenient)
        except (json_types.Misfit, Malformed):
            if strict:
                raise EngineError(f"from_json: a text is not {kind.spark}: {value[:60]}") from None
            return dict.fromkeys(texts.names) if texts.kind == "struct" else None

    operands = [(call.as_(0, STRING), STRING)]
    sql = python_sql(call, ("from_json", strict, lenient, ddl), run, operands, texts)
    label = "entries" if kind.kind == "map" else f"from_json({call.args[0].label})"
    return Expr(moments(call, sql, texts, kind, given), kind, label)


def _root(value: str, kind: SqlType, lenient: Leniency) -> Any:
    if not value.strip(" \t\r\n"):
        return None
    tree = parse(value, lenient)
    if kind.kind == "array" and isinstance(tree, dict) and kind.element.kind == "struct":
        tree = [tree]
    if kind.kind == "struct" and isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    if tree is None:
        raise json_types.Misfit
    return json_types.of_type(tree, kind)


def moments(call: Call, sql: str, texts: SqlType, kind: SqlType, given: Mapping[str, str]) -> str:
    """SQL of a value whose dates and times are texts so far, as it should be."""
    if texts == kind:
        return sql
    e = fresh_variable()
    return f"list_transform([{sql}], lambda {e}: {_moment(call, e, kind, given)})[1]"


def _moment(call: Call, sql: str, kind: SqlType, given: Mapping[str, str]) -> str:
    if kind.kind == "struct":
        fields = ", ".join(
            f"{text(name)}: {_moment(call, f'struct_extract({sql}, {text(name)})', part, given)}"
            for name, part in zip(kind.names, kind.parts, strict=True)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN {{{fields}}} END"
    e = fresh_variable()
    if kind.kind == "array":
        return f"list_transform({sql}, lambda {e}: {_moment(call, e, kind.element, given)})"
    if kind.kind == "map":
        entry = f"{{'key': {e}.key, 'value': {_moment(call, f'{e}.value', kind.parts[1], given)}}}"
        return f"map_from_entries(list_transform(map_entries({sql}), lambda {e}: {entry}))"
    if not kind.temporal:
        return sql
    pattern = given.get("dateformat" if kind.kind == "date" else "timestampformat")
    if pattern is None:
        return cast_sql(sql, STRING, kind)
    name = {"date": "to_date", "timestamp": "to_timestamp"}.get(kind.kind, "to_timestamp_ntz")
    return RULES[name](_with(call, name, Expr(sql, STRING), string(pattern))).sql


@rule("schema_of_json")
def _schema_of_json(call: Call) -> Expr:
    call.arity(1, 2)
    given = options(call, 1, ("allownumericleadingzeros", "allowunquotedfieldnames", "allowsinglequotes",
                              "allowcomments", "prefersdecimal"))  # fmt: skip
    value = call.constant(0)
    if not isinstance(value, str):
        raise EngineError("schema_of_json needs a literal text")
    try:
        tree = parse(value, leniency(given))
    except Malformed:
        raise EngineError(f"schema_of_json: not JSON: {value[:60]}") from None
    found = json_types.ddl(json_types.schema_of(tree, is_true(given, "prefersdecimal")))
    return Expr(text(found), STRING, f"schema_of_json({call.args[0].label})")
