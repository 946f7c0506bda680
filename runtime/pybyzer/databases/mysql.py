"""``jdbc:mysql`` and ``jdbc:mariadb``, through PyMySQL: rows are streamed, not kept by the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from pybyzer.databases.base import DATABASES, DECIMAL_DIGITS, Column, Database, final
from pybyzer.databases.rows import batches, lists, wall_clock
from pybyzer.databases.target import Target
from pybyzer.errors import EngineError, MissingPackage

if TYPE_CHECKING:
    import pyarrow as pa

BINARY = 63
"""The character set of columns that are bytes."""
UNSIGNED = 32
"""The flag of numbers without a sign."""
_NUMBERS = {1: "int8", 2: "int16", 9: "int32", 3: "int32", 8: "int64", 4: "float", 5: "double"}
_UNSIGNED = {1: "int16", 2: "int32", 9: "int32", 3: "int64", 4: "double", 5: "double"}
_TEXTS = (15, 249, 250, 251, 252, 253, 254)
"""Types of texts, and of bytes when their character set is binary."""
_TLS = ("require", "required", "verify_ca", "verify_identity")


@DATABASES.register("mysql", "mariadb")
class MySQL(Database):
    """MySQL and MariaDB. Their DDL cannot be taken back, so a new table takes its place by one rename."""

    label = "MySQL"
    quote = "`"
    drops_in_transaction = False
    names: ClassVar[dict[str, str]] = {
        "boolean": "BIT(1)",
        "tinyint": "TINYINT",
        "smallint": "SMALLINT",
        "int": "INTEGER",
        "bigint": "BIGINT",
        "float": "FLOAT",
        "double": "DOUBLE PRECISION",
        "decimal": "DECIMAL",
        "string": "LONGTEXT CHARACTER SET utf8mb4",
        "void": "LONGTEXT",
        "binary": "LONGBLOB",
        "date": "DATE",
        "timestamp": "TIMESTAMP(6) NULL DEFAULT NULL",
        "timestamp_ntz": "DATETIME(6)",
        "time": "TIME(6)",
    }

    def __init__(self, target: Target, zone: str, *, read_only: bool = False) -> None:
        super().__init__(target, zone, read_only=read_only)
        try:
            import pymysql
        except ImportError:
            raise MissingPackage(
                "MySQL needs the package pymysql", hint="pip install 'pybyzer[jdbc]'"
            ) from None
        self._error = pymysql.MySQLError
        try:
            self._connection = self._connect()
        except (pymysql.MySQLError, RuntimeError) as error:
            raise EngineError(
                f"cannot connect to {target.shown}: {self.reason(error)}", hint="check url, user and password"
            ) from None
        with self.explained("cannot use"):
            self.execute("SET SESSION time_zone = '+00:00'")
            self.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')")
            # One moment for all parts of a read.
            self.execute("START TRANSACTION" + (" WITH CONSISTENT SNAPSHOT" if read_only else ""))

    def _connect(self) -> Any:
        import pymysql
        from pymysql.converters import encoders

        target = self.target
        mode = target.parameter("sslMode").lower()
        tls = mode in _TLS or target.parameter("useSSL").lower() == "true"
        return pymysql.connect(
            host=target.host,
            port=target.port or 3306,
            user=target.user or "",
            password=target.password or "",
            database=target.database or None,
            charset="utf8mb4",
            conv=encoders,  # values arrive as texts: Arrow makes numbers of a whole column at a time
            connect_timeout=_seconds(target.parameter("connectTimeout"), 10),
            ssl={"check_hostname": mode == "verify_identity"} if tls else None,
            cursorclass=pymysql.cursors.SSCursor,
        )

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        return (self._error,)

    def reason(self, error: BaseException) -> str:
        message = error.args[1] if len(error.args) > 1 else str(error)
        return self.target.without_secrets(" ".join(str(message).split()))

    def tables(self, schema: str | None) -> list[str]:
        sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = COALESCE(%s, DATABASE())"
        with self._connection.cursor() as cursor:
            cursor.execute(sql, (schema,))
            return [str(row[0]) for row in cursor.fetchall()]

    def columns(self, query: str) -> list[Column]:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {query} LIMIT 0")
            # The only way to the flags (unsigned, binary); the DB-API's description leaves them out.
            return [self._column(field) for field in cursor._result.fields]

    def _column(self, field: Any) -> Column:
        import pyarrow as pa

        name, kind, unsigned = field.name, field.type_code, bool(field.flags & UNSIGNED)
        own = self.quoted(name)
        match kind:
            case 1 if field.length == 1 and not unsigned and self._is_true("tinyInt1isBit"):
                return Column(name, pa.bool_(), own)
            case 8 if unsigned:
                return Column(name, pa.decimal128(20, 0), own)
            case _ if kind in _NUMBERS:
                return Column(name, pa.type_for_alias((_UNSIGNED if unsigned else _NUMBERS)[kind]), own)
            case 0 | 246:
                return self._decimal(name, own, field, unsigned)
            case 7 | 12:
                # TIMESTAMP is an instant, and arrives in the connection's zone; DATETIME is a wall clock.
                return Column(name, pa.timestamp("us", tz="UTC"), own, "UTC" if kind == 7 else "")
            case 10:
                return Column(name, pa.date32(), own)
            case 11:
                return Column(name, pa.timestamp("us", tz="UTC"), f"CONCAT('1970-01-01 ', {own})")
            case 13 if self._is_true("yearIsDateType"):
                return Column(name, pa.date32(), f"CONCAT(LPAD({own}, 4, '0'), '-01-01')")
            case 13:
                return Column(name, pa.int32(), own)
            case 16:
                return Column(name, pa.bool_() if field.length == 1 else pa.binary(), own)
            case 6:
                return Column(name, pa.null(), own)
        binary = kind == 255 or (kind in _TEXTS and field.charsetnr == BINARY)
        return Column(name, pa.binary() if binary else pa.string(), own)

    def _is_true(self, parameter: str) -> bool:
        return self.target.parameter(parameter, "true").lower() == "true"

    def _decimal(self, name: str, own: str, field: Any, unsigned: bool) -> Column:
        """Its length counts the sign and the point."""
        import pyarrow as pa

        digits = field.length - (0 if unsigned else 1) - (1 if field.scale else 0)
        if digits <= DECIMAL_DIGITS:
            return Column(name, pa.decimal128(max(digits, 1), field.scale), own)
        scale = max(0, field.scale - (digits - DECIMAL_DIGITS))
        return Column(
            name, pa.decimal128(DECIMAL_DIGITS, scale), f"CAST({own} AS DECIMAL({DECIMAL_DIGITS}, {scale}))"
        )

    def batches(self, sql: str, columns: Sequence[Column], rows: int) -> Iterator[pa.RecordBatch]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            yield from batches(lambda: cursor.fetchmany(rows), columns, self._array)

    def _array(self, values: Sequence[Any], column: Column) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        dtype = column.type
        if pa.types.is_binary(dtype):
            return pa.array(values, dtype)
        if pa.types.is_boolean(dtype):
            return pa.array([v if v is None else v not in ("0", b"\x00") for v in values], dtype)
        texts = pa.array(values, pa.string())
        if pa.types.is_timestamp(dtype) or pa.types.is_date(dtype):
            if self.target.parameter("zeroDateTimeBehavior").lower() in ("converttonull", "convert_to_null"):
                texts = pc.if_else(pc.starts_with(texts, "0000-"), None, texts)
            return final(texts.cast(pa.timestamp("us")), dtype, column.zone or self.zone)
        return texts.cast(dtype)

    def execute(self, sql: str) -> int:
        with self._connection.cursor() as cursor:
            return int(cursor.execute(sql))

    def first(self, sql: str) -> Sequence[Any] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()  # type: ignore[no-any-return]

    def insert(self, table: str, columns: Sequence[str], rows: pa.RecordBatchReader) -> int:
        goal = ", ".join(map(self.quoted, columns))
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {table.replace('%', '%%')} ({goal.replace('%', '%%')}) VALUES ({marks})"
        zones = {column.name.lower(): column.zone or self.zone for column in self.columns(table)}
        wanted = [zones.get(name.lower(), self.zone) for name in columns]
        count = 0
        with self._connection.cursor() as cursor:
            for batch in rows:
                for part in lists(batch, wanted, self._plain):
                    cursor.executemany(sql, part)
                    count += len(part)
        return count

    def _plain(self, values: pa.Array, zone: str) -> list[Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        dtype = values.type
        if pa.types.is_timestamp(dtype):
            wall = wall_clock(values, zone) if dtype.tz else values
            return wall.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]
        if pa.types.is_floating(dtype) and pc.all(pc.is_finite(values)).as_py() is False:
            raise EngineError("MySQL cannot store NaN and infinity", hint="make them NULL in a select before")
        return values.to_pylist()  # type: ignore[no-any-return]

    def replace(self, old: Sequence[str] | None, new: Sequence[str], goal: Sequence[str]) -> None:
        fresh, name = self.table_name(new), self.table_name(goal)
        if old is None:
            self.execute(f"RENAME TABLE {fresh} TO {name}")
            return
        aside = self.table_name([*goal[:-1], f"{new[-1]}_old"])
        self.execute(f"RENAME TABLE {name} TO {aside}, {fresh} TO {name}")
        self.execute(f"DROP TABLE {aside}")

    def update(self, table: str, stage: str, keys: Sequence[str], others: Sequence[str]) -> None:
        values = ", ".join(f"t.{self.quoted(c)} = s.{self.quoted(c)}" for c in others)
        self.execute(f"UPDATE {table} AS t JOIN {stage} AS s ON {self.same_key('t', keys)} SET {values}")

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        if self._connection.open:
            # What is left of a stream is not waited for.
            self._connection._force_close()

    def cancel(self) -> None:
        # A connection is busy until its statement ends; only another one can end that.
        with self._connect() as other, other.cursor() as cursor, suppress(self._error):
            cursor.execute(f"KILL QUERY {int(self._connection.thread_id())}")


def _seconds(milliseconds: str, default: int) -> int:
    return max(1, int(milliseconds) // 1000) if milliseconds.isdigit() else default
