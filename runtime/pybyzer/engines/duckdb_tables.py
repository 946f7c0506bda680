"""The tables of the DuckDB engine: names, views below them, and when a table is computed for good.

A definition gets a private view of its own in the database, so redefining ``t`` from ``t`` works and
tables made from the old ``t`` keep it. A table that nobody can reach any more is dropped.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.sparksql.casts import cast_sql
from pybyzer.engines.sparksql.types import SqlType, quote, without_intervals
from pybyzer.errors import UnknownName
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

USES = 2
"""At which full use a heavy table is computed once and kept (when more than one table reads it)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as users see it, and its (unique) name in the view."""

    name: str
    inner: str
    type: SqlType


@dataclass(slots=True, weakref_slot=True, eq=False)
class Table:
    """One definition of a table.

    ``heavy``: worth keeping when used again; ``volatile``: another answer each time (rand);
    ``costly``: calls something dear (a model) that must see each row once. ``direct`` gives the rows
    as Arrow without the database, for a table that is Arrow data and nothing else. ``changing``: rows
    can be inserted, so what reads it stays a view. ``sql`` is the query of a table that nobody has read
    by name yet: its view is made when somebody does. ``fill`` puts the rows into a table that is empty
    until it is needed. ``cuts`` are the rows of each partition, when they are not of equal size.
    """

    view: str
    columns: tuple[Column, ...]
    reads: tuple[Table, ...] = ()
    arrow: dict[str, Any] = field(default_factory=dict)
    fill: Callable[[], None] | None = None
    direct: Callable[[], pa.RecordBatchReader] | None = None
    sql: str = ""
    paths: tuple[str, ...] = ()
    partitions: int = 1
    cuts: tuple[int, ...] = ()
    heavy: bool = False
    volatile: bool = False
    costly: bool = False
    stored: bool = False
    changing: bool = False
    uses: int = 0
    readers: int = 0
    schema: pa.Schema | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def below(self) -> Iterator[Table]:
        """Every table this one reads, once each, those that others read first; this one last."""
        seen: set[int] = set()

        def walk(table: Table) -> Iterator[Table]:
            if id(table) in seen:
                return
            seen.add(id(table))
            for read in table.reads:
                yield from walk(read)
            yield table

        return walk(self)

    def lay_out(self, partitions: int | Sequence[int]) -> None:
        """Give it so many partitions, or partitions of so many rows."""
        self.cuts = () if isinstance(partitions, int) else tuple(partitions)
        self.partitions = len(self.cuts) if not isinstance(partitions, int) else partitions

    @property
    def select(self) -> str:
        """The query that gives its rows."""
        return self.sql or f"SELECT * FROM {quote(self.view)}"

    @property
    def shown(self) -> str:
        """The same with what Arrow and users have no type for as Spark's text of it."""
        if not any(column.type.has_interval for column in self.columns):
            return self.select
        parts = (
            f"{cast_sql(quote(c.inner), c.type, without_intervals(c.type))} AS {quote(c.inner)}"
            for c in self.columns
        )
        return f"SELECT {', '.join(parts)} FROM ({self.select})"

    def sources(self) -> dict[str, Any]:
        """The Arrow objects that reading this table needs."""
        return {name: thing for table in self.below() for name, thing in table.arrow.items()}


class Tables:
    """Names to tables, and the garbage behind them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, Table] = {}
        self._written: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._garbage: deque[tuple[str, bool]] = deque()
        self._lock = threading.RLock()

    def fresh(self, prefix: str) -> str:
        """A name that no user can write by accident."""
        return f"{prefix}{next(self._numbers)}"

    def put(self, name: str, table: Table) -> None:
        """Let ``name`` mean ``table``; the table it meant before lives on while others read it."""
        with self._lock:
            self._names[name.lower()] = table
            self._written[name.lower()] = name
        self.sweep()

    def track(self, table: Table, kind_is_table: bool) -> Table:
        """Drop what stands behind ``table`` in the database once nothing refers to it."""
        weakref.finalize(table, self._garbage.append, (table.view, kind_is_table)).atexit = False
        return table

    def reading(self, name: str) -> Table | None:
        """The table of that name, about to be read by a query: from now on it has a view."""
        table = self.find(name)
        if table is not None and table.sql:
            with table.lock:
                if table.sql:
                    with self._database.cursor(table.sources()) as cursor:
                        cursor.execute(f"CREATE VIEW {quote(table.view)} AS {table.sql}")
                    table.sql = ""
                    self.track(table, kind_is_table=False)
        return table

    def find(self, name: str) -> Table | None:
        with self._lock:
            return self._names.get(name.lower())

    def get(self, name: str) -> Table:
        """The table of that name; ``UnknownName`` with the closest otherwise."""
        table = self.find(name)
        if table is None:
            raise UnknownName(f'no table "{name}"', hint=did_you_mean(name, self.names()))
        return table

    def names(self) -> list[str]:
        with self._lock:
            return [name for name in self._written.values() if not name.startswith("__")]

    def all(self) -> list[Table]:
        """Every table that some name leads to, once."""
        with self._lock:
            roots = list(self._names.values())
        return list({id(table): table for root in roots for table in root.below()}.values())

    def drop(self, name: str) -> None:
        with self._lock:
            self._names.pop(name.lower(), None)
            self._written.pop(name.lower(), None)
        self.sweep()

    def use(self, table: Table, *, whole: bool) -> None:
        """Before ``table`` is read: compute for good what will be worth it.

        ``whole`` is False for a preview, which counts for costly tables only: they must see a row once.
        """
        for part in table.below():
            if part.stored:
                continue
            if whole and part.heavy:
                part.uses += 1 + sum(max(0, t.reads.count(part) - 1) for t in table.below())
            # In a chain only the table that is asked for is kept, not each step on the way to it.
            shared = part is table or part.readers > 1
            due = part.volatile or (part.uses >= USES and shared)
            if part.costly or (whole and due and not _changes(part)):
                self.keep(part)

    def keep(self, table: Table) -> None:
        """Compute ``table`` now and read the result from now on."""
        with table.lock:
            if table.stored:
                return
            if table.fill is not None:
                table.fill()
                self._settled(table)
                return
            kept = self.fresh("k")
            with self._database.cursor(table.sources()) as cursor:
                try:
                    cursor.execute(f"CREATE TABLE {quote(kept)} AS {table.select}")
                    cursor.execute(
                        f"CREATE OR REPLACE VIEW {quote(table.view)} AS SELECT * FROM {quote(kept)}"
                    )
                except BaseException:
                    cursor.execute(f"DROP TABLE IF EXISTS {quote(kept)}")
                    raise
            weakref.finalize(table, self._garbage.append, (kept, True)).atexit = False
            if table.sql:
                self.track(table, kind_is_table=False)
            self._settled(table)

    def _settled(self, table: Table) -> None:
        """Its rows are there: let go of what they were made from."""
        table.stored, table.sql = True, ""
        table.reads, table.arrow, table.paths, table.direct, table.fill = (), {}, (), None, None

    def sweep(self) -> None:
        """Drop from the database what nothing refers to any more."""
        if not self._garbage or self._database.closed:
            return
        with self._lock, self._database.cursor() as cursor:
            while self._garbage:
                name, is_table = self._garbage.popleft()
                cursor.execute(f"DROP {'TABLE' if is_table else 'VIEW'} IF EXISTS {quote(name)}")


def _changes(table: Table) -> bool:
    """Whether the rows of a table may be others tomorrow."""
    return any(part.changing for part in table.below())
