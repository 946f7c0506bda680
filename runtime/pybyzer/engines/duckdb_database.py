"""One embedded DuckDB database: opened with our settings, read through cursors, stopped from any thread.

A cursor is a connection of its own to the same database and costs microseconds, so everything that
runs gets one: a preview can run while a long query does, and an open stream disturbs nobody.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.depth import DEEP, LESS_DEEP
from pybyzer.engines.sparksql.macros import lacking
from pybyzer.engines.sparksql.types import text
from pybyzer.errors import BadOption, ByzerError, EngineError, Interrupted, TooLarge
from pybyzer.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

IDLE_CURSORS = 4
"""Cursors kept for the next statement."""
BATCH_ROWS = 122_880
"""Rows of a batch that leaves the engine, at most: a row group of DuckDB's comes back fastest."""
BATCH_BYTES = 16 << 20
"""Bytes of a batch that leaves the engine, about: rows may hold pictures."""

_OPTIONS = {
    # Nothing is fetched from the network behind the user's back.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # A table name never means a Python variable of whoever calls us.
    "python_enable_replacements": "false",
    # Spark's answer to x % 0 is NULL.
    "error_on_division_by_zero": "false",
}


class Database:
    """An in-memory database with a spill directory of its own, removed by ``close``."""

    def __init__(self, settings: Settings) -> None:
        import duckdb

        # The database makes the directory when it first spills: a killed process leaves nothing behind.
        self._spill = os.path.join(tempfile.gettempdir(), f"pybyzer-duckdb-{secrets.token_hex(8)}")
        self._lock = threading.Lock()
        self._running: weakref.WeakSet[Cursor] = weakref.WeakSet()
        self._idle: list[Cursor] = []
        self.stops = 0
        """How often ``cancel`` was called: who reads without a cursor looks here."""
        self.closed = False
        self._macros: set[str] = set()
        self.failures: list[BaseException] = []
        """Exceptions of user functions, kept aside while they pass through the engine as text."""
        try:
            self.connection = duckdb.connect(":memory:", config=_config(settings, self._spill))
            self.connection.execute(f"SET GLOBAL TimeZone = {text(settings.timezone)}")
        except duckdb.Error as error:
            shutil.rmtree(self._spill, ignore_errors=True)
            raise BadOption(
                f"the engine does not accept a setting: {first_line(error)}",
                hint="look at timezone, memory_limit and threads",
            ) from None
        # Also when nobody closes it: an open connection at exit prints a screen of complaints.
        self._end = weakref.finalize(self, _end, self.connection, self._idle, self._running, self._spill)

    @contextlib.contextmanager
    def cursor(self, arrow: Mapping[str, Any] | None = None) -> Iterator[Cursor]:
        """A cursor for one piece of work; ``arrow`` are objects it may read, by name."""
        cursor = self.open(arrow)
        try:
            yield cursor
        finally:
            cursor.close()

    def open(self, arrow: Mapping[str, Any] | None = None) -> Cursor:
        """A cursor that the caller closes."""
        with self._lock:
            if self.closed:
                raise EngineError("the session is closed")
            # One that has Arrow objects registered is not used again.
            reused = bool(self._idle) and not arrow
            cursor = self._idle.pop() if reused else Cursor(self, self.connection.cursor())
            self._running.add(cursor)
        for name, thing in (arrow or {}).items():
            cursor.register(name, thing)
        return cursor

    def provide(self, sql: str) -> None:
        """Make the macros that ``sql`` calls and lack; all of them would slow every start."""
        if "spark_" not in sql:
            return
        with self._lock:
            for macro in lacking(sql, self._macros):
                self.connection.execute(f"CREATE MACRO {macro}")

    def cancel(self) -> None:
        """Interrupt whatever runs on any cursor."""
        with self._lock:
            self.stops += 1
            for cursor in list(self._running):
                cursor.interrupt()

    def progress(self) -> float | None:
        """The share that is done of the query that is furthest, 0 to 1; None when nothing is known."""
        with self._lock:
            shares = [cursor.progress() for cursor in list(self._running)]
        known = [share for share in shares if share >= 0]
        return max(known, default=None)

    def close(self) -> None:
        """Stop everything, close the database, remove the spill directory."""
        self.cancel()
        with self._lock:
            self.closed = True
            for cursor in list(self._running):
                cursor.connection.close()
            self._end()

    def give_back(self, cursor: Cursor) -> None:
        """Called by a cursor that is done: keep it for the next piece of work, or close it."""
        with self._lock:
            if cursor not in self._running:
                return
            self._running.discard(cursor)
            if cursor.clean and not self.closed and len(self._idle) < IDLE_CURSORS:
                self._idle.append(cursor)
                return
        cursor.connection.close()

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Turn DuckDB's errors into ours."""
        import duckdb
        import pyarrow as pa

        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError, RuntimeError) as error:
            raise self.translate(error) from None

    def translate(self, error: BaseException) -> BaseException:
        """Our error for one of DuckDB's; a user function's own exception comes back as it was."""
        import duckdb

        if self.failures:
            original = self.failures[0]
            self.failures.clear()
            return original
        if isinstance(error, ByzerError):
            return error
        if isinstance(error, duckdb.InterruptException) or "INTERRUPT Error" in str(error):
            return Interrupted("the query was stopped")
        if "Max expression depth" in str(error):
            return TooLarge(DEEP, hint=LESS_DEEP)
        return EngineError(first_line(error), hint=_hint(error))


