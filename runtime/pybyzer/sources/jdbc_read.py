"""Tables of databases on their way in: only the columns that are asked for, streamed, part after part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import canonical, type_name
from pybyzer.databases.access import Access
from pybyzer.databases.base import Column, Database
from pybyzer.errors import BadOption, EngineError, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.sources.jdbc_filter import pushed
from pybyzer.sources.jdbc_parts import conditions

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

Cancels = list[Callable[[], None]]
"""What the session calls to stop, see ``Context.on_cancel``."""
FETCH_ROWS = 10_000
_COMMENTS = re.compile(r"\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load reads: ``columns`` by their names in the database, ``names`` and ``schema`` here."""

    at: Access
    zone: str
    query: str
    columns: tuple[Column, ...]
    schema: pa.Schema
    parts: tuple[str, ...]
    rows: int

    def select(self, database: Database, chosen: Sequence[int], part: str, condition: str) -> str:
        """The SQL for some columns of a part."""
        listed = ", ".join(f"{self.columns[i].select} AS {database.quoted(f'c{i}')}" for i in chosen)
        where = " AND ".join(f"({text})" for text in (part, condition) if text)
        return f"SELECT {listed} FROM {self.query}" + (f" WHERE {where}" if where else "")


def planned(at: Access, zone: str, on_cancel: Cancels) -> Plan:
    """Ask the database for the columns; the errors of a load are raised here."""
    import pyarrow as pa

    options = at.options
    with _reading(at, zone, on_cancel) as database:
        direct = options.get("directQuery")
        if direct is not None:
            query = f"( {_select_only(direct)} ) temp"
        else:
            parts = database.parts(at.name)
            if not database.exists(parts):
                raise database.missing(parts).about("path")
            query = database.table_name(parts)
        with database.explained("cannot read"):
            found = database.columns(query)
        cuts = conditions(database, found, options)
        types = {field.name.lower(): canonical(field.type) for field in _custom(options, found)}
        keep_wall = options["preferTimestampNTZ"].lower() == "true"
        columns = tuple(_on_the_wall(column) if keep_wall else column for column in found)
        schema = pa.schema([pa.field(_short(c.name), types.get(c.name.lower(), c.type)) for c in columns])
        return Plan(at, zone, query, columns, schema, tuple(cuts), _rows(options))


@contextmanager
def _reading(at: Access, zone: str, on_cancel: Cancels) -> Iterator[Database]:
    """An open connection that stops when the session is cancelled."""
    database = at.open(zone, read_only=True)
    on_cancel.append(database.cancel)
    try:
        yield database
    finally:
        on_cancel.remove(database.cancel)
        database.close()


def table_of(at: Access, zone: str, on_cancel: Cancels) -> JdbcTable:
    """The table as a dataset that is read when it is asked for."""
    import pyarrow.dataset as ds

    plan = planned(at, zone, on_cancel)

    class _Dataset(JdbcTable, ds.Dataset):  # type: ignore[misc] # pyarrow has no types
        """DuckDB asks a dataset for the columns and the rows it needs."""

    return _Dataset(plan, on_cancel)


