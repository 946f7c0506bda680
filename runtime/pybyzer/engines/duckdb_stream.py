"""Rows on their way out of DuckDB: batches of bounded size, in order, with our types and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pybyzer.engines.duckdb_database import BATCH_BYTES, BATCH_ROWS, Cursor, Database
from pybyzer.engines.sparksql.types import SqlType, to_arrow
from pybyzer.errors import Interrupted, Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.duckdb_tables import Column

VECTOR_ROWS = 2048
"""Rows of DuckDB's own vectors: what is asked for when a row may be large (pictures, arrays)."""
TEXT_ROWS = 8192
"""Rows asked for when the largest values are texts."""


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The schema users see: their column names (which may repeat), instants labelled UTC."""
    import pyarrow as pa

    for column in columns:
        if _has_sketch(column.type):
            raise Unsupported(f"the bytes of a sketch ({column.name})", hint="select its estimate")
    return pa.schema([pa.field(column.name, to_arrow(column.type)) for column in columns])


def _has_sketch(kind: SqlType) -> bool:
    return kind.kind == "sketch" or any(_has_sketch(part) for part in kind.parts)


def stream(cursor: Cursor, sql: str, schema: pa.Schema, keep: Any) -> pa.RecordBatchReader:
    """The result of ``sql`` as ``schema``; ``keep`` lives as long as the stream does."""
    import pyarrow as pa

    try:
        reader = cursor.reader(sql, min((_rows(part.type) for part in schema), default=BATCH_ROWS))
    except BaseException:
        cursor.close()
        raise

    def batches() -> Iterator[pa.RecordBatch]:
        held, was_clean = keep, cursor.clean
        cursor.clean = False
        try:
            yield from _sized(_read(cursor, reader, schema))
            cursor.clean = was_clean
        finally:
            cursor.close()
            del held

    return pa.RecordBatchReader.from_batches(schema, batches())


def direct(
    database: Database, make: Callable[[], pa.RecordBatchReader], schema: pa.Schema
) -> pa.RecordBatchReader | None:
    """Arrow data as it is, without the database; None when its types are not exactly those of ``schema``."""
    import pyarrow as pa

    try:
        reader = make()
    except (pa.ArrowException, OSError) as error:
        raise database.translate(error) from None
    if not reader.schema.equals(schema):
        reader.close()
        return None
    stops = database.stops

    def batches() -> Iterator[pa.RecordBatch]:
        while True:
            if database.stops != stops:
                raise Interrupted("the query was stopped")
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except (pa.ArrowException, OSError) as error:
                raise database.translate(error) from None
            yield batch

    return pa.RecordBatchReader.from_batches(schema, batches())


def _read(cursor: Cursor, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    while True:
        with cursor.guard():
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
        if batch.schema != schema:
            # Only names and time zone labels differ: no value is touched.
            columns = [
                column if column.type == part.type else column.cast(part.type)
                for column, part in zip(batch.columns, schema, strict=True)
            ]
            batch = pa.RecordBatch.from_arrays(columns, schema=schema)
        yield batch


def _sized(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Small batches joined and large ones cut, up to the bounds."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        weight = batch.nbytes
        if held and (rows + batch.num_rows > BATCH_ROWS or size + weight > BATCH_BYTES):
            yield pa.concat_batches(held) if len(held) > 1 else held[0]
            held, rows, size = [], 0, 0
        if batch.num_rows >= BATCH_ROWS or weight > BATCH_BYTES:
            step = max(1, min(BATCH_ROWS, batch.num_rows * BATCH_BYTES // max(1, weight)))
            for start in range(0, batch.num_rows, step):
                yield batch.slice(start, step)
            continue
        held.append(batch)
        rows += batch.num_rows
        size += weight
    if held:
        yield pa.concat_batches(held) if len(held) > 1 else held[0]


def _rows(kind: pa.DataType) -> int:
    """How many rows to ask for at once; batches that turn out small are joined."""
    import pyarrow as pa

    if pa.types.is_string(kind):
        return TEXT_ROWS
    try:
        return BATCH_ROWS if kind.bit_width else VECTOR_ROWS
    except ValueError:
        return VECTOR_ROWS
