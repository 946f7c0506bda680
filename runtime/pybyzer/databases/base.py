"""A database: one connection, and the few things that JDBC users ask of it. A new database is one file.

``jdbc:<name>:...`` finds the class registered under that name. Types are Spark's (``pybyzer.arrow``); rows
come and go as Arrow record batches. Nothing is visible to others before ``commit``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pybyzer.databases.target import Target
from pybyzer.errors import BadOption, ByzerError, EngineError, UnknownName, Unsupported
from pybyzer.registry import Registry, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = re.compile(r"[^\W\d][\w$]*\Z")
DECIMAL_DIGITS, DECIMAL_SCALE = 38, 18
"""What a decimal without precision becomes, as in Spark."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query: its name there, its type here, the expression that selects it.

    ``zone`` is that of an instant that may arrive as a wall clock; empty for the session's.
    """

    name: str
    type: pa.DataType
    select: str
    zone: str = ""


class Database:
    """One open connection, in a transaction. ``zone`` is that of timestamps without one.

    Subclasses set the class attributes and override what has no body here; ``Error`` is what their
    driver raises.
    """

    label: ClassVar[str]
    quote: ClassVar[str] = '"'
    drops_in_transaction: ClassVar[bool] = True
    """Whether ``drop`` and ``rename`` can be taken back."""
    names: ClassVar[dict[str, str]]
    """Spark's type names (without precision) to the database's, for new tables."""

    def __init__(self, target: Target, zone: str, *, read_only: bool = False) -> None:
        self.target, self.zone = target, zone
        self._temporary = f"pybyzer_{uuid.uuid4().hex[:12]}"

    # -- what a database must do -----------------------------------------------------------

    def tables(self, schema: str | None) -> list[str]:
        """Names of tables and views in a schema (None: where unqualified names are looked up)."""
        raise NotImplementedError

    def columns(self, query: str) -> list[Column]:
        """The columns of ``select * from <query>``, with the types Spark gives them."""
        raise NotImplementedError

    def batches(self, sql: str, columns: Sequence[Column], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a select of these columns, streamed; about ``rows`` in a batch."""
        raise NotImplementedError

    def execute(self, sql: str) -> int:
        """Run one statement; the number of rows it changed, -1 when unknown."""
        raise NotImplementedError

    def first(self, sql: str) -> Sequence[Any] | None:
        """The first row of a small query, None when it has none."""
        raise NotImplementedError

    def insert(self, table: str, columns: Sequence[str], rows: pa.RecordBatchReader) -> int:
        """Insert rows into the columns of a table (as ``table_name`` writes it); their number."""
        raise NotImplementedError

    def commit(self) -> None:
        """Show others what was done, and begin anew."""
        raise NotImplementedError

    def close(self) -> None:
        """Disconnect; what was not committed is taken back."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop what is running, from another thread."""
        raise NotImplementedError

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        """What the driver raises when the database says no."""
        raise NotImplementedError

    # -- what follows from that ------------------------------------------------------------

    def fold(self, name: str) -> str:
        """What the database makes of a name without quotes."""
        return name

    def quoted(self, name: str) -> str:
        """A name as an identifier, whatever is in it."""
        if "\0" in name:
            raise BadOption("a name in a database cannot hold the character NUL")
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def parts(self, table: str) -> list[str]:
        """The names in ``schema.table`` as the user wrote it: quotes respected, the others folded."""
        q = re.escape(self.quote)
        found = re.findall(rf"{q}((?:[^{q}]|{q}{q})+){q}|([^.{q}]+)", table)
        parts = [
            name.replace(self.quote * 2, self.quote) if name else self._fold(bare) for name, bare in found
        ]
        if not 1 <= len(parts) <= 2:
            raise BadOption(
                f'"{table}" is not the name of a table', option="path", hint="table or schema.table"
            )
        return parts

    def _fold(self, name: str) -> str:
        return self.fold(name) if _PLAIN.match(name.strip()) else name.strip()

    def table_name(self, parts: Sequence[str]) -> str:
        return ".".join(map(self.quoted, parts))

    def exists(self, parts: Sequence[str]) -> bool:
        """Whether there is a table or view of that name."""
        return parts[-1] in self.tables(parts[0] if len(parts) == 2 else None)

    def missing(self, parts: Sequence[str]) -> UnknownName:
        """The error for a table that is not there."""
        found = self.tables(parts[0] if len(parts) == 2 else None)
        hint = did_you_mean(parts[-1], found)
        return UnknownName(f'{self.target.shown} has no table "{".".join(parts)}"', hint=hint)

    def type_name(self, dtype: pa.DataType, column: str) -> str:
        """The type of a new table's column; ``Unsupported`` when the database has none for it."""
        from pybyzer.arrow import type_name

        spark = type_name(dtype)
        name, bracket, precision = spark.partition("(")
        if name in self.names:
            return self.names[name] + (bracket + precision if name == "decimal" else "")
        raise Unsupported(
            f'column "{column}" is {spark}, which {self.label} cannot store',
            hint="turn it into a text, as in to_json(...), in a select before",
        )

    def create(self, table: str, columns: Iterable[tuple[str, str]], tail: str = "") -> None:
        """Create a table of names and types; ``tail`` is what follows them (``createTableOptions``)."""
        body = ", ".join(f"{self.quoted(name)} {kind}" for name, kind in columns)
        self.execute(f"CREATE TABLE {table} ({body}) {tail}".rstrip())

    def create_like(self, table: str, columns: Sequence[str]) -> str:
        """An empty temporary table with some columns of a table; its name, quoted."""
        name = self.quoted(self._temporary)
        chosen = ", ".join(map(self.quoted, columns))
        self.execute(f"CREATE TEMPORARY TABLE {name} AS SELECT {chosen} FROM {table} WHERE 1 = 0")
        return name

    def replace(self, old: Sequence[str] | None, new: Sequence[str], goal: Sequence[str]) -> None:
        """Put the table ``new`` in the place ``goal``, where ``old`` (the same name, or None) is now."""
        if old is not None:
            self.execute(f"DROP TABLE {self.table_name(old)}")
        self.execute(f"ALTER TABLE {self.table_name(new)} RENAME TO {self.quoted(goal[-1])}")

    def clear(self, table: str) -> None:
        """Remove all rows, so that it can be taken back."""
        self.execute(f"DELETE FROM {table}")

    def update(self, table: str, stage: str, keys: Sequence[str], others: Sequence[str]) -> None:
        """Give rows with a known key the values of the staged row."""
        values = ", ".join(f"{self.quoted(c)} = s.{self.quoted(c)}" for c in others)
        same = self.same_key("t", keys)
        self.execute(f"UPDATE {table} AS t SET {values} FROM {stage} AS s WHERE {same}")

    def same_key(self, alias: str, keys: Sequence[str]) -> str:
        return " AND ".join(f"{alias}.{self.quoted(c)} = s.{self.quoted(c)}" for c in keys)

    @contextmanager
    def explained(self, action: str) -> Iterator[None]:
        """Turns what the driver raises into an error that names the database."""
        try:
            yield
        except ByzerError:
            raise
        except self.driver_errors() as error:
            raise EngineError(f"{action} {self.target.shown}: {self.reason(error)}") from None

    def reason(self, error: BaseException) -> str:
        """What the database said, in one line."""
        text = self.target.without_secrets(str(error)).strip()
        return " ".join(text.split())


DATABASES: Registry[type[Database]] = Registry("database", "pybyzer.databases")


def opened(target: Target, zone: str, *, read_only: bool = False) -> Database:
    """Connect; ``Unsupported`` for a database nobody knows."""
    kind = DATABASES.find(target.kind)
    if kind is None:
        raise Unsupported(
            f"jdbc:{target.kind} is not a database that is known here",
            hint="known: " + ", ".join(DATABASES.names()),
        ).about("url")
    return kind(target, zone, read_only=read_only)


def final(values: pa.Array, dtype: pa.DataType, zone: str) -> pa.Array:
    """A column with the type it must have: a wall clock becomes an instant in ``zone``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values.type, pa.BaseExtensionType):
        values = values.storage
    if (
        pa.types.is_timestamp(dtype)
        and dtype.tz
        and pa.types.is_timestamp(values.type)
        and not values.type.tz
    ):
        # As Java does: the earlier of two, and the moment after a gap.
        values = pc.assume_timezone(values, zone, ambiguous="earliest", nonexistent="latest")
    return values if values.type == dtype else values.cast(dtype)