class JdbcTable:
    """A table of a database. Each scan opens a connection, reads in one transaction, and closes it.

    ``files`` name it for ``Engine.settle``: a save that replaces the table computes its readers first.
    ``failures`` is where errors are kept while they pass through an engine as text.
    """

    def __init__(self, plan: Plan, on_cancel: Cancels) -> None:
        self._plan, self._on_cancel = plan, on_cancel
        self.partitions = len(plan.parts)
        self.files = (place(plan.at, plan.at.name),)
        self.failures: list[BaseException] = []

    @property
    def schema(self) -> pa.Schema:
        return self._plan.schema

    def scanner(
        self, columns: Sequence[str] | None = None, filter: ds.Expression | None = None, **_: Any
    ) -> ds.Scanner:
        """The rows that fulfil ``filter``, of some columns."""
        import pyarrow as pa
        import pyarrow.dataset as ds

        names = self._plan.schema.names
        wanted = names if columns is None else list(columns)
        text = "" if filter is None else str(filter)
        # No name of a condition may be missing; one too many does no harm.
        needed = [i for i, name in enumerate(names) if name in wanted or (text and name in text)] or [0]
        schema = pa.schema([self._plan.schema.field(i) for i in needed])
        condition = pushed(text, {names[i]: self._plan.columns[i] for i in needed})
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema, needed, condition))
        return ds.Scanner.from_batches(reader, columns=wanted, filter=filter)

    def to_reader(self) -> pa.RecordBatchReader:
        """All rows."""
        return self.scanner().to_reader()

    def _batches(self, schema: pa.Schema, chosen: list[int], condition: Any) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            plan = self._plan
            with _reading(plan.at, plan.zone, self._on_cancel) as database:
                picked = [replace(plan.columns[i], name=schema.names[n]) for n, i in enumerate(chosen)]
                with database.explained("cannot read"):
                    for part in plan.parts:
                        sql = plan.select(database, chosen, part, condition(database))
                        for batch in database.batches(sql, picked, plan.rows):
                            arrays = list(map(_cast, batch.columns, schema))
                            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except Exception as error:
            self.failures.append(error)
            raise


def place(at: Access, table: str) -> str:
    """The name of a table among the paths an engine knows; a file of SQLite is one place."""
    if at.target.kind == "sqlite":
        return f"/{at.target.shown}"
    return f"/{at.target.shown}/{table.lower()}"


def _select_only(text: str) -> str:
    """A directQuery without comments before and semicolons behind it; it must be a select."""
    begin = text
    while (found := _COMMENTS.match(begin)) and found.end():
        begin = begin[found.end() :]
    if not re.match(r"(select|with)\b|\(", begin, re.IGNORECASE):
        raise BadOption(
            "JDBC direct query only support select statement",
            option="directQuery",
            hint='run command as JDBC.`db1._` where `driver-statement-0`="..." runs other statements',
        )
    return re.sub(r"[;\s]+\Z", "", text) + "\n"


def _short(name: str) -> str:
    """``t.c`` is called ``c``."""
    return name.rpartition(".")[2] if re.fullmatch(r"\w+(\.\w+)+", name) else name


def _rows(options: Mapping[str, str]) -> int:
    text = options.get("fetchsize", "0").strip()
    if not text.lstrip("-").isdigit():
        raise BadOption(f'fetchsize must be a whole number, not "{text}"', option="fetchsize")
    # MySQL's own way to say "stream" is the smallest integer there is.
    return int(text) if int(text) > 0 else FETCH_ROWS


def _custom(options: Mapping[str, str], columns: list[Column]) -> list[pa.Field]:
    from pybyzer.ddl import TypeReader

    text = options.get("customSchema")
    if not text:
        return []
    reader = TypeReader(text)
    fields = reader.columns()
    reader.finish()
    names = [column.name for column in columns]
    for field in fields:
        if field.name.lower() not in [name.lower() for name in names]:
            hint = did_you_mean(field.name, names)
            raise UnknownName(f'customSchema: no column "{field.name}"', hint=hint).about("customSchema")
    return fields


def _on_the_wall(column: Column) -> Column:
    """A time without a zone as such."""
    import pyarrow as pa

    wall = pa.types.is_timestamp(column.type) and not column.zone
    return replace(column, type=pa.timestamp("us")) if wall else column


def _cast(values: pa.Array, field: pa.Field) -> pa.Array:
    """A column with the type that ``customSchema`` gives it."""
    import pyarrow as pa

    if values.type == field.type:
        return values
    try:
        return values.cast(field.type)
    except pa.ArrowException as error:
        raise EngineError(
            f'customSchema: column "{field.name}" holds a value that is not {type_name(field.type)}: {error}'
        ) from None
