"""Directory tables that lie in Parquet files: what a cell packed, or a saved model.

Their rows are read where they are (``spool.read`` knows such files by their names), so that a model passes
from a cell to a table, and from a table to a cell, without being copied on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Tuple

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".parquet"

PIECE = 65536
"""Bytes of a row; the last one has the rest."""

GROUP = 64 * PIECE
"""Bytes of a row group: what is in memory at a time."""

PAGE = 16 * PIECE
"""Bytes written at once: smaller pages take twice the time, larger ones no less."""

File = Dict[str, Any]
"""As ``spool.File``: row groups are batches."""


def schema() -> pa.Schema:
    """The columns of all these tables."""
    import pyarrow as pa

    return pa.schema([("start", pa.int64()), ("offset", pa.int64()), ("value", pa.binary())])


def is_stored(path: str) -> bool:
    """Whether a file of a table is one of these."""
    return path.endswith(SUFFIX)


def file(path: str) -> File:
    """A Parquet file of these columns, as a file of a table."""
    import pyarrow.parquet as pq

    found = pq.read_metadata(path)
    return {"path": path, "batches": [found.row_group(i).num_rows for i in range(found.num_row_groups)]}


def write(chunks: Iterable[Any], path: str) -> File:
    """Write a stream of bytes; chunks are of ``GROUP`` bytes, but the last, and may change afterwards."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    start = 0
    known = ["start", "offset"]
    options: Dict[str, Any] = {"compression": "none", "use_dictionary": known, "write_statistics": known}
    # A page is finished at the end of a batch of rows, whatever its size.
    options.update(data_page_size=PAGE, write_batch_size=PAGE // PIECE)
    with pq.ParquetWriter(path, schema(), **options) as writer:
        for chunk in chunks:
            writer.write_table(pa.Table.from_batches([_batch(chunk, start)]))
            start += len(chunk)
    return file(path)


def _batch(chunk: Any, start: int) -> pa.RecordBatch:
    """Bytes as rows; nothing is copied."""
    import pyarrow as pa

    bounds = [*range(0, len(chunk), PIECE), len(chunk)]
    count = len(bounds) - 1
    buffers = [None, pa.array(bounds, pa.int32()).buffers()[1], pa.py_buffer(chunk)]
    columns = [
        pa.array([start + bound for bound in bounds[:-1]], pa.int64()),
        pa.array([bounds[i + 1] - bounds[i] for i in range(count)], pa.int64()),
        pa.Array.from_buffers(pa.binary(), count, buffers),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema())


class Reader:
    """A file, mapped; one row group is in memory at a time."""

    def __init__(self, path: str) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path, memory_map=True, pre_buffer=False)
        self._places: List[Tuple[List[int], List[int]]] = []

    def places(self, number: int) -> Tuple[List[int], List[int]]:
        """Start and length of each row of a batch, as the file says; no content is read."""
        if not self._places:
            found = self._file.read(columns=["start", "offset"], use_threads=False)
            starts, lengths = found.column("start").to_pylist(), found.column("offset").to_pylist()
            first = 0
            for group in range(self._file.num_row_groups):
                end = first + self._file.metadata.row_group(group).num_rows
                self._places.append((starts[first:end], lengths[first:end]))
                first = end
        return self._places[number]

    def get_batch(self, number: int) -> pa.RecordBatch:
        """A row group as one batch."""
        import pyarrow as pa

        found = self._file.read_row_group(number, use_threads=False).select(schema().names)
        columns = [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in found]
        return pa.RecordBatch.from_arrays(columns, schema=schema())
