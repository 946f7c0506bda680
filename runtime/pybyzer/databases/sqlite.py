"""``jdbc:sqlite:/path/file.db``, through Python's own sqlite3.

SQLite has types of values, not of columns: a column's type is the one it was declared with, and a value
that is of another one is an error. What no column declares (an expression) has the type of its values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from pybyzer.databases.base import DATABASES, DECIMAL_DIGITS, DECIMAL_SCALE, Column, Database, final
from pybyzer.databases.rows import batches, lists, wall_clock
from pybyzer.databases.target import Target
from pybyzer.errors import BadOption, EngineError

if TYPE_CHECKING:
    import pyarrow as pa

_DECIMAL = re.compile(r"(?:DECIMAL_TEXT|DECIMAL|NUMERIC)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\Z")
EXACT_DIGITS = 15
"""Digits of a decimal that SQLite's numbers keep; longer ones are stored as texts."""


@DATABASES.register("sqlite")
class SQLite(Database):
    """A file of SQLite's."""

    label = "SQLite"
    names: ClassVar[dict[str, str]] = {
        "boolean": "BOOLEAN",
        "tinyint": "TINYINT",
        "smallint": "SMALLINT",
        "int": "INT",
        "bigint": "BIGINT",
        "float": "FLOAT",
        "double": "DOUBLE",
        "decimal": "DECIMAL",
        "string": "TEXT",
        "void": "TEXT",
        "binary": "BLOB",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
        "timestamp_ntz": "TIMESTAMP",
    }

    def __init__(self, target: Target, zone: str, *, read_only: bool = False) -> None:
        super().__init__(target, zone, read_only=read_only)
        import sqlite3

        self._error = sqlite3.Error
        path = target.database
        if not path:
            raise BadOption("url names no file", option="url", hint="jdbc:sqlite:/path/of/file.db")
        if read_only and not os.path.exists(path) and path != ":memory:":
            raise EngineError(f"there is no file {path}", hint="url is jdbc:sqlite:/path/of/file.db")
        try:
            self._connection = sqlite3.connect(
                path, timeout=10, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error as error:
            raise EngineError(f"cannot connect to {target.shown}: {self.reason(error)}") from None
        self._connection.execute("BEGIN")

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        return (self._error,)

    def tables(self, schema: str | None) -> list[str]:
        master = f"{self.quoted(schema)}.sqlite_master" if schema else "sqlite_master"
        sql = f"SELECT name FROM {master} WHERE type IN ('table', 'view')"
        return [row[0] for row in self._connection.execute(sql)]

    def exists(self, parts: Sequence[str]) -> bool:
        found = self.tables(parts[0] if len(parts) == 2 else None)
        return parts[-1].lower() in [name.lower() for name in found]

    def columns(self, query: str) -> list[Column]:
        view = self.quoted(self._temporary)
        # The main database is not touched: a temporary view is kept beside it.
        self._connection.execute(f"CREATE TEMP VIEW {view} AS SELECT * FROM {query}")
        try:
            found = self._connection.execute(f"PRAGMA table_info({view})").fetchall()
            return [self._column(view, row[1], (row[2] or "").upper().strip()) for row in found]
        finally:
            self._connection.execute(f"DROP VIEW {view}")

    def _column(self, view: str, name: str, declared: str) -> Column:
        own = self.quoted(name)
        if not declared or declared in ("NUM", "ANY"):
            sql = f"SELECT DISTINCT typeof({own}) FROM {view}"
            kinds = {row[0] for row in self._connection.execute(sql)} - {"null"}
            return Column(
                name, _of_values(kinds), own if kinds <= {"integer", "real", "blob"} else _text(own)
            )
        if _DECIMAL.match(declared):
            return Column(name, _declared(declared), _text(own))
        return Column(name, _declared(declared), own)

    def batches(self, sql: str, columns: Sequence[Column], rows: int) -> Iterator[pa.RecordBatch]:
        with closing(self._connection.execute(sql)) as cursor:
            yield from batches(lambda: cursor.fetchmany(rows), columns, self._array)

    def _array(self, values: Sequence[Any], column: Column) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        dtype = column.type
        if pa.types.is_decimal(dtype):
            exact = pa.array(values, pa.string()).cast(pa.decimal128(DECIMAL_DIGITS, DECIMAL_SCALE))
            if dtype.scale >= DECIMAL_SCALE:
                return pa.array(values, pa.string()).cast(dtype)
            return pc.round(exact, dtype.scale, round_mode="half_towards_infinity").cast(dtype)
        if pa.types.is_boolean(dtype):
            return pa.array(values, pa.int64()).cast(dtype)
        if pa.types.is_timestamp(dtype) or pa.types.is_date(dtype):
            return final(_times(values), dtype, self.zone)
        if pa.types.is_floating(dtype):
            return pa.array(values, pa.float64()).cast(dtype)
        return pa.array(values, dtype)

    def execute(self, sql: str) -> int:
        with closing(self._connection.execute(sql)) as cursor:
            return int(cursor.rowcount)

    def first(self, sql: str) -> Sequence[Any] | None:
        with closing(self._connection.execute(sql)) as cursor:
            return cursor.fetchone()  # type: ignore[no-any-return]

    def type_name(self, dtype: pa.DataType, column: str) -> str:
        import pyarrow as pa

        name = super().type_name(dtype, column)
        long = pa.types.is_decimal(dtype) and dtype.precision > EXACT_DIGITS
        return name.replace("DECIMAL", "DECIMAL_TEXT") if long else name

    def insert(self, table: str, columns: Sequence[str], rows: pa.RecordBatchReader) -> int:
        goal = ", ".join(map(self.quoted, columns))
        sql = f"INSERT INTO {table} ({goal}) VALUES ({', '.join('?' * len(columns))})"
        count = 0
        for batch in rows:
            for part in lists(batch, [self.zone] * len(columns), self._plain):
                self._connection.executemany(sql, part)
                count += len(part)
        return count

    def _plain(self, values: pa.Array, zone: str) -> list[Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        dtype = values.type
        if pa.types.is_timestamp(dtype):
            wall = wall_clock(values, zone) if dtype.tz else values
            return wall.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]
        if pa.types.is_decimal(dtype) or pa.types.is_date(dtype):
            return values.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]
        if pa.types.is_floating(dtype) and pc.any(pc.is_nan(values)).as_py():
            raise EngineError(
                "SQLite cannot store NaN", hint="make it NULL in a select before: nanvl(x, null)"
            )
        return values.to_pylist()  # type: ignore[no-any-return]

    def create_like(self, table: str, columns: Sequence[str]) -> str:
        # Without types, values stay as they were bound; the table's own columns convert them.
        name = self.quoted(self._temporary)
        self.execute(f"CREATE TEMPORARY TABLE {name} ({', '.join(map(self.quoted, columns))})")
        return name

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def cancel(self) -> None:
        self._connection.interrupt()