class Cursor:
    """One connection to the database; its errors are ours."""

    def __init__(self, database: Database, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._database = database
        self._watched = False
        self.clean = True
        """Nothing is left in it: no registered objects, no result half read."""

    def register(self, name: str, thing: Any) -> None:
        """Make an Arrow object readable under a name on this cursor only."""
        self.clean = False
        with self.guard():
            self.connection.register(name, thing)

    def execute(self, sql: str) -> None:
        """Run a statement to its end."""
        with self.guard():
            self._database.failures.clear()
            self._database.provide(sql)
            self._watch()
            self.connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a small result, as Python values."""
        with self.guard():
            self._database.provide(sql)
            return list(self.connection.execute(sql).fetchall())

    def types(self, sql: str) -> list[tuple[str, Any]]:
        """Column names and DuckDB types of a query, without running it."""
        with self.guard():
            self._database.provide(sql)
            relation = self.connection.sql(sql)
            return list(zip(relation.columns, relation.types, strict=True))

    def table(self, sql: str) -> pa.Table:
        """A whole (small) result as Arrow."""
        with self.guard():
            self._database.provide(sql)
            return self.connection.sql(sql).to_arrow_table()

    def reader(self, sql: str, rows: int) -> pa.RecordBatchReader:
        """A result as a stream of batches of at most ``rows`` rows."""
        with self.guard():
            self._database.failures.clear()
            self._database.provide(sql)
            self._watch()
            return self.connection.sql(sql).to_arrow_reader(rows)

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Turn DuckDB's errors into ours; after one, the cursor is not used again."""
        try:
            with self._database.guard():
                yield
        except BaseException:
            self.clean = False
            raise

    def interrupt(self) -> None:
        self.connection.interrupt()

    def progress(self) -> float:
        """The share of the running query that is done; negative when nothing is known."""
        return -1.0 if not self._watched else self.connection.query_progress() / 100

    def _watch(self) -> None:
        """Let DuckDB count how far it is; it would print a bar of its own."""
        if not self._watched:
            self.connection.execute("SET enable_progress_bar_print = false; SET enable_progress_bar = true")
            self._watched = True

    def close(self) -> None:
        """Give the connection back. Twice is fine."""
        self._database.give_back(self)


def _end(
    connection: duckdb.DuckDBPyConnection, idle: list[Cursor], running: weakref.WeakSet[Cursor], spill: str
) -> None:
    for cursor in [*idle, *running]:
        cursor.connection.close()
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def _config(settings: Settings, spill: str) -> dict[str, str]:
    config = dict(_OPTIONS)
    config["temp_directory"] = spill
    if settings.memory_limit:
        config["memory_limit"] = settings.memory_limit
    if settings.threads:
        config["threads"] = str(settings.threads)
    return config


def first_line(error: BaseException) -> str:
    """DuckDB's message without its class, excerpt and candidates."""
    message = str(error).split("\n\nLINE ")[0].split("\nEither add it")[0].strip()
    head, _, rest = message.partition(": ")
    return rest if head.endswith("Error") and rest else message


def _hint(error: BaseException) -> str | None:
    message = str(error)
    if "Out of Memory" in message:
        return "raise memory_limit, or free disk space for the spill directory"
    if "must appear in the GROUP BY clause" in message:
        return "add it to group by, or say which value: any_value(...), max(...)"
    if "Overflow in" in message:
        return "cast one side to bigint or double"
    return None


__all__ = ["BATCH_BYTES", "BATCH_ROWS", "Cursor", "Database", "first_line"]
