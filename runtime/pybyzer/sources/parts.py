"""A table as a directory of part files: how many, which rows, what they are called.

A format gives an extension and a way to open a ``Sink``; this gives it the rows: contiguous parts when a
number of files is asked for, ``key=value`` directories with ``partitionBy``, all of it streamed.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import os
import posixpath
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import IO, TYPE_CHECKING, Protocol

from pybyzer.context import Context
from pybyzer.engines.base import Write
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.commit import skipped, written_aside
from pybyzer.sources.paths import Place, find, place

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OPEN = 200
"""Files of a partitioned save that are open at once; the longest unused is closed (and gets a sibling)."""
IN_MEMORY = 128 << 20
"""Bytes of a table kept in memory while it is cut into parts; beyond that a file beside the result."""
_UNSAFE = re.compile(r'[\x00-\x1f"#%\'*/:=?\\\x7f{\[\]^]')
_NUMBER = re.compile(r"part-(\d+)")


class Sink(Protocol):
    """A part file being written."""

    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None:
        """The save has failed, the file will be removed: let go of it without an error."""


@dataclass(frozen=True, slots=True)
class PartFormat:
    """What differs between formats. ``extension`` with its dot; ``options`` for an engine's own writer."""

    name: str
    extension: str
    open: Callable[[IO[bytes], pa.Schema], Sink]


def save_parts(ctx: Context, request: SaveRequest, how: PartFormat) -> int | None:
    """Save a table as a directory of part files; the number of rows when known."""
    target = place(ctx, request.path, request.options)
    if skipped(target, request.mode):
        return 0
    schema = ctx.engine.schema(request.table)
    check_columns(schema.names, request.partition_by)
    with written_aside(ctx, target, request.mode) as aside:
        rows = None
        native = Write(how.name, aside, request.options, request.partition_by, request.partitions)
        if not (target.local and request.mode is not Mode.APPEND and ctx.engine.write(request.table, native)):
            target.fs.makedirs(aside, exist_ok=True)
            parts = _Parts(target, aside, how, request.partition_by, _first_number(target, request.mode))
            rows = _write(ctx, request, parts, aside if target.local else None)
        target.fs.touch(posixpath.join(aside, "_SUCCESS"))
    return rows


def check_columns(names: list[str], partition_by: tuple[str, ...]) -> None:
    """Column names must differ (also in case), and partition columns be some of them, not all."""
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise BadOption(
                f'the table has two columns "{seen[name.lower()]}" and "{name}"',
                hint=f"rename one of them in a select: {name} as {name}_2",
            )
        seen[name.lower()] = name
    for name in partition_by:
        if name.lower() not in seen:
            missing = UnknownName(f'partitionBy: no column "{name}"', hint=did_you_mean(name, names))
            raise missing.about(f"partitionBy.{name}")
    if partition_by and len(partition_by) >= len(names):
        raise BadOption("partitionBy cannot name all columns: nothing would be left for the files")


def _first_number(target: Place, mode: Mode) -> int:
    """Appended parts come after those that are there, in the order of their names."""
    if mode is not Mode.APPEND or not target.fs.isdir(target.path):
        return 0
    names = (posixpath.basename(file.path) for file in find(target, may_be_empty=True))
    numbers = [int(found[1]) for found in map(_NUMBER.match, names) if found]
    return max(numbers, default=-1) + 1


def _write(ctx: Context, request: SaveRequest, parts: _Parts, spool: str | None) -> int:
    stream = ctx.engine.stream(request.table)
    wanted = request.partitions or stream.layout
    try:
        with contiguous(stream.schema, stream.reader, wanted, spool) as cut:
            for number, batches in enumerate(cut):
                parts.start(number, stream.schema)
                for batch in batches:
                    parts.write(batch)
                parts.finish()
    except BaseException:
        parts.abandon()
        raise
    return parts.rows


