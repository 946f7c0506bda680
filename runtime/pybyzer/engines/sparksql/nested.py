"""Reaching into arrays, maps and structs."""

from __future__ import annotations

from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, SqlType, array, quote, text
from pybyzer.errors import EngineError
from pybyzer.registry import did_you_mean


def field_of(value: Expr, name: str) -> Expr:
    """``value.name``: of a struct, of each struct of an array, or a map's value of that key."""
    if value.type.kind == "struct":
        own, part = _field(value.type, name)
        return Expr(f"struct_extract({value.sql}, {text(own)})", part, own)
    if value.type.kind == "array" and value.type.element.kind == "struct":
        own, part = _field(value.type.element, name)
        e = fresh_variable()
        sql = f"list_transform({value.sql}, lambda {e}: struct_extract({e}, {text(own)}))"
        return Expr(sql, array(part), own)
    if value.type.kind == "map":
        key = cast(Expr(text(name), SqlType("string")), value.type.parts[0])
        return Expr(f"({value.sql})[{key.sql}]", value.type.parts[1], name)
    raise EngineError(f'{value.label or "the value"} is {value.type.spark}: it has no field "{name}"')


def _field(kind: SqlType, name: str) -> tuple[str, SqlType]:
    for own, part in zip(kind.names, kind.parts, strict=True):
        if own.lower() == name.lower():
            return own, part
    raise EngineError(f'no field "{name}" in {kind.spark}', hint=did_you_mean(name, kind.names))


def ordering(sql: str, kind: SqlType) -> str:
    """What stands for a value where order counts: inside arrays and structs NULL is the smallest."""
    if kind.kind == "array":
        e = fresh_variable()
        inner = ordering(e, kind.element)
        return f"list_transform({sql}, lambda {e}: {{'n': {e} IS NOT NULL, 'v': {inner}}})"
    if kind.kind == "struct":
        fields = []
        for index, (name, part) in enumerate(zip(kind.names, kind.parts, strict=True)):
            own = f"struct_extract({sql}, {text(name)})"
            fields.append(f"n{index} := {own} IS NOT NULL, v{index} := {ordering(own, part)}")
        return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(fields)}) END"
    return sql


def item_of(value: Expr, index: Expr) -> Expr:
    """``value[index]``: arrays count from 0, what is not there is NULL."""
    label = f"{value.label}[{index.label}]"
    if value.type.kind == "map":
        key = cast(index, value.type.parts[0])
        return Expr(f"({value.sql})[{key.sql}]", value.type.parts[1], label)
    if value.type.kind == "struct" and isinstance(index.value, str):
        return field_of(value, index.value).named(label)
    if value.type.kind != "array":
        raise EngineError(f"{value.label} is {value.type.spark}: only arrays and maps have [ ]")
    kind = value.type.element
    if isinstance(index.value, int):
        if index.value < 0:
            return Expr(f"CAST(NULL AS {kind.duck})", kind, label)
        return Expr(f"({value.sql})[{index.value + 1}]", kind, label)
    i = cast(index, BIGINT).sql
    return Expr(f"CASE WHEN {i} >= 0 THEN ({value.sql})[{i} + 1] END", kind, label)


def make_struct(names: list[str], values: list[Expr], label: str) -> Expr:
    """A struct of these fields."""
    from pybyzer.engines.sparksql.types import struct

    parts = ", ".join(f"{quote(n)} := {settled(v)}" for n, v in zip(names, values, strict=True))
    return Expr(f"struct_pack({parts})", struct(tuple(names), tuple(v.type for v in values)), label)


def settled(value: Expr) -> str:
    """The SQL of a value with its type written out where NULL alone would have none."""
    if value.type.kind != "void":
        return value.sql
    return f"CAST({value.sql if 'error(' in value.sql else 'NULL'} AS {value.type.duck})"
