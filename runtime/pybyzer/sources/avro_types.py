"""Avro schemas as Arrow types and back, as Spark's ``SchemaConverters`` do it; values of unions and times."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption, Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

Schema = Any
"""A schema as parsed JSON: a name, a union (list) or a dictionary."""
Convert = Callable[[Any], Any]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PRIMITIVES = {
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "string": "string",
    "null": "void",
}


class _Names:
    """The named types of a schema, so that references to them can be followed; recursion is refused."""

    def __init__(self) -> None:
        self.known: dict[str, Schema] = {}
        self.open: list[str] = []

    def enter(self, schema: dict[str, Any]) -> None:
        name = str(schema["name"])
        if schema.get("namespace") and "." not in name:
            name = f"{schema['namespace']}.{name}"
        if name in self.open:
            raise Unsupported(
                f'avro: the record "{name}" contains itself', hint="give an avroSchema without it"
            )
        self.known[name] = schema
        self.open.append(name)

    def leave(self) -> None:
        self.open.pop()

    def resolve(self, schema: Schema) -> Schema:
        if not isinstance(schema, str) or schema in _PRIMITIVES:
            return schema
        if schema in self.open:
            raise Unsupported(
                f'avro: the record "{schema}" contains itself', hint="give an avroSchema without it"
            )
        if schema not in self.known:
            raise BadOption(f'avro: the schema has no type "{schema}"')
        return self.known[schema]


def arrow_fields(schema: dict[str, Any], shown: str) -> list[pa.Field]:
    """The columns of a record."""
    fields = list(_type(schema, _Names()))
    if not fields:
        raise BadOption(f"avro: the records of {shown} have no fields", option="path")
    return fields


def _branches(schema: Sequence[Schema]) -> list[Schema]:
    """A union without null."""
    return [branch for branch in schema if branch not in ("null", {"type": "null"})]


def _type(schema: Schema, names: _Names) -> pa.DataType:
    import pyarrow as pa

    schema = names.resolve(schema)
    if isinstance(schema, list):
        return _union(schema, names)
    if isinstance(schema, str):
        return _primitive(schema)
    kind = schema["type"]
    if not isinstance(kind, str):
        return _type(kind, names)
    logical = _logical(schema)
    if logical is not None:
        return logical
    match kind:
        case "record" | "error":
            names.enter(schema)
            fields = [(str(field["name"]), _type(field["type"], names)) for field in schema["fields"]]
            names.leave()
            return pa.struct(fields)
        case "array":
            return pa.list_(_type(schema["items"], names))
        case "map":
            return pa.map_(pa.string(), _type(schema["values"], names))
        case "enum" | "fixed":
            names.enter(schema)
            names.leave()
            return pa.string() if kind == "enum" else pa.binary()
        case _:
            return _primitive(names.resolve(kind)) if kind in _PRIMITIVES else _type(kind, names)


def _primitive(name: str) -> pa.DataType:
    from pybyzer.arrow import parse_type

    # What is always null has no type of its own here.
    return parse_type("string" if name == "null" else _PRIMITIVES[name])


def _logical(schema: dict[str, Any]) -> pa.DataType | None:
    import pyarrow as pa

    kind = (schema["type"], schema.get("logicalType"))
    match kind:
        case ("int", "date"):
            return pa.date32()
        case ("long", "timestamp-millis" | "timestamp-micros"):
            return pa.timestamp("us", tz="UTC")
        case ("long", "local-timestamp-millis" | "local-timestamp-micros"):
            return pa.timestamp("us")
        case ("bytes" | "fixed", "decimal") if int(schema["precision"]) <= 38:
            return pa.decimal128(int(schema["precision"]), int(schema.get("scale", 0)))
    return None


def _union(schema: list[Schema], names: _Names) -> pa.DataType:
    """One type for a union: the wider number, or a struct with a field for each branch."""
    import pyarrow as pa

    branches = _branches(schema)
    if not branches:
        return _primitive("null")
    if len(branches) == 1:
        return _type(branches[0], names)
    wider = _wider(branches)
    if wider:
        return _primitive(wider)
    return pa.struct([(f"member{index}", _type(branch, names)) for index, branch in enumerate(branches)])


def _wider(branches: list[Schema]) -> str | None:
    kinds = {branch if isinstance(branch, str) else str(branch) for branch in branches}
    return {frozenset(("int", "long")): "long", frozenset(("float", "double")): "double"}.get(
        frozenset(kinds)
    )


# -- values --------------------------------------------------------------------------------


class Reading:
    """What must be done to values that the library gives, so that they fit the types."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._convert = _converter(schema, _Names())

    def rows(self, records: list[Any]) -> list[Any]:
        """Records with values that fit."""
        return records if self._convert is None else [self._convert(record) for record in records]