def _text(own: str) -> str:
    return f"CAST({own} AS TEXT)"


def _of_values(kinds: set[str]) -> pa.DataType:
    import pyarrow as pa

    if kinds == {"integer"}:
        return pa.int64()
    if kinds and kinds <= {"integer", "real"}:
        return pa.float64()
    return pa.binary() if kinds == {"blob"} else pa.string()


def _declared(declared: str) -> pa.DataType:
    """The type of a declaration in capitals; its first word decides, else SQLite's own rules do."""
    import pyarrow as pa

    decimal = _DECIMAL.match(declared)
    if decimal:
        digits = int(decimal[1] or DECIMAL_DIGITS)
        scale = int(decimal[2] or 0) if decimal[1] else DECIMAL_SCALE
        if digits > DECIMAL_DIGITS:
            digits, scale = DECIMAL_DIGITS, max(0, scale - (digits - DECIMAL_DIGITS))
        return pa.decimal128(max(digits, 1), min(scale, digits))
    match re.split(r"[\s(]", declared)[0]:
        case "BOOLEAN" | "BOOL":
            return pa.bool_()
        case "TINYINT":
            return pa.int8()
        case "SMALLINT" | "INT2":
            return pa.int16()
        case "DATE":
            return pa.date32()
        case "DATETIME" | "TIMESTAMP":
            return pa.timestamp("us", tz="UTC")
    if "INT" in declared:
        return pa.int64()
    if any(word in declared for word in ("CHAR", "CLOB", "TEXT", "JSON", "ENUM", "UUID")):
        return pa.string()
    if "BLOB" in declared or "BINARY" in declared:
        return pa.binary()
    if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
        return pa.float64()
    return pa.string()


def _times(values: Sequence[Any]) -> pa.Array:
    """Texts as ISO dates and times; numbers are milliseconds since 1970, as the JDBC driver writes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if any(isinstance(value, int) for value in values):
        instants = [value if isinstance(value, int) else None for value in values]
        found = pa.array(instants, pa.int64()).cast(pa.timestamp("ms")).cast(pa.timestamp("us"))
        rest = [None if isinstance(value, int) else value for value in values]
        return pc.coalesce(found, pa.array(rest, pa.string()).cast(pa.timestamp("us")))
    return pa.array(values, pa.string()).cast(pa.timestamp("us"))
