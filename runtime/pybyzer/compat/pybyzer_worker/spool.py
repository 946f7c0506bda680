"""Tables on their way between processes: Arrow IPC files in shared memory, mapped and never copied.

A table is a list of files; a part is a run of rows, as pieces ``[path, batch, first row, rows]``.
Files are written once and read any number of times, by any process of the machine. When memory gets
scarce they are on disk, mapped in the same way.
"""

from __future__ import annotations

import base64
import itertools
import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from . import stored  # noqa: TID252 - both ends of a pipe have this file, under different names

if TYPE_CHECKING:
    import pyarrow as pa

File = Dict[str, Any]
"""``path`` and ``batches``: the rows of each record batch, or of the whole file when it is lines of JSON."""

Piece = Tuple[str, int, int, int]

BATCH_BYTES = 32 << 20
"""Larger batches are cut before they are written."""

FILE_BYTES = 256 << 20
"""A file that is larger is finished, and another begun where there is room."""


class Writer:
    """Record batches into files of bounded size, each where there is room for it.

    ``directories`` are the places in order of preference (shared memory, then a disk). A change of
    schema begins a new file. A context manager: the files are gone if the block fails.
    """

    def __init__(self, directories: Sequence[str], stem: str) -> None:
        self.files: List[File] = []
        self._directories = directories
        self._stem = stem
        self._schema: Optional[pa.Schema] = None
        self._sink: Any = None
        self._writer: Any = None
        self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows; empty batches leave no trace."""
        for part in bounded(batch):
            if self._writer is None or self._bytes > FILE_BYTES or part.schema != self._schema:
                self._next(part.schema)
            self._writer.write_batch(part)
            self._bytes += part.nbytes
            self.files[-1]["batches"].append(part.num_rows)

    def close(self) -> List[File]:
        """Finish; what others need to know to read the rows."""
        if self._writer is not None:
            self._writer.close()
            self._sink.close()
            self._writer = None
        return self.files

    def abort(self) -> None:
        """Remove what was written."""
        self.close()
        for file in self.files:
            os.unlink(file["path"])

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is None:
            self.close()
        else:
            self.abort()

    def _next(self, schema: pa.Schema) -> None:
        import pyarrow as pa

        self.close()
        path = "%s/%s.%d.arrow" % (place(self._directories), self._stem, len(self.files))
        self._schema, self._bytes = schema, 0
        self._sink = pa.OSFile(path, "wb")
        self._writer = pa.ipc.new_file(self._sink, schema)
        self.files.append({"path": path, "batches": []})


def place(directories: Sequence[str]) -> str:
    """The first directory that has room to spare, else the last; made if it is missing.

    Shared memory has room while a quarter of this machine's memory stays free beside the next file.
    """
    for directory in directories[:-1]:
        if _free_memory(directory) > FILE_BYTES:
            return directory
    os.makedirs(directories[-1], mode=0o700, exist_ok=True)
    return directories[-1]


def _free_memory(directory: str) -> int:
    """Bytes that files in a directory of shared memory may still take."""
    try:
        found = os.statvfs(directory)
        with open("/proc/meminfo") as file:
            lines = dict(line.split(":") for line in file)
    except OSError:
        return 0
    total, available = (int(lines[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
    return min(found.f_bavail * found.f_frsize, available - total // 4)


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


def cut(files: Sequence[File], count: int, cuts: Sequence[int] = ()) -> List[List[Piece]]:
    """The rows of files, in order, as ``count`` contiguous parts: of ``cuts`` rows or about equal."""
    total = sum(sum(file["batches"]) for file in files)
    ends = list(itertools.accumulate(cuts)) or [total * (i + 1) // count for i in range(count)]
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
            if stored.is_stored(path):
                reader = stored.Reader(path)
            else:
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