class _Parts:
    """The open files of a save."""

    def __init__(
        self, target: Place, directory: str, how: PartFormat, partition_by: tuple[str, ...], first: int
    ) -> None:
        self.rows = 0
        self._fs, self._directory, self._how = target.fs, directory, how
        self._zone = target.zone
        self._partition_by, self._first, self._number = partition_by, first, 0
        self._id = str(uuid.uuid4())
        self._open: dict[str, tuple[IO[bytes], Sink]] = {}
        self._siblings: dict[str, int] = {}

    def start(self, number: int, schema: pa.Schema) -> None:
        self._number = self._first + number
        self._siblings.clear()
        if not self._partition_by:
            self._sink("", schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        if not self._partition_by:
            self._sink("", batch.schema).write(batch)
            return
        for folder, rows in by_partition(batch, self._partition_by, self._zone):
            self._sink(folder, rows.schema).write(rows)

    def finish(self) -> None:
        """Close the files of this part; a failure to write shows here at the latest."""
        for folder in list(self._open):
            self._close(folder)

    def abandon(self) -> None:
        """Close what is open after a failure; the first error is the one that counts."""
        for file, sink in self._open.values():
            sink.abandon()
            let_go(file)
        self._open.clear()

    def _sink(self, folder: str, schema: pa.Schema) -> Sink:
        if folder in self._open:
            self._open[folder] = self._open.pop(folder)
            return self._open[folder][1]
        if len(self._open) >= MOST_OPEN:
            self._close(next(iter(self._open)))
        sibling = self._siblings[folder] = self._siblings.get(folder, -1) + 1
        directory = posixpath.join(self._directory, folder) if folder else self._directory
        if folder:
            self._fs.makedirs(directory, exist_ok=True)
        name = f"part-{self._number:05d}-{self._id}.c{sibling:03d}{self._how.extension}"
        file = self._fs.open(posixpath.join(directory, name), "wb")
        self._open[folder] = (file, self._how.open(file, schema))
        return self._open[folder][1]

    def _close(self, folder: str) -> None:
        file, sink = self._open.pop(folder)
        try:
            sink.close()
        finally:
            file.close()


def let_go(file: IO[bytes] | gzip.GzipFile | bz2.BZ2File) -> None:
    """Close a file of a failed save; that it cannot be completed is known already."""
    with contextlib.suppress(OSError):
        file.close()


# -- cutting -------------------------------------------------------------------------------


class contiguous:
    """A table cut into contiguous parts; read them in order. ``layout`` is how many, of (nearly) equal
    size, or the rows of each.

    One part streams. For more, the number of rows must be known first: the table is kept in memory when
    small, else in an Arrow file in ``directory`` (the system's temporary one when None).
    """

    def __init__(
        self,
        schema: pa.Schema,
        batches: Iterable[pa.RecordBatch],
        layout: int | Sequence[int],
        directory: str | None = None,
    ) -> None:
        self._schema, self._batches = schema, batches
        self._count = layout if isinstance(layout, int) else len(layout)
        self._rows = [] if isinstance(layout, int) else list(layout)
        self._directory = directory
        self._file: str | None = None

    def __enter__(self) -> Iterator[Iterable[pa.RecordBatch]]:
        if self._count <= 1:
            return iter([self._batches])
        return self._cut()

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.unlink(self._file)

    def _cut(self) -> Iterator[Iterable[pa.RecordBatch]]:
        import pyarrow as pa

        kept: list[pa.RecordBatch] = []
        rest = iter(self._batches)
        size = 0
        for batch in rest:
            kept.append(batch)
            size += batch.nbytes
            if size > IN_MEMORY:
                table = self._spooled(kept, rest)
                break
        else:
            table = pa.Table.from_batches(kept, self._schema)
        ends = list(accumulate(self._rows)) or [
            table.num_rows * (number + 1) // self._count for number in range(self._count)
        ]
        for start, stop in pairwise([0, *ends]):
            yield table.slice(start, stop - start).to_batches()

    def _spooled(self, kept: list[pa.RecordBatch], rest: Iterator[pa.RecordBatch]) -> pa.Table:
        import tempfile

        import pyarrow as pa

        handle, self._file = tempfile.mkstemp(prefix=".spool-", suffix=".arrow", dir=self._directory)
        os.close(handle)
        with pa.OSFile(self._file, "wb") as sink, pa.ipc.new_file(sink, self._schema) as writer:
            while kept:
                writer.write_batch(kept.pop(0))
            for batch in rest:
                writer.write_batch(batch)
        return pa.ipc.open_file(pa.memory_map(self._file)).read_all()


def by_partition(
    batch: pa.RecordBatch, columns: tuple[str, ...], zone: str = "UTC"
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of a batch by ``key=value`` directory, without the partition columns; order is kept."""
    import numpy as np
    import pyarrow as pa

    from pybyzer.sources.spark_text import spark_text

    if batch.num_rows == 0:
        return
    names = {name.lower(): name for name in batch.schema.names}
    chosen = [names[column.lower()] for column in columns]
    codes = np.zeros(batch.num_rows, dtype=np.int64)
    texts = []
    for name in chosen:
        text = spark_text(batch.column(name), zone).dictionary_encode(null_encoding="encode")
        codes = codes * (len(text.dictionary) + 1) + text.indices.to_numpy(zero_copy_only=False)
        texts.append((name, text))
    rest = batch.select([name for name in batch.schema.names if name not in chosen])
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        folder = "/".join(f"{_safe(name)}={_value(text[int(rows[0])].as_py())}" for name, text in texts)
        yield folder, rest if len(rows) == batch.num_rows else rest.take(pa.array(rows))


def _value(text: str | None) -> str:
    return _safe(text) if text else "__HIVE_DEFAULT_PARTITION__"


def _safe(text: str) -> str:
    """A directory name, escaped as Spark and Hive do."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", text)
