"""Arrow into DuckDB: readers and tables are stored as they stream; datasets and factories stay lazy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pybyzer.engines.base import OverFiles
from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.duckdb_tables import Column, Table, Tables
from pybyzer.engines.sparksql.types import SqlType, from_duck, quote
from pybyzer.errors import ByzerError, Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible


def ingest(database: Database, tables: Tables, data: Ingestible) -> Table:
    """A table of Arrow data. Types that Spark does not have are widened to the next it has."""
    import pyarrow.dataset as ds

    if callable(data) or isinstance(data, ds.Dataset):
        return _lazy(database, tables, _Factory(data, database.failures) if callable(data) else data)
    view = tables.fresh("t")
    with database.cursor({"arriving": _readable(data, database.failures)}) as cursor:
        columns, projection = _projection(cursor.types("SELECT * FROM arriving"))
        cursor.execute(f"CREATE TABLE {quote(view)} AS SELECT {projection} FROM arriving")
    return tables.track(Table(view, columns, stored=True), kind_is_table=True)


def _lazy(database: Database, tables: Tables, data: Any) -> Table:
    """A view over an Arrow object that can be read again: projections and filters reach it."""
    if hasattr(data, "failures"):
        data.failures = database.failures  # a dataset of ours keeps its errors where they are looked for
    source, view = tables.fresh("a"), tables.fresh("v")
    with database.cursor({source: data}) as cursor:
        columns, projection = _projection(cursor.types(f"SELECT * FROM {quote(source)}"))
        cursor.execute(f"CREATE VIEW {quote(view)} AS SELECT {projection} FROM {quote(source)}")
    # Large values (pictures, models) are as fast to read again as to keep, and need no memory.
    large = any(column.type.kind == "binary" for column in columns)
    heavy = isinstance(data, _Factory) and not large
    direct = data.make if isinstance(data, _Factory) else None
    origin = data.make if isinstance(data, _Factory) else data
    paths = tuple(origin.files) if isinstance(origin, OverFiles) else ()
    table = Table(view, columns, arrow={source: data}, paths=paths, heavy=heavy, direct=direct)
    return tables.track(table, kind_is_table=False)


class _Factory:
    """A factory of readers as something DuckDB can scan any number of times."""

    def __init__(self, make: Any, failures: list[BaseException]) -> None:
        self.make, self._failures = make, failures

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        import pyarrow as pa

        try:
            reader = self.make()
        except ByzerError as error:
            self._failures.append(error)
            raise
        kept = pa.RecordBatchReader.from_batches(reader.schema, _kept(reader, self._failures))
        return kept.__arrow_c_stream__(requested_schema)


def _kept(reader: pa.RecordBatchReader, failures: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """The batches; what a user caused is kept aside while it passes through the engine as text."""
    try:
        yield from reader
    except ByzerError as error:
        failures.append(error)
        raise


def _readable(data: pa.RecordBatchReader | pa.Table, failures: list[BaseException]) -> Any:
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    return pa.RecordBatchReader.from_batches(data.schema, _kept(data, failures))


def _projection(found: list[tuple[str, Any]]) -> tuple[tuple[Column, ...], str]:
    """The columns of arriving data and the select list that gives them Spark's types."""
    columns, parts = [], []
    seen: set[str] = set()
    for name, kind in found:
        type_ = from_duck(kind)
        if type_.kind == "unknown":
            raise Unsupported(f'column "{name}" has the type {kind}, which Spark SQL does not have')
        inner = unique(name, seen)
        columns.append(Column(name, inner, type_))
        same = str(kind).lower() == plain(type_)
        value = quote(name) if same else f"CAST({quote(name)} AS {type_.duck})"
        parts.append(f"{value} AS {quote(inner)}")
    return tuple(columns), ", ".join(parts)


def unique(name: str, seen: set[str]) -> str:
    """``name``, or with a number when there is one of that name (without case) already."""
    inner, number = name, 0
    while inner.lower() in seen or not inner:
        number += 1
        inner = f"{name}_{number}"
    seen.add(inner.lower())
    return inner


def plain(type_: SqlType) -> str:
    """A type as DuckDB prints it, in lower case."""
    from pybyzer.engines.sparksql import types

    if type_ == types.TIMESTAMP:
        return "timestamp with time zone"
    return type_.duck.lower()


def typed(sql: str, columns: tuple[Column, ...], found: list[Any]) -> str:
    """A query whose columns have exactly the types of ``columns``; as it is when they have them already."""
    if all(str(kind).lower() == plain(column.type) for column, kind in zip(columns, found, strict=True)):
        return sql
    parts = ", ".join(
        f"CAST({quote(column.inner)} AS {column.type.duck}) AS {quote(column.inner)}"
        if str(kind).lower() != plain(column.type)
        else quote(column.inner)
        for column, kind in zip(columns, found, strict=True)
    )
    return f"SELECT {parts} FROM ({sql})"
