"""The engine interface: nine methods (and ``settle``). Somebody's SQL engine behind them runs Byzer-lang.

Users write Spark SQL; what an engine cannot answer exactly as Spark (non-ANSI) would is
``Unsupported``, never a different value. Tables are named, case-insensitively; defining a name again
replaces it, and tables defined from the old one keep the old one (as Spark's temp views do).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from pybyzer.arrow import Stream
from pybyzer.registry import Registry

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

    # What ``ingest`` takes: a one-shot reader is stored; a dataset or a factory of readers may stay lazy.
    Ingestible: TypeAlias = pa.RecordBatchReader | pa.Table | ds.Dataset | Callable[[], pa.RecordBatchReader]


@dataclass(frozen=True, slots=True)
class Scan:
    """A request to read files natively.

    ``format`` is ours (``csv``, ``json``, ``parquet``, ``text``, ``orc``); ``paths`` are resolved
    (absolute, globs allowed, or a URL); ``options`` are Spark's option names. ``schema`` is set when
    the caller knows it (Delta), ``partitions`` when the layout is known.
    """

    format: str
    paths: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    schema: pa.Schema | None = None
    partitions: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A request to write a table natively into a directory that does not exist yet.

    The caller makes it visible (renames it) afterwards: engines never see save modes.
    ``partitions`` is the number of files wanted, None for the engine's choice.
    """

    format: str
    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    partition_by: tuple[str, ...] = ()
    partitions: int | None = None


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function callable from SQL.

    Either ``macro`` (a Spark SQL expression over the names in ``parameters``) or ``batch`` (Arrow
    arrays of one length in, one Arrow array of the same length out). ``types`` are the argument types
    of ``batch``; ``costly`` (a model call) makes a table that uses it be computed only once.
    """

    name: str
    parameters: tuple[str, ...] = ()
    macro: str | None = None
    batch: Callable[..., pa.Array] | None = None
    types: tuple[pa.DataType, ...] = ()
    returns: pa.DataType | None = None
    costly: bool = False
    description: str = ""


@runtime_checkable
class OverFiles(Protocol):
    """Arrow data that is read from files each time (a dataset, a source's factory of readers)."""

    @property
    def files(self) -> Sequence[str]:
        """Their paths; ``Engine.settle`` looks at them."""


@runtime_checkable
class Stored(Protocol):
    """A factory of readers over files that others can read by themselves; they last as long as it does."""

    @property
    def stored(self) -> Sequence[Mapping[str, Any]]:
        """The files as workers know them (``path``, ``batches``)."""


FindFunction = Callable[[str], SqlFunction | None]


class Engine(Protocol):
    """Nine methods. ``name`` is what users write in ``engine = "duckdb"``.

    An implementation is made by ``Engine(settings, find_function)``; it asks ``find_function`` for any
    function name in a query that its own SQL does not have, and keeps no registry itself.
    Thread-safe for one statement at a time plus ``cancel``, ``schema`` and small ``stream`` calls
    (completion) from another thread.
    """

    name: ClassVar[str]

    def query(self, sql: str, name: str | None, *, partitions: int | Sequence[int] | None = None) -> None:
        """Name the result of a Spark SQL query; nothing is computed unless that is needed.

        Binding errors (unknown table, column) are raised here. ``name=None`` runs a statement for its
        effect (create, insert, drop, refresh). ``partitions`` lays the result out anew: their number,
        or the rows of each (for the table itself: what is made of it has as many, of equal size).
        """

    def scan(self, name: str, scan: Scan) -> bool:
        """Name files as a table, read natively and lazily; False means "not I"."""

    def ingest(self, name: str, data: Ingestible, *, partitions: int | Sequence[int] | None = None) -> None:
        """Name Arrow data as a table. Streams: never holds the whole table in Python."""

    def stream(self, name: str, *, limit: int | None = None) -> Stream:
        """The rows of a table as Arrow, at most ``limit``; batches of bounded size."""

    def schema(self, name: str) -> pa.Schema:
        """Column names and Arrow types, without running the query. ``UnknownName`` if absent."""

    def write(self, name: str, write: Write) -> bool:
        """Write a table natively; False means "not I"."""

    def settle(self, paths: Iterable[str]) -> None:
        """Compute for good every table that still reads files below ``paths``: they are about to go."""

    def drop(self, name: str) -> None:
        """Forget a name; no error if there is none."""

    def cancel(self) -> None:
        """Stop what is running, from any thread, within a second; tables stay."""

    def close(self) -> None:
        """Release everything. Calling it twice is fine."""


ENGINES: Registry[type[Engine]] = Registry("engine", "pybyzer.engines")


def layout(counts: Sequence[int]) -> int:
    """Partitions of a query's result: the most of any table it reads (1 for none)."""
    return max(counts, default=1)
