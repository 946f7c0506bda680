"""Tables on their way between processes: Arrow IPC files in shared memory, mapped and never copied.

A table is a list of files; a part is a run of rows, as pieces ``[path, batch, first row, rows]``.
Files are written once and read any number of times, by any process of the machine.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

if TYPE_CHECKING:
    import pyarrow as pa

File = Dict[str, Any]
"""``path``, ``batches`` (rows of each record batch) and, in JSON files, nothing else."""

Piece = Tuple[str, int, int, int]

BATCH_BYTES = 32 << 20
"""Larger batches are cut before they are written."""


class Writer:
    """Record batches into one file. A context manager; the file is gone if the block fails."""

    def __init__(self, path: str, schema: pa.Schema) -> None:
        import pyarrow as pa

        self.path = path
        self.schema = schema
        self.batches: List[int] = []
        self._sink = pa.OSFile(path, "wb")
        self._writer = pa.ipc.new_file(self._sink, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows; empty batches leave no trace."""
        for part in bounded(batch):
            self._writer.write_batch(part)
            self.batches.append(part.num_rows)

    def close(self) -> File:
        """Finish the file; what others need to know to read it."""
        self._writer.close()
        self._sink.close()
        return {"path": self.path, "batches": self.batches}

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.close()
        if error is not None:
            os.unlink(self.path)


def bounded(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in slices of bounded size."""
    if not batch.num_rows:
        return
    size = batch.nbytes
    if size <= 2 * BATCH_BYTES:
        yield batch
        return
    step = max(1, int(batch.num_rows * BATCH_BYTES // size))
    for first in range(0, batch.num_rows, step):
        yield batch.slice(first, step)


def cut(files: Sequence[File], count: int) -> List[List[Piece]]:
    """The rows of files, in order, as ``count`` contiguous parts of nearly equal size."""
    total = sum(sum(file["batches"]) for file in files)
    ends = [total * (i + 1) // count for i in range(count)]
    parts: List[List[Piece]] = [[] for _ in range(count)]
    at = part = 0
    for file in files:
        for number, rows in enumerate(file["batches"]):
            first = 0
            while first < rows:
                while ends[part] <= at:
                    part += 1
                taken = min(rows - first, ends[part] - at)
                parts[part].append((file["path"], number, first, taken))
                first += taken
                at += taken
    return parts


def rows_of(pieces: Iterable[Piece]) -> int:
    """How many rows a part has."""
    return sum(piece[3] for piece in pieces)


def read(pieces: Iterable[Piece]) -> Iterator[pa.RecordBatch]:
    """The rows of a part as record batches over mapped memory."""
    import pyarrow as pa

    opened: Optional[str] = None
    reader: Any = None
    for path, number, first, count in pieces:
        if path != opened:
            reader = pa.ipc.open_file(pa.memory_map(path, "r"))
            opened = path
        batch = reader.get_batch(number)
        yield batch if first == 0 and count == batch.num_rows else batch.slice(first, count)


def schema_of(path: str) -> pa.Schema:
    """The schema of a file."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(path, "r")).schema


def encode(schema: pa.Schema) -> str:
    """A schema as text."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode("ascii")


def decode(text: str) -> pa.Schema:
    """The schema that ``encode`` wrote."""
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))
