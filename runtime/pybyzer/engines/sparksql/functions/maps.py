"""Maps and structs."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.coercion import tightest
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.arrays import array_type, together
from pybyzer.engines.sparksql.nested import make_struct, settled
from pybyzer.engines.sparksql.types import BOOLEAN, STRING, VOID, SqlType, array, map_of, struct
from pybyzer.errors import EngineError


def _map_type(call: Call, value: Expr) -> SqlType:
    if value.type.kind != "map":
        raise EngineError(f"{call.name} needs a map, but {value.label} is {value.type.spark}")
    return value.type


def _known(kind: SqlType) -> SqlType:
    return STRING if kind == VOID else kind


@rule("map")
def _map(call: Call) -> Expr:
    if len(call.args) % 2:
        raise EngineError("map takes keys and values in pairs")
    if not call.args:
        return call.result("CAST(MAP {} AS MAP(VARCHAR, VARCHAR))", map_of(STRING, STRING))
    key, keys = together(call.args[::2], "map")
    value, values = together(call.args[1::2], "map")
    kind = map_of(_known(key), _known(value))
    return call.result(f"CAST(map([{', '.join(keys)}], [{', '.join(values)}]) AS {kind.duck})", kind)


@rule("map_keys", "map_values")
def _map_keys(call: Call) -> Expr:
    call.arity(1)
    kind = _map_type(call, call.args[0])
    part = kind.parts[0 if call.name == "map_keys" else 1]
    return call.result(f"{call.name}({call.args[0].sql})", array(part))


@rule("map_entries")
def _map_entries(call: Call) -> Expr:
    call.arity(1)
    kind = _map_type(call, call.args[0])
    return call.result(f"map_entries({call.args[0].sql})", array(struct(("key", "value"), kind.parts)))


@rule("map_from_arrays")
def _map_from_arrays(call: Call) -> Expr:
    call.arity(2)
    key, value = array_type(call, 0).element, array_type(call, 1).element
    return call.result(f"map({call.args[0].sql}, {call.args[1].sql})", map_of(key, value))


@rule("map_from_entries")
def _map_from_entries(call: Call) -> Expr:
    call.arity(1)
    entry = array_type(call, 0).element
    if entry.kind != "struct" or len(entry.parts) != 2:
        raise EngineError("map_from_entries needs an array of structs of two fields")
    return call.result(f"map_from_entries({call.args[0].sql})", map_of(entry.parts[0], entry.parts[1]))


@rule("map_contains_key")
def _map_contains_key(call: Call) -> Expr:
    call.arity(2)
    kind = _map_type(call, call.args[0])
    key = cast(call.args[1], kind.parts[0]).sql
    return call.result(f"list_contains(map_keys({call.args[0].sql}), {key})", BOOLEAN)


@rule("map_concat")
def _map_concat(call: Call) -> Expr:
    if not call.args:
        return call.result("CAST(MAP {} AS MAP(VARCHAR, VARCHAR))", map_of(STRING, STRING))
    kind, parts = together(call.args, "map_concat")
    entries = " || ".join(f"map_entries({part})" for part in parts)
    return call.result(f"map_from_entries({entries})", kind)


@rule("map_filter", "transform_values", "transform_keys")
def _map_lambda(call: Call) -> Expr:
    call.arity(2)
    value = call.translator.expression(call.nodes[0], call.scope)
    kind = _map_type(call, value)
    e = fresh_variable()
    _, body = call.lambda_(1, list(kind.parts), [f"{e}.key", f"{e}.value"])
    sql = settled(body)
    entries = f"map_entries({value.sql})"
    label = f"{call.name}({value.label}, {body.label})"
    if call.name == "map_filter":
        return Expr(
            f"map_from_entries(list_filter({entries}, lambda {e}: coalesce({sql}, false)))", kind, label
        )
    fields, made = f"'key': {e}.key, 'value': {sql}", map_of(kind.parts[0], body.type)
    if call.name == "transform_keys":
        fields, made = f"'key': {sql}, 'value': {e}.value", map_of(body.type, kind.parts[1])
    return Expr(f"map_from_entries(list_transform({entries}, lambda {e}: {{{fields}}}))", made, label)


@rule("map_zip_with")
def _map_zip_with(call: Call) -> Expr:
    call.arity(3)
    a, b = (call.translator.expression(node, call.scope) for node in call.nodes[:2])
    (key, first), (other, second) = _map_type(call, a).parts, _map_type(call, b).parts
    wider = tightest(key, other)
    if wider is None:
        raise EngineError(f"map_zip_with: keys of {key.spark} and {other.spark} do not meet")
    x, y = cast(a, map_of(wider, first)).sql, cast(b, map_of(wider, second)).sql
    k, new = fresh_variable(), fresh_variable()
    sqls = [k, f"({x})[{k}]", f"({y})[{k}]"]
    _, body = call.lambda_(2, [wider, first, second], sqls)
    known = f"list_contains(map_keys({x}), {new})"
    keys = f"(map_keys({x}) || list_filter(map_keys({y}), lambda {new}: NOT {known}))"
    entry = f"lambda {k}: {{'key': {k}, 'value': {settled(body)}}}"
    sql = f"CASE WHEN {x} IS NOT NULL AND {y} IS NOT NULL THEN map_from_entries(list_transform({keys}, {entry})) END"
    return Expr(sql, map_of(wider, body.type), f"map_zip_with({a.label}, {b.label}, {body.label})")


@rule("named_struct")
def _named_struct(call: Call) -> Expr:
    if len(call.args) % 2 or not call.args:
        raise EngineError("named_struct takes names and values in pairs")
    names = [str(call.constant(index)) for index in range(0, len(call.args), 2)]
    return make_struct(names, call.args[1::2], call.label)


@rule("struct")
def _struct(call: Call) -> Expr:
    names, values = [], []
    for index, node in enumerate(call.nodes, 1):
        for name, value in call.translator.struct_fields(node, call.scope):
            names.append(name or f"col{index}")
            values.append(value)
    label = f"struct({', '.join(value.label for value in values)})"
    return make_struct(names, values, label)
