"""Spark's types as small values, with their DuckDB spelling; the dialect reasons in these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class SqlType:
    """A Spark type. ``parts`` are the element, key and value, or field types; ``names`` the fields."""

    kind: str
    parts: tuple[SqlType, ...] = ()
    names: tuple[str, ...] = ()
    precision: int = 0
    scale: int = 0

    @property
    def spark(self) -> str:
        """DDL text, as ``typeof`` gives it."""
        if self.kind == "decimal":
            return f"decimal({self.precision},{self.scale})"
        if self.kind == "struct":
            return (
                "struct<"
                + ",".join(f"{n}:{p.spark}" for n, p in zip(self.names, self.parts, strict=True))
                + ">"
            )
        if self.kind == "sketch":
            return "binary"
        if self.kind in ("daytime", "yearmonth"):
            start, end = self.names
            return f"interval {start}" if start == end else f"interval {start} to {end}"
        if self.parts:
            return f"{self.kind}<{','.join(part.spark for part in self.parts)}>"
        return self.kind

    @property
    def duck(self) -> str:
        """The type in DuckDB's SQL."""
        if self.kind == "decimal":
            return f"DECIMAL({self.precision},{self.scale})"
        if self.kind == "array":
            return f"{self.parts[0].duck}[]"
        if self.kind == "map":
            return f"MAP({self.parts[0].duck}, {self.parts[1].duck})"
        if self.kind == "sketch":
            return f"STRUCT(k INTEGER, v {self.parts[0].duck}[])" if self.parts else "BLOB"
        if self.kind == "struct":
            fields = ", ".join(f"{quote(n)} {p.duck}" for n, p in zip(self.names, self.parts, strict=True))
            return f"STRUCT({fields})"
        return _DUCK[self.kind]

    @property
    def element(self) -> SqlType:
        """The element of an array (unknown for anything else)."""
        return self.parts[0] if self.kind == "array" else UNKNOWN

    def field(self, name: str) -> SqlType | None:
        """The type of a struct's field, found without case."""
        for own, part in zip(self.names, self.parts, strict=False):
            if own.lower() == name.lower():
                return part
        return None

    @property
    def integral(self) -> bool:
        return self.kind in INTEGRAL

    @property
    def numeric(self) -> bool:
        return self.kind in INTEGRAL or self.kind in ("float", "double", "decimal")

    @property
    def fractional(self) -> bool:
        return self.kind in ("float", "double")

    @property
    def temporal(self) -> bool:
        return self.kind in ("date", "timestamp", "timestamp_ntz")

    @property
    def interval(self) -> bool:
        """Of the three interval types."""
        return self.kind in ("interval", "daytime", "yearmonth")

    @property
    def has_interval(self) -> bool:
        """Whether it is an interval, or has one inside."""
        return self.interval or any(part.has_interval for part in self.parts)


INTEGRAL = ("tinyint", "smallint", "int", "bigint")

_DUCK = {
    "variant": 'STRUCT("value" BLOB, metadata BLOB)',
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "binary": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP",
    "interval": "INTERVAL",
    "daytime": "BIGINT",
    "yearmonth": "INTEGER",
    "void": "VARCHAR",
    **{f"time({digits})": "TIME" for digits in range(7)},
}

BOOLEAN = SqlType("boolean")
TINYINT = SqlType("tinyint")
SMALLINT = SqlType("smallint")
INT = SqlType("int")
BIGINT = SqlType("bigint")
FLOAT = SqlType("float")
DOUBLE = SqlType("double")
STRING = SqlType("string")
BINARY = SqlType("binary")
DATE = SqlType("date")
TIMESTAMP = SqlType("timestamp")
TIMESTAMP_NTZ = SqlType("timestamp_ntz")
INTERVAL = SqlType("interval")
VOID = SqlType("void")
UNKNOWN = SqlType("unknown")
VARIANT = SqlType("variant")
TIME = SqlType("time(6)")
ANY_KINDS = ("any",)
"""Kinds that only rules use: an argument of whatever type."""