def _converter(schema: Schema, names: _Names) -> Convert | None:
    """None when values are fine as they are."""
    schema = names.resolve(schema)
    if isinstance(schema, list):
        return _of_union(schema, names)
    if isinstance(schema, str):
        return None
    kind, logical = schema["type"], schema.get("logicalType")
    if logical in ("time-millis", "time-micros"):
        return _clock(1000 if logical == "time-millis" else 1)
    if logical == "uuid":
        return lambda value: None if value is None else str(value)
    if kind in ("record", "error"):
        return _of_record(schema, names)
    if kind in ("array", "map"):
        each = _converter(schema["items" if kind == "array" else "values"], names)
        if kind == "map":
            return lambda value: (
                None if value is None else [(k, each(v) if each else v) for k, v in value.items()]
            )
        return None if each is None else lambda value: None if value is None else [each(v) for v in value]
    if kind in ("enum", "fixed"):
        names.enter(schema)
        names.leave()
        return None
    return None if isinstance(kind, str) and kind in _PRIMITIVES else _converter(kind, names)


def _of_record(schema: dict[str, Any], names: _Names) -> Convert | None:
    names.enter(schema)
    found = {str(field["name"]): _converter(field["type"], names) for field in schema["fields"]}
    names.leave()
    parts = {name: convert for name, convert in found.items() if convert is not None}
    if not parts:
        return None

    def convert(value: Any) -> Any:
        return None if value is None else value | {name: part(value[name]) for name, part in parts.items()}

    return convert


def _of_union(schema: list[Schema], names: _Names) -> Convert | None:
    import fastavro

    branches = _branches(schema)
    converters = [_converter(branch, names) for branch in branches]
    if len(branches) < 2:
        return converters[0] if converters else None
    if _wider(branches):
        return None
    whole = [names.resolve(branch) for branch in branches]

    def convert(value: Any) -> Any:
        if value is None:
            return None
        fits = (at for at, branch in enumerate(whole) if fastavro.validate(value, branch, raise_errors=False))
        at = next(fits, 0)
        own = converters[at]
        return {f"member{at}": own(value) if own else value}

    return convert


def _clock(divisor: int) -> Convert:
    """A time of day as the number it is in the file."""

    def convert(value: datetime.time | None) -> int | None:
        if value is None:
            return None
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return (seconds * 1_000_000 + value.microsecond) // divisor

    return convert


# -- writing -------------------------------------------------------------------------------


def avro_schema(fields: Iterable[pa.Field], name: str, space: str) -> dict[str, Any]:
    """The record for columns; every value may be null."""
    inner = f"{space}.{name}" if space else name
    parts = []
    for field in fields:
        if not _NAME.match(field.name):
            raise BadOption(
                f'avro: "{field.name}" cannot be the name of a field', hint=f"rename it: `{field.name}` as x"
            )
        parts.append({"name": field.name, "type": [_written(field.type, field.name, inner), "null"]})
    record = {"type": "record", "name": name, "fields": parts}
    return record | {"namespace": space} if space else record


def _written(dtype: pa.DataType, name: str, space: str) -> Schema:
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_struct(dtype):
        return avro_schema(dtype, name, space)
    if kinds.is_map(dtype):
        if not kinds.is_string(dtype.key_type):
            raise Unsupported(f'avro: the keys of the map "{name}" are no texts')
        return {"type": "map", "values": [_written(dtype.item_type, name, space), "null"]}
    if kinds.is_list(dtype):
        return {"type": "array", "items": [_written(dtype.value_type, name, space), "null"]}
    if kinds.is_timestamp(dtype):
        return {"type": "long", "logicalType": "timestamp-micros" if dtype.tz else "local-timestamp-micros"}
    if kinds.is_date(dtype):
        return {"type": "int", "logicalType": "date"}
    if kinds.is_decimal(dtype):
        size = (10**dtype.precision).bit_length() // 8 + 1
        return {
            "type": "fixed",
            "name": "fixed",
            "namespace": f"{space}.{name}",
            "size": size,
            "logicalType": "decimal",
            "precision": dtype.precision,
            "scale": dtype.scale,
        }
    if kinds.is_null(dtype):
        raise Unsupported(f'avro: the column "{name}" has no type', hint=f"cast({name} as string)")
    if kinds.is_integer(dtype):
        return "long" if dtype.bit_width > 32 else "int"
    if kinds.is_floating(dtype):
        return "double" if dtype.bit_width > 32 else "float"
    return "boolean" if kinds.is_boolean(dtype) else "bytes" if kinds.is_binary(dtype) else "string"
