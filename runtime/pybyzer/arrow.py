"""The one type table: Spark's names, Arrow types, DuckDB's names, Python values; and a table under way.

::

    Spark          JSON           Arrow                    DuckDB        Python
    array<T>       array          list<T>                  T[]           list
    map<K,V>       map            map<K, V>                MAP(K, V)     dict
    struct<a:T>    struct         struct<a: T>             STRUCT(a T)   dict
    decimal(p,s)   decimal(p,s)   decimal128(p, s)         DECIMAL(p,s)  decimal.Decimal
    interval ...   --             Unsupported everywhere

and the rows of ``SCALARS``. ``canonical`` turns any other Arrow type (``large_string``, ``uint32``,
dictionaries ...) into the one of the table that holds all its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption, Span, Unsupported

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True)
class Stream:
    """A table on its way out, in table order; ``reader`` can be read once.

    ``partitions`` is how the table is laid out (``TableRepartition``, files of a Delta table); a
    consumer that works in parallel cuts the rows into that many contiguous parts, of equal size unless
    ``cuts`` says how many rows each of them has.
    ``again`` opens the rows as often as one likes. ``files`` are the same rows where they lie, in a form
    that workers read; ``keep`` is what must live as long as they are used.
    """

    schema: pa.Schema
    reader: pa.RecordBatchReader
    partitions: int = 1
    again: Callable[[], pa.RecordBatchReader] | None = None
    files: Sequence[Mapping[str, Any]] = ()
    keep: object = None
    cuts: Sequence[int] = ()

    @property
    def layout(self) -> int | Sequence[int]:
        """The rows of each partition when they are known, else the number of partitions."""
        return self.cuts or self.partitions


@dataclass(frozen=True, slots=True)
class Scalar:
    """A row of the table. ``arrow`` is an alias pyarrow knows; ``aliases`` are other names in DDL."""

    spark: str
    json: str
    arrow: str
    duckdb: str
    python: str
    aliases: tuple[str, ...] = ()


SCALARS: tuple[Scalar, ...] = (
    Scalar("boolean", "boolean", "bool", "BOOLEAN", "bool", ("bool",)),
    Scalar("tinyint", "byte", "int8", "TINYINT", "int", ("byte",)),
    Scalar("smallint", "short", "int16", "SMALLINT", "int", ("short",)),
    Scalar("int", "integer", "int32", "INTEGER", "int", ("integer",)),
    Scalar("bigint", "long", "int64", "BIGINT", "int", ("long",)),
    Scalar("float", "float", "float", "FLOAT", "float", ("real",)),
    Scalar("double", "double", "double", "DOUBLE", "float"),
    Scalar("string", "string", "string", "VARCHAR", "str", ("str", "text")),
    Scalar("binary", "binary", "binary", "BLOB", "bytes", ("bytes",)),
    Scalar("date", "date", "date32[day]", "DATE", "datetime.date"),
    Scalar("time(6)", "time(6)", "time64[us]", "TIME", "datetime.time", ("time",)),
    Scalar(
        "timestamp",
        "timestamp",
        "timestamp[us, tz=UTC]",
        "TIMESTAMP WITH TIME ZONE",
        "datetime.datetime with a zone",
        ("timestamp_ltz",),
    ),
    Scalar(
        "timestamp_ntz", "timestamp_ntz", "timestamp[us]", "TIMESTAMP", "datetime.datetime without a zone"
    ),
    Scalar("void", "void", "null", '"NULL"', "None", ("null",)),
)

_WIDER = {
    "uint8": "int16",
    "uint16": "int32",
    "uint32": "int64",
    "halffloat": "float",
    "large_string": "string",
    "string_view": "string",
    "large_binary": "binary",
    "binary_view": "binary",
    "date64[ms]": "date32[day]",
    "time32[s]": "time64[us]",
    "time32[ms]": "time64[us]",
    "time64[ns]": "time64[us]",
}
"""Arrow types outside the table, and the row that holds their values. Nanoseconds become microseconds."""

_ZONED = "timestamp[us, tz=UTC]"
_BY_ARROW = {row.arrow: row for row in SCALARS}
MOST_DIGITS = 38
"""Digits of the widest decimal."""
MOST_DEPTH = 64
"""Levels of nested types, everywhere."""
_PLAIN_NAME = re.compile(r"\w+\Z")


def vector_type() -> pa.DataType:
    """A vector: ``type`` 0 sparse (``size``, ``indices``, ``values``) or 1 dense (``values``)."""
    import pyarrow as pa

    return pa.struct(
        [
            ("type", pa.int8()),
            ("size", pa.int32()),
            ("indices", pa.list_(pa.int32())),
            ("values", pa.list_(pa.float64())),
        ]
    )


def canonical(dtype: pa.DataType) -> pa.DataType:
    """The Arrow type of the table that holds all values of ``dtype``; ``Unsupported`` if there is none."""
    import pyarrow as pa

    kinds = pa.types
    if isinstance(dtype, pa.BaseExtensionType):
        return canonical(dtype.storage_type)
    if kinds.is_dictionary(dtype):
        return canonical(dtype.value_type)
    if kinds.is_timestamp(dtype):
        return pa.timestamp("us", tz="UTC" if dtype.tz else None)
    if kinds.is_decimal(dtype):
        if dtype.precision > MOST_DIGITS:
            raise Unsupported(f"{dtype} has more than {MOST_DIGITS} digits")
        return pa.decimal128(dtype.precision, dtype.scale)
    if kinds.is_uint64(dtype):
        return pa.decimal128(20, 0)
    if kinds.is_fixed_size_binary(dtype):
        return pa.binary()
    if kinds.is_struct(dtype):
        return pa.struct([field.with_type(canonical(field.type)) for field in dtype])
    if kinds.is_map(dtype):
        return pa.map_(canonical(dtype.key_type), canonical(dtype.item_type))
    if hasattr(dtype, "value_type") and "list" in str(dtype):
        return pa.list_(canonical(dtype.value_type))
    name = _WIDER.get(str(dtype), str(dtype))
    if name in _BY_ARROW:
        return from_alias(name)
    raise Unsupported(
        f"values of type {dtype} cannot be in a table", hint="cast them to a string or a number"
    )


def canonical_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with each column of a canonical type; names and nullability stay."""
    import pyarrow as pa

    fields = []
    for field in schema:
        try:
            fields.append(field.with_type(canonical(field.type)))
        except Unsupported as error:
            raise error.noting(f'in column "{field.name}"') from None
    return pa.schema(fields)


