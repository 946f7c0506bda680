"""Rows of Python values to Arrow and back, for drivers that know no Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import type_name
from pybyzer.databases.base import Column
from pybyzer.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

INSERT_ROWS = 5_000
"""Rows handed to a driver at a time."""


def batches(
    fetch: Callable[[], Sequence[Sequence[Any]]],
    columns: Sequence[Column],
    convert: Callable[[Sequence[Any], Column], pa.Array],
) -> Iterator[pa.RecordBatch]:
    """Batches of what ``fetch`` gives until it gives nothing; ``convert`` makes an array of a column.

    A value that its column's type cannot hold is an ``EngineError`` that names the column.
    """
    import pyarrow as pa

    names = [column.name for column in columns]
    while found := fetch():
        arrays = []
        for values, column in zip(zip(*found, strict=True), columns, strict=True):
            try:
                arrays.append(convert(values, column))
            except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
                raise EngineError(
                    f'column "{column.name}" holds a value that is not {type_name(column.type)}: {error}',
                    hint="cast it in directQuery",
                ) from None
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def lists(
    batch: pa.RecordBatch, zones: Sequence[str], plain: Callable[[pa.Array, str], list[Any]]
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a batch as tuples, ``INSERT_ROWS`` at a time; ``plain`` makes values of a column.

    Instants become wall clocks in the column's zone.
    """
    for start in range(0, batch.num_rows, INSERT_ROWS):
        part = batch.slice(start, INSERT_ROWS)
        yield list(zip(*map(plain, part.columns, zones), strict=True))


@contextmanager
def guarded(rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatchReader]:
    """The same rows for a driver; what they themselves fail with comes out as it was, not as its text."""
    import pyarrow as pa

    failures: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from rows
        except Exception as error:
            failures.append(error)
            raise

    try:
        yield pa.RecordBatchReader.from_batches(rows.schema, batches())
    except Exception:
        if failures:
            raise failures[0] from None
        raise


def wall_clock(values: pa.Array, zone: str) -> pa.Array:
    """Instants as the wall clock of ``zone`` shows them, without a zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.local_timestamp(values.cast(pa.timestamp("us", tz=zone)))
