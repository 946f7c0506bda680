"""``jdbc:duckdb:/path/file.db``: files of DuckDB, read and written as Arrow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pybyzer.arrow import SCALARS
from pybyzer.databases.base import DATABASES, Column, Database, final
from pybyzer.databases.rows import guarded
from pybyzer.databases.target import Target
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = ("UUID", "JSON", "BIT", "BIGNUM", "VARINT", "INTERVAL", "ENUM")
"""Types that Spark has not, read as text."""

_NO_DOWNLOADS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""Nothing that a query names is a reason to look for an extension on the internet."""


@DATABASES.register("duckdb")
class DuckDB(Database):
    """A file of DuckDB's; ``jdbc:duckdb:`` alone is a database that goes when it is closed."""

    label = "DuckDB"
    names: ClassVar[dict[str, str]] = {row.spark.partition("(")[0]: row.duckdb for row in SCALARS} | {
        "decimal": "DECIMAL",
        "void": "VARCHAR",
    }

    def __init__(self, target: Target, zone: str, *, read_only: bool = False) -> None:
        super().__init__(target, zone, read_only=read_only)
        import duckdb

        self._error = duckdb.Error
        path = target.database
        if read_only and path and not os.path.exists(path):
            raise EngineError(f"there is no file {path}", hint="url is jdbc:duckdb:/path/of/file.db")
        if _is_of_another(path):
            raise EngineError(
                f"{path} is not a file of DuckDB", hint="for SQLite: jdbc:sqlite:/path/of/file.db"
            )
        try:
            # Never as read-only: in one process a file is open in one way.
            self._connection = duckdb.connect(path or ":memory:", config=_NO_DOWNLOADS)
        except duckdb.Error as error:
            raise EngineError(f"cannot connect to {target.shown}: {self.reason(error)}") from None
        self.execute("SET TimeZone = 'UTC'")
        self.execute("BEGIN")

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        return (self._error,)

    def reason(self, error: BaseException) -> str:
        return super().reason(error).partition(" LINE ")[0]

    def tables(self, schema: str | None) -> list[str]:
        sql = (
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_catalog = current_database() AND table_schema = coalesce(?, current_schema())"
        )
        return [row[0] for row in self._connection.execute(sql, [schema]).fetchall()]

    def exists(self, parts: Sequence[str]) -> bool:
        found = self.tables(parts[0] if len(parts) == 2 else None)
        return parts[-1].lower() in [name.lower() for name in found]

    def columns(self, query: str) -> list[Column]:
        self._refuse_several(f"SELECT * FROM {query}")
        found = self._connection.execute(f"DESCRIBE SELECT * FROM {query}").fetchall()
        return [self._column(row[0], row[1]) for row in found]

    def _column(self, name: str, kind: str) -> Column:
        import pyarrow as pa

        from pybyzer.arrow import canonical

        own = self.quoted(name)
        base = kind.partition("(")[0]
        if base in _TEXT:
            return Column(name, pa.string(), f"CAST({own} AS VARCHAR)")
        if base in ("HUGEINT", "UHUGEINT"):
            return Column(name, pa.decimal128(38, 0), f"CAST({own} AS DECIMAL(38, 0))")
        if base == "TIME":
            return Column(name, pa.timestamp("us", tz="UTC"), f"(DATE '1970-01-01' + {own})")
        if base.startswith("TIMESTAMP"):
            return Column(name, pa.timestamp("us", tz="UTC"), own, "UTC" if "TIME ZONE" in kind else "")
        schema = self._connection.sql(f"SELECT CAST(NULL AS {kind}) AS c").to_arrow_table().schema
        return Column(name, canonical(schema.field(0).type), own)

    def batches(self, sql: str, columns: Sequence[Column], rows: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        names = [column.name for column in columns]
        reader = self._connection.sql(sql).to_arrow_reader(rows)
        for batch in reader:
            arrays = [final(v, c.type, self.zone) for v, c in zip(batch.columns, columns, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, names=names)

    def execute(self, sql: str) -> int:
        self._refuse_several(sql)
        self._connection.execute(sql)
        return -1

    def _refuse_several(self, sql: str) -> None:
        """DuckDB would run them all."""
        if len(self._connection.extract_statements(sql)) != 1:
            raise Unsupported("one statement at a time")

    def first(self, sql: str) -> Sequence[Any] | None:
        return self._connection.execute(sql).fetchone()  # type: ignore[no-any-return]

    def type_name(self, dtype: pa.DataType, column: str) -> str:
        from pybyzer.arrow import duckdb_name

        return "VARCHAR" if str(dtype) == "null" else duckdb_name(dtype)

    def insert(self, table: str, columns: Sequence[str], rows: pa.RecordBatchReader) -> int:
        goal = ", ".join(map(self.quoted, columns))
        arriving = f"{self._temporary}_rows"
        with guarded(rows) as reader:
            self._connection.register(arriving, reader)
            sql = f"INSERT INTO {table} ({goal}) SELECT * FROM {self.quoted(arriving)}"
            found = self._connection.execute(sql).fetchone()
            self._connection.unregister(arriving)
            return int(found[0]) if found else 0

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def cancel(self) -> None:
        self._connection.interrupt()


def _is_of_another(path: str) -> bool:
    """Whether there is a file that DuckDB did not write; it would look for an extension that reads it."""
    if not os.path.isfile(path) or not os.path.getsize(path):
        return False
    with open(path, "rb") as file:
        return file.read(12)[8:] != b"DUCK"