def type_name(dtype: pa.DataType) -> str:
    """Spark's DDL name: ``bigint``, ``array<string>``, ``struct<a:int>``; odd field names in back quotes."""
    return _fold(canonical(dtype), _SPARK)


def duckdb_name(dtype: pa.DataType) -> str:
    """DuckDB's name: ``BIGINT``, ``VARCHAR[]``, ``STRUCT("a" INTEGER)``."""
    return _fold(canonical(dtype), _DUCKDB)


def parse_type(text: str, span: Span | None = None) -> pa.DataType:
    """The Arrow type of a Spark DDL type. Errors are placed in ``span``, or else in ``text``."""
    from pybyzer.ddl import TypeReader

    reader = TypeReader(text, span)
    dtype = reader.type()
    reader.finish()
    return dtype


def schema_json(schema: pa.Schema) -> dict[str, Any]:
    """Spark's StructType JSON, as ``!desc t json`` prints it."""
    return {"type": "struct", "fields": [_field_json(field) for field in schema]}


def schema_from_json(value: Mapping[str, Any]) -> pa.Schema:
    """The schema of Spark's StructType JSON."""
    import pyarrow as pa

    dtype = _type_from_json(value, "schema", 0)
    if not pa.types.is_struct(dtype):
        raise BadOption("a schema in JSON must be a struct", hint='{"type": "struct", "fields": [...]}')
    return pa.schema(list(dtype))


# -- names ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How one dialect writes types."""

    scalar: Callable[[Scalar], str]
    decimal: str
    array: str
    map: str
    struct: str
    field: Callable[[str, str], str]


def _quoted(name: str, quote: str) -> str:
    return quote + name.replace(quote, quote * 2) + quote


