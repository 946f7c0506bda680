"""``jdbc:postgresql``, through ADBC: rows arrive and leave as Arrow, in PostgreSQL's binary copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from pybyzer.databases.base import (
    DATABASES,
    DECIMAL_DIGITS,
    DECIMAL_SCALE,
    Column,
    Database,
    final,
)
from pybyzer.databases.rows import guarded
from pybyzer.databases.target import Target
from pybyzer.errors import EngineError, MissingPackage

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_BYTES = 4 << 20
_PLAIN = {
    "bool": "bool",
    "int2": "int16",
    "int4": "int32",
    "int8": "int64",
    "oid": "int64",
    "float4": "float",
    "float8": "double",
    "text": "string",
    "varchar": "string",
    "bpchar": "string",
    "name": "string",
    "bytea": "binary",
    "date": "date32",
}
"""Types that arrive as they are."""
_PARAMETERS = ("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout", "application_name")
"""What libpq calls as the JDBC driver does."""
_RENAMED = {"connectTimeout": "connect_timeout", "ApplicationName": "application_name"}


@DATABASES.register("postgresql")
class PostgreSQL(Database):
    """PostgreSQL and what speaks its protocol."""

    label = "PostgreSQL"
    names: ClassVar[dict[str, str]] = {
        "boolean": "boolean",
        "tinyint": "smallint",
        "smallint": "smallint",
        "int": "integer",
        "bigint": "bigint",
        "float": "real",
        "double": "double precision",
        "decimal": "numeric",
        "string": "text",
        "void": "text",
        "binary": "bytea",
        "date": "date",
        "timestamp": "timestamp with time zone",
        "timestamp_ntz": "timestamp",
        "time": "time",
    }

    def __init__(self, target: Target, zone: str, *, read_only: bool = False) -> None:
        super().__init__(target, zone, read_only=read_only)
        try:
            from adbc_driver_postgresql import dbapi
        except ImportError:
            raise MissingPackage(
                "PostgreSQL needs the package adbc-driver-postgresql", hint="pip install 'pybyzer[jdbc]'"
            ) from None
        self._dbapi = dbapi
        try:
            self._connection = dbapi.connect(_uri(target))
        except dbapi.Error as error:
            raise EngineError(
                f"cannot connect to {target.shown}: {self.reason(error)}", hint="check url, user and password"
            ) from None
        self._running: Any = None
        schema = target.parameter("currentSchema")
        with self.explained("cannot use"):
            if schema:
                self.execute(f"SET search_path TO {', '.join(self.quoted(s) for s in schema.split(','))}")
            self.execute("SET TIME ZONE 'UTC'")
            self.commit()
            if read_only:
                self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        return (self._dbapi.Error,)

    def reason(self, error: BaseException) -> str:
        text = super().reason(error)
        for before in ("ERROR: ", "[libpq] ", ": "):
            # What the server said comes after what the driver was about to do.
            if before in text:
                text = text.partition(before)[2]
                break
        for after in (" LINE 1:", " Query was:", " Query:", ". SQLSTATE:", " SQLSTATE:"):
            text = text.partition(after)[0]
        return text.strip()

    def fold(self, name: str) -> str:
        return name.lower()

    def tables(self, schema: str | None) -> list[str]:
        where = "n.nspname = $1" if schema is not None else "pg_table_is_visible(c.oid)"
        sql = (
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            f" WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND {where}"
            + ("" if schema is not None else " AND n.nspname NOT IN ('pg_catalog', 'information_schema')")
        )
        with self._connection.cursor() as cursor:
            cursor.execute(sql, (schema,) if schema is not None else None)
            return [str(row[0]) for row in cursor.fetchall()]

    def columns(self, query: str) -> list[Column]:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {query} LIMIT 0")
            with cursor.fetch_record_batch() as reader:
                return [self._column(field) for field in reader.schema]

    def _column(self, field: pa.Field) -> Column:
        import pyarrow as pa

        metadata = field.metadata or {}
        kind = metadata.get(b"POSTGRESQL:type", b"").decode()
        modifier = int(metadata.get(b"POSTGRESQL:typmod", b"-1"))
        own = self.quoted(field.name)
        if kind in _PLAIN:
            return Column(field.name, pa.type_for_alias(_PLAIN[kind]), own)
        zoned = pa.timestamp("us", tz="UTC")
        match kind:
            case "timestamp" | "timestamptz":
                return Column(field.name, zoned, own, "UTC" if kind == "timestamptz" else "")
            case "time" | "timetz":
                return Column(field.name, zoned, f"(date '1970-01-01' + {own})")
            case "numeric":
                digits, scale = _decimal(modifier)
                return Column(
                    field.name, pa.decimal128(digits, scale), f"CAST({own} AS numeric({digits}, {scale}))"
                )
        if kind.startswith("_"):
            return self._array(field.name, own, kind[1:])
        return Column(field.name, pa.string(), f"CAST({own} AS text)")

    def _array(self, name: str, own: str, element: str) -> Column:
        import pyarrow as pa

        if element in _PLAIN:
            return Column(name, pa.list_(pa.type_for_alias(_PLAIN[element])), own)
        if element in ("timestamp", "timestamptz"):
            return Column(
                name, pa.list_(pa.timestamp("us", tz="UTC")), f"CAST({own} AS timestamp with time zone[])"
            )
        if element == "numeric":
            dtype = pa.decimal128(DECIMAL_DIGITS, DECIMAL_SCALE)
            return Column(
                name, pa.list_(dtype), f"CAST({own} AS numeric({DECIMAL_DIGITS}, {DECIMAL_SCALE})[])"
            )
        return Column(name, pa.list_(pa.string()), f"CAST({own} AS text[])")

    def batches(self, sql: str, columns: Sequence[Column], rows: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        with self._connection.cursor() as cursor:
            self._running = cursor
            options = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            cursor.adbc_statement.set_options(**options)
            cursor.execute(sql)
            with cursor.fetch_record_batch() as reader:
                names = [column.name for column in columns]
                for batch in reader:
                    arrays = [
                        self._final(values, column)
                        for values, column in zip(batch.columns, columns, strict=True)
                    ]
                    yield pa.RecordBatch.from_arrays(arrays, names=names)
        self._running = None

    def _final(self, values: pa.Array, column: Column) -> pa.Array:
        import pyarrow as pa

        if isinstance(values, pa.ListArray) and isinstance(values.type.value_type, pa.BaseExtensionType):
            inner = values.values.storage
            values = pa.ListArray.from_arrays(values.offsets, inner, mask=values.is_null())
        return final(values, column.type, self.zone)

    def execute(self, sql: str) -> int:
        with self._connection.cursor() as cursor:
            self._running = cursor
            cursor.execute(sql)
            self._running = None
            return int(cursor.rowcount)

    def first(self, sql: str) -> Sequence[Any] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()  # type: ignore[no-any-return]

    def type_name(self, dtype: pa.DataType, column: str) -> str:
        import pyarrow as pa

        if pa.types.is_list(dtype) and not pa.types.is_nested(dtype.value_type):
            return f"{super().type_name(dtype.value_type, column)}[]"
        return super().type_name(dtype, column)

    def insert(self, table: str, columns: Sequence[str], rows: pa.RecordBatchReader) -> int:
        """Through a staged table of the rows' own types: the copy into it is binary, and casts nothing."""
        import pyarrow as pa

        names = [f"c{number}" for number in range(len(columns))]
        schema = pa.schema(
            [
                field.with_name(name).with_nullable(True)
                for name, field in zip(names, rows.schema, strict=True)
            ]
        )
        void = [pa.types.is_null(field.type) for field in schema]
        schema = pa.schema([f.with_type(pa.string()) if v else f for f, v in zip(schema, void, strict=True)])
        count = 0

        def renamed() -> Iterator[pa.RecordBatch]:
            nonlocal count
            for batch in rows:
                count += batch.num_rows
                arrays = [
                    pa.nulls(batch.num_rows, pa.string()) if v else values
                    for values, v in zip(batch.columns, void, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

        stage = f"{self._temporary}_rows"
        arriving = pa.RecordBatchReader.from_batches(schema, renamed())
        with self._connection.cursor() as cursor, guarded(arriving) as reader:
            self._running = cursor
            cursor.adbc_ingest(stage, reader, mode="create", temporary=True)
            self._running = None
        goal = ", ".join(map(self.quoted, columns))
        self.execute(f"INSERT INTO {table} ({goal}) SELECT {', '.join(names)} FROM {self.quoted(stage)}")
        self.execute(f"DROP TABLE {self.quoted(stage)}")
        return count

    def clear(self, table: str) -> None:
        self.execute(f"TRUNCATE TABLE {table}")

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()

    def cancel(self) -> None:
        running = self._running
        if running is not None:
            running.adbc_cancel()


def _decimal(modifier: int) -> tuple[int, int]:
    """Precision and scale of ``numeric(p, s)`` as Spark keeps them: digits before the point first."""
    if modifier < 4:
        return DECIMAL_DIGITS, DECIMAL_SCALE
    digits, scale = (modifier - 4) >> 16, ((modifier - 4) & 0x7FF ^ 1024) - 1024
    if scale < 0:
        digits, scale = digits - scale, 0
    scale = min(scale, DECIMAL_DIGITS)
    digits = max(digits, scale)
    if digits > DECIMAL_DIGITS:
        scale = max(0, scale - (digits - DECIMAL_DIGITS))
        digits = DECIMAL_DIGITS
    return digits, scale


def _uri(target: Target) -> str:
    parameters = {_RENAMED.get(key, key): value for key, value in target.parameters.items()}
    if target.parameter("ssl") == "true" and "sslmode" not in parameters:
        parameters["sslmode"] = "verify-full"
    chosen = {key: value for key, value in parameters.items() if key in _PARAMETERS}
    chosen.setdefault("connect_timeout", "10")
    who = quote(target.user or "", safe="")
    if target.password is not None:
        who += ":" + quote(target.password, safe="")
    host = f"[{target.host}]" if ":" in target.host else target.host
    database = quote(target.database or target.user or "", safe="")
    at = f"{who}@" if who else ""
    return f"postgresql://{at}{host}:{target.port or 5432}/{database}?{urlencode(chosen, quote_via=quote)}"