NAMES = {
    "bool": BOOLEAN, "boolean": BOOLEAN, "tinyint": TINYINT, "byte": TINYINT, "smallint": SMALLINT,
    "short": SMALLINT, "int": INT, "integer": INT, "bigint": BIGINT, "long": BIGINT, "float": FLOAT,
    "real": FLOAT, "double": DOUBLE, "string": STRING, "binary": BINARY, "date": DATE,
    "timestamp": TIMESTAMP, "timestamp_ltz": TIMESTAMP, "timestamp_ntz": TIMESTAMP_NTZ,
    "interval": INTERVAL, "void": VOID, "variant": VARIANT, "any": SqlType("any"),
}  # fmt: skip


def parse(ddl: str) -> SqlType:
    """The type of a short DDL text (``array<string>``, ``decimal(10,2)``, ``map<string,int>``)."""
    ddl = ddl.strip()
    if ddl in NAMES:
        return NAMES[ddl]
    head, _, rest = ddl.partition("<")
    if head == "array":
        return array(parse(rest[:-1]))
    if head == "map":
        key, _, value = rest[:-1].partition(",")
        return map_of(parse(key), parse(value))
    if ddl.startswith("interval "):
        start, _, end = ddl[9:].partition(" to ")
        return SqlType("yearmonth" if start in ("year", "month") else "daytime", names=(start, end or start))
    if ddl.startswith("decimal("):
        precision, _, scale = ddl[8:-1].partition(",")
        return SqlType("decimal", precision=int(precision), scale=int(scale or 0))
    raise ValueError(f"no type {ddl}")


def decimal(precision: int, scale: int) -> SqlType:
    """A decimal, cut to what Spark can hold (38 digits; small scales give way last)."""
    if precision > 38:
        digits = precision - scale
        scale = max(38 - digits, min(scale, 6))
        precision = 38
    return SqlType("decimal", precision=precision, scale=scale)


def array(element: SqlType) -> SqlType:
    return SqlType("array", (element,))


def sketch_of(name: str, *element: SqlType) -> SqlType:
    """A sketch inside a query: to users it is binary, but its bytes are not Spark's and are not shown."""
    return SqlType("sketch", element, (name,))


def map_of(key: SqlType, value: SqlType) -> SqlType:
    return SqlType("map", (key, value))


def struct(names: tuple[str, ...], parts: tuple[SqlType, ...]) -> SqlType:
    return SqlType("struct", parts, names)


def without_intervals(kind: SqlType) -> SqlType:
    """The type as it is shown: texts where there are intervals."""
    if kind.interval:
        return STRING
    return replace(kind, parts=tuple(without_intervals(part) for part in kind.parts))


def quote(name: str) -> str:
    """An identifier, always quoted."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal of DuckDB."""
    if "\0" in value:
        # DuckDB's SQL text cannot hold a NUL character itself.
        return " || ".join(_pieces(value))
    return "'" + value.replace("'", "''") + "'"


def _pieces(value: str) -> list[str]:
    out: list[str] = []
    for index, part in enumerate(value.split("\0")):
        if index:
            out.append("chr(0)")
        out.append(text(part))
    return ["(" + out[0], *out[1:-1], out[-1] + ")"]


_FROM_DUCK = {
    "boolean": BOOLEAN,
    "tinyint": TINYINT,
    "smallint": SMALLINT,
    "integer": INT,
    "bigint": BIGINT,
    "utinyint": SMALLINT,
    "usmallint": INT,
    "uinteger": BIGINT,
    "ubigint": SqlType("decimal", precision=20, scale=0),
    "hugeint": SqlType("decimal", precision=38, scale=0),
    "uhugeint": SqlType("decimal", precision=38, scale=0),
    "bignum": STRING,
    "float": FLOAT,
    "double": DOUBLE,
    "varchar": STRING,
    "json": STRING,
    "enum": STRING,
    "uuid": STRING,
    "time": TIME,
    "time with time zone": STRING,
    "time_ns": TIME,
    "blob": BINARY,
    "bit": STRING,
    "date": DATE,
    "timestamp with time zone": TIMESTAMP,
    "timestamptz_ns": TIMESTAMP,
    "timestamp": TIMESTAMP_NTZ,
    "timestamp_s": TIMESTAMP_NTZ,
    "timestamp_ms": TIMESTAMP_NTZ,
    "timestamp_ns": TIMESTAMP_NTZ,
    "interval": INTERVAL,
    "null": VOID,
    '"null"': VOID,
}