_SPARK = _Spelling(
    scalar=lambda row: row.spark,
    decimal="decimal({},{})",
    array="array<{}>",
    map="map<{},{}>",
    struct="struct<{}>",
    field=lambda name, text: f"{name if _PLAIN_NAME.match(name) else _quoted(name, '`')}:{text}",
)
_DUCKDB = _Spelling(
    scalar=lambda row: row.duckdb,
    decimal="DECIMAL({},{})",
    array="{}[]",
    map="MAP({}, {})",
    struct="STRUCT({})",
    field=lambda name, text: f"{_quoted(name, chr(34))} {text}",
)


def _fold(dtype: pa.DataType, spelling: _Spelling) -> str:
    import pyarrow as pa

    if pa.types.is_decimal(dtype):
        return spelling.decimal.format(dtype.precision, dtype.scale)
    if pa.types.is_map(dtype):
        return spelling.map.format(_fold(dtype.key_type, spelling), _fold(dtype.item_type, spelling))
    if pa.types.is_list(dtype):
        return spelling.array.format(_fold(dtype.value_type, spelling))
    if pa.types.is_struct(dtype):
        fields = [spelling.field(field.name, _fold(field.type, spelling)) for field in dtype]
        return spelling.struct.format(("," if spelling is _SPARK else ", ").join(fields))
    return spelling.scalar(_BY_ARROW[str(dtype)])


def from_alias(name: str) -> pa.DataType:
    """The Arrow type of a row's ``arrow``."""
    import pyarrow as pa

    return pa.timestamp("us", tz="UTC") if name == _ZONED else pa.type_for_alias(name)


# -- JSON ----------------------------------------------------------------------------------


def _field_json(field: pa.Field) -> dict[str, Any]:
    comment = (field.metadata or {}).get(b"comment")
    return {
        "name": field.name,
        "type": _type_json(canonical(field.type)),
        "nullable": field.nullable,
        "metadata": {"comment": comment.decode()} if comment is not None else {},
    }


def _type_json(dtype: pa.DataType) -> str | dict[str, Any]:
    import pyarrow as pa

    if pa.types.is_struct(dtype):
        return {"type": "struct", "fields": [_field_json(field) for field in dtype]}
    if pa.types.is_map(dtype):
        return {
            "type": "map",
            "keyType": _type_json(dtype.key_type),
            "valueType": _type_json(dtype.item_type),
            "valueContainsNull": True,
        }
    if pa.types.is_list(dtype):
        return {"type": "array", "elementType": _type_json(dtype.value_type), "containsNull": True}
    if pa.types.is_decimal(dtype):
        return type_name(dtype)
    return _BY_ARROW[str(dtype)].json


def _type_from_json(value: object, where: str, depth: int) -> pa.DataType:
    import pyarrow as pa

    if depth > MOST_DEPTH:
        raise BadOption(f"{where}: types nested deeper than {MOST_DEPTH}")
    if isinstance(value, str):
        return parse_type(value)
    if not isinstance(value, Mapping):
        raise BadOption(f"{where}: a type is a name or an object, not {value!r}")
    kind = value.get("type")
    try:
        if kind == "struct":
            fields = [_field_from_json(item, where, depth + 1) for item in value["fields"]]
            return pa.struct(fields)
        if kind == "array":
            return pa.list_(_type_from_json(value["elementType"], where, depth + 1))
        if kind == "map":
            return pa.map_(
                _type_from_json(value["keyType"], where, depth + 1),
                _type_from_json(value["valueType"], where, depth + 1),
            )
        if kind == "udt":
            return _type_from_json(value["sqlType"], where, depth + 1)
    except KeyError as error:
        raise BadOption(f"{where}: the {kind} lacks {error}") from None
    raise BadOption(f'{where}: no type "{kind}"', hint="an object is a struct, an array or a map")


def _field_from_json(item: object, where: str, depth: int) -> pa.Field:
    import pyarrow as pa

    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or "type" not in item:
        raise BadOption(f"{where}: a field is an object with a name and a type, not {item!r}")
    comment = (item.get("metadata") or {}).get("comment")
    return pa.field(
        item["name"],
        _type_from_json(item["type"], f"{where}.{item['name']}", depth),
        nullable=item.get("nullable", True) is not False,
        metadata=None if comment is None else {"comment": str(comment)},
    )
