"""JSON in texts."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.casts import cast_sql, fresh_variable
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import STRING, TIMESTAMP, SqlType, text
from pybyzer.errors import EngineError, Unsupported

table("""
json_array_length | string | int | CASE WHEN json_valid({0}) AND json_type({0}) = 'ARRAY' THEN CAST(json_array_length({0}) AS INTEGER) END
json_object_keys | string | array<string> | CASE WHEN json_valid({0}) AND json_type({0}) = 'OBJECT' THEN json_keys({0}) END
""")

_PATH = re.compile(r"\$((\.[A-Za-z0-9_\- ]+)|(\[\d+\])|(\['[^'*]+'\]))*")


def extract(value: str, path: str) -> str:
    """SQL of the text at a JSON path; NULL for what is not JSON or not there."""
    if not _PATH.fullmatch(path):
        raise Unsupported(f"the JSON path {path}", hint="fields and indexes: $.a.b[0]")
    steps = re.findall(r"\.([A-Za-z0-9_\- ]+)|\[(\d+)\]|\['([^']+)'\]", path)
    duck = "$" + "".join(f"[{index}]" if index else f'."{name or quoted}"' for name, index, quoted in steps)
    # A JSON number keeps its text; strings lose their quotes; null is NULL.
    return f"CASE WHEN json_valid({value}) THEN json_extract_string({value}, {text(duck)}) END"


@rule("get_json_object")
def _get_json_object(call: Call) -> Expr:
    call.arity(2)
    return call.result(extract(call.as_(0, STRING), str(call.constant(1))), STRING)


@rule("to_json")
def _to_json(call: Call) -> Expr:
    call.arity(1, 2)
    if len(call.args) == 2:
        raise Unsupported("to_json with options")
    value = call.args[0]
    if not value.type.parts:
        raise EngineError(f"to_json needs a struct, array or map, but {value.label} is {value.type.spark}")
    return Expr(json_text(value.sql, value.type), STRING, f"to_json({value.label})")


def json_text(sql: str, kind: SqlType) -> str:
    """SQL of a value as JSON text; NULL fields are left out, as Spark does."""
    if kind.kind == "struct":
        fields = ", ".join(
            f"{text(encode(name) + ':')} || {json_text(f'struct_extract({sql}, {text(name)})', part)}"
            for name, part in zip(kind.names, kind.parts, strict=True)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || concat_ws(',', {fields}) || '}}' END"
    e = fresh_variable()
    if kind.kind == "array":
        items = f"list_transform({sql}, lambda {e}: coalesce({json_text(e, kind.element)}, 'null'))"
        return f"('[' || array_to_string({items}, ',') || ']')"
    if kind.kind == "map":
        key = f"CAST(to_json({cast_sql(f'{e}.key', kind.parts[0], STRING)}) AS VARCHAR)"
        item = f"coalesce({json_text(f'{e}.value', kind.parts[1])}, 'null')"
        return f"('{{' || array_to_string(list_transform(map_entries({sql}), lambda {e}: {key} || ':' || {item}), ',') || '}}')"
    if kind.kind in ("string", "date"):
        return f"CAST(to_json({cast_sql(sql, kind, STRING)}) AS VARCHAR)"
    if kind.kind == "boolean" or kind.integral or kind.kind == "decimal":
        return cast_sql(sql, kind, STRING)
    if kind.fractional:
        plain = cast_sql(sql, kind, STRING)
        return f"CASE WHEN isnan({sql}) OR isinf({sql}) THEN '\"' || {plain} || '\"' ELSE {plain} END"
    if kind.kind == "void":
        return "CAST(NULL AS VARCHAR)"
    if kind == TIMESTAMP:
        local = f"CAST({sql} AS TIMESTAMP)"
        return f"('\"' || strftime({local}, '%Y-%m-%dT%H:%M:%S.%g') || strftime({sql}, '%z') || '\"')"
    raise Unsupported(f"to_json of {kind.spark}")


def encode(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)


@rule("from_json")
def _from_json(call: Call) -> Expr:
    call.arity(2, 3)
    from pybyzer.engines.sparksql.data_types import of_ddl

    ddl = call.constant(1)
    if not isinstance(ddl, str) or len(call.args) == 3:
        raise Unsupported("from_json with options, or a schema that is not a literal")
    kind = of_ddl(ddl)
    value = call.as_(0, STRING)
    parsed = f"CASE WHEN json_valid({value}) THEN CAST({value} AS JSON) END"
    return Expr(f"{of_json(parsed, kind)}", kind, f"from_json({call.args[0].label})")


def of_json(sql: str, kind: SqlType) -> str:
    """SQL of a JSON value read as a type; what does not fit is NULL."""
    if kind.kind == "struct":
        fields = ", ".join(
            f"{text(name)}: {of_json(f'json_extract({sql}, {text(chr(36) + chr(46) + encode(name))})', part)}"
            for name, part in zip(kind.names, kind.parts, strict=True)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN {{{fields}}} END"
    e = fresh_variable()
    if kind.kind == "array":
        items = f"CASE WHEN json_type({sql}) = 'ARRAY' THEN CAST({sql} AS JSON[]) END"
        return f"list_transform({items}, lambda {e}: {of_json(e, kind.element)})"
    if kind.kind == "map" and kind.parts[0] == STRING:
        items = (
            f"CASE WHEN json_type({sql}) = 'OBJECT' THEN map_entries(CAST({sql} AS MAP(VARCHAR, JSON))) END"
        )
        entry = f"lambda {e}: {{'key': {e}.key, 'value': {of_json(f'{e}.value', kind.parts[1])}}}"
        return f"map_from_entries(list_transform({items}, {entry}))"
    if kind == STRING:
        return f"json_extract_string({sql}, '$')"
    plain = f"json_extract_string({sql}, '$')"
    if kind.integral:
        return (
            f"CASE WHEN json_type({sql}) IN ('BIGINT', 'UBIGINT') THEN TRY_CAST({plain} AS {kind.duck}) END"
        )
    if kind.fractional or kind.kind == "decimal":
        types = "('BIGINT', 'UBIGINT', 'DOUBLE')"
        return f"CASE WHEN json_type({sql}) IN {types} THEN TRY_CAST({plain} AS {kind.duck}) END"
    if kind.kind == "boolean":
        return f"CASE WHEN json_type({sql}) = 'BOOLEAN' THEN {plain} = 'true' END"
    if kind.kind in ("date", "timestamp"):
        return cast_sql(f"CASE WHEN json_type({sql}) = 'VARCHAR' THEN {plain} END", STRING, kind)
    raise Unsupported(f"from_json to {kind.spark}")