def from_duck(found: Any) -> SqlType:
    """Spark's type for a column type of DuckDB (a ``DuckDBPyType``); unsigned and odd ones are widened."""
    kind = str(found.id).lower()
    if kind == "decimal":
        parts = dict(found.children)
        return SqlType("decimal", precision=int(parts["precision"]), scale=int(parts["scale"]))
    if kind in ("list", "array"):
        return array(from_duck(found.children[0][1]))
    if kind == "map":
        parts = dict(found.children)
        return map_of(from_duck(parts["key"]), from_duck(parts["value"]))
    if kind == "struct":
        names = tuple(str(name) for name, _ in found.children)
        return struct(names, tuple(from_duck(part) for _, part in found.children))
    return _FROM_DUCK.get(str(found).lower(), _FROM_DUCK.get(kind, UNKNOWN))


def from_arrow(kind: Any) -> SqlType:
    """Spark's type for an Arrow type (by the one type table)."""
    import pyarrow as pa

    from pybyzer.arrow import canonical, type_name

    kind = canonical(kind)
    if pa.types.is_struct(kind):
        return struct(tuple(part.name for part in kind), tuple(from_arrow(part.type) for part in kind))
    if pa.types.is_map(kind):
        return map_of(from_arrow(kind.key_type), from_arrow(kind.item_type))
    if pa.types.is_list(kind):
        return array(from_arrow(kind.value_type))
    return TIME if pa.types.is_time(kind) else parse(type_name(kind))


def to_arrow(kind: SqlType) -> Any:
    """The Arrow type of a Spark type."""
    import pyarrow as pa

    if kind.kind == "array":
        return pa.list_(to_arrow(kind.parts[0]))
    if kind.kind == "map":
        return pa.map_(to_arrow(kind.parts[0]), to_arrow(kind.parts[1]))
    if kind.kind == "struct":
        return pa.struct([(name, to_arrow(part)) for name, part in zip(kind.names, kind.parts, strict=True)])
    if kind.kind == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    if kind.kind == "sketch":
        if kind.parts:
            return pa.struct([("k", pa.int32()), ("v", pa.list_(to_arrow(kind.parts[0])))])
        return pa.binary()
    return _ARROW[kind.kind]()


def _variant() -> Any:
    import pyarrow as pa

    return pa.struct([("value", pa.binary()), ("metadata", pa.binary())])


def _arrow(name: str, *args: Any) -> Callable[[], Any]:
    def make() -> Any:
        import pyarrow as pa

        return getattr(pa, name)(*args)

    return make


_ARROW: dict[str, Callable[[], Any]] = {
    "variant": _variant,
    "boolean": _arrow("bool_"),
    "tinyint": _arrow("int8"),
    "smallint": _arrow("int16"),
    "int": _arrow("int32"),
    "bigint": _arrow("int64"),
    "float": _arrow("float32"),
    "double": _arrow("float64"),
    "string": _arrow("string"),
    "void": _arrow("string"),
    "binary": _arrow("binary"),
    "date": _arrow("date32"),
    "timestamp": _arrow("timestamp", "us", "UTC"),
    "timestamp_ntz": _arrow("timestamp", "us"),
    # What leaves the engine is Spark's text of an interval.
    "interval": _arrow("string"),
    "daytime": _arrow("string"),
    "yearmonth": _arrow("string"),
    **{f"time({digits})": _arrow("time64", "us") for digits in range(7)},
}
