"""A user's function over the parts of a table: in this process, or in Ray workers beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence

from pybyzer_worker import blocks, columns, outputs, parts, spool, state, tracebacks
from pybyzer_worker import rows as row_values

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = "foreach"
"""The function takes a row and gives back a row."""
ITERATOR = "map_iter"
"""The function takes the iterator of a part's rows and gives back rows."""
BATCHES = "map_batches"
"""The function takes a pyarrow.Table of some rows and gives back a table."""

TABLE_BYTES = 64 << 20
"""Bytes of rows that ``map_batches`` hands over at once, at most."""


def mapped(kind: str, function: Callable[[Any], Any], part: parts.Part) -> Iterator[Any]:
    """Results of the function over a part: lists of rows (dicts), or Arrow tables."""
    if part.is_json:
        yield from _over_json(kind, function, part)
    elif kind == ROWS:
        for batch in part.batches():
            for block in row_values.blocks(batch):
                yield _each(function, block)
    elif kind == ITERATOR:
        yield from blocks.blocks(_iterable(function(part.rows())))
    else:
        for table in _tables(part):
            yield _as_table(function(table))


def _each(function: Callable[[Any], Any], rows: List[Any]) -> List[Any]:
    """The function's results; an exception of it is told which row it was about."""
    results: List[Any] = []
    try:
        results.extend(map(function, rows))
    except Exception as error:
        tracebacks.blame(error, rows[len(results)])
        raise
    if len(results) < len(rows):
        # To ``map``, this exception only says that there are no more rows.
        stopped = RuntimeError("the function raised StopIteration")
        tracebacks.blame(stopped, rows[len(results)])
        raise stopped
    return results


def _over_json(kind: str, function: Callable[[Any], Any], part: parts.Part) -> Iterator[Any]:
    if kind == ROWS:
        for row in part.rows():
            yield _each(function, [row])
    elif kind == ITERATOR:
        for row in _iterable(function(part.rows())):
            yield [row]
    else:
        raise ImportError("map_batches needs pyarrow, which this Python does not have", name="pyarrow")


def _iterable(found: Any) -> Iterable[Any]:
    if isinstance(found, dict) or not hasattr(found, "__iter__"):
        kind = type(found).__name__
        raise TypeError("map_iter's function must give back an iterable of rows, not a %s" % kind)
    return found


def _tables(part: parts.Part) -> Iterator[pa.Table]:
    import pyarrow as pa

    held: List[pa.RecordBatch] = []
    size = 0
    for batch in part.batches():
        held.append(batch)
        size += batch.nbytes
        if size >= TABLE_BYTES:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _as_table(found: Any) -> Any:
    import pyarrow as pa

    if isinstance(found, dict):
        return pa.table(found)
    if isinstance(found, (pa.Table, pa.RecordBatch)) or type(found).__name__ == "DataFrame":
        return found
    kind = type(found).__name__
    raise TypeError("map_batches' function must give back a pyarrow.Table or a DataFrame, not a %s" % kind)


def flat(results: Iterator[Any]) -> Iterator[Any]:
    """The rows of all results, one by one."""
    for result in results:
        if isinstance(result, list):
            yield from result
        else:
            for batch in outputs.as_batches(result, None):
                yield from row_values.rows(iter([batch]))


def spooled(
    results: Iterator[Any], directories: Sequence[str], stem: str, schema: Optional[pa.Schema]
) -> outputs.Result:
    """The results in files."""
    sink = outputs.Sink(directories, stem, schema)
    first = 0
    try:
        for result in results:
            if isinstance(result, list):
                if not result:
                    continue
                batch = columns.fitted(result, schema, first) if schema else columns.inferred(result, first)
                sink.write(batch)
                first += len(result)
            else:
                for batch in outputs.as_batches(result, schema):
                    sink.write(batch)
                    first += batch.num_rows
        return sink.close()
    except BaseException:
        sink.abort()
        raise


class Work:
    """What a Ray worker is told: which function over which part, and where the results go."""

    def __init__(self, kind: str, part: parts.Part, stem: str, cell: state.Cell) -> None:
        self.kind = kind
        self.part = part
        self.stem = stem
        self.directories = cell.directories
        self.schema = cell.schema_text
        self.code = cell.code
        self.filename = cell.filename

    def run(self, function: Callable[[Any], Any]) -> Dict[str, Any]:
        """The result, or under ``failed`` the user's exception as ``tracebacks.describe`` has it."""
        tracebacks.remember(self.filename, self.code)
        schema = spool.decode(self.schema) if self.schema else None
        try:
            return spooled(mapped(self.kind, function, self.part), self.directories, self.stem, schema)
        except Exception as error:
            found = tracebacks.describe(error)
            if found["traceback"]:
                found["traceback"] = "In worker (%s pid=%d):\n%s" % (
                    self.kind,
                    os.getpid(),
                    found["traceback"],
                )
            return {"failed": found}
