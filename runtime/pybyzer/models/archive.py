"""A directory as a table ``start, offset, value`` of a tar stream, and back, in bounded memory.

The stream itself is made and read by ``pyjava.storage.streaming_tar``, the file that user code imports
in a worker: one implementation, so that both sides agree byte for byte.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pybyzer.compat.pybyzer_worker import stored
from pybyzer.compat.pybyzer_worker.ahead import ahead
from pybyzer.errors import ByzerError
from pybyzer.models.directory import replacing

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_BYTES = 4 << 20
"""Bytes of file content in one record batch."""

Rows = Callable[[], "Iterable[pa.RecordBatch]"]
"""Opens the rows of an archive table; may be called again when they come out of order."""

_LazyPiece = tuple[int, int, Callable[[], bytes]]


def archive_schema() -> pa.Schema:
    """The columns of an archive table."""
    import pyarrow as pa

    return pa.schema([("start", pa.int64()), ("offset", pa.int64()), ("value", pa.binary())])


def pack(path: str) -> pa.RecordBatchReader:
    """A directory or a single file as archive rows; read while the reader is."""
    import pyarrow as pa

    if not os.path.exists(path):
        raise ByzerError(f"no such file or directory: {path}")
    return pa.RecordBatchReader.from_batches(archive_schema(), ahead(_batches(path)))


def unpack(rows: Rows, directory: str) -> None:
    """Write the files of an archive table into ``directory``, which appears whole or not at all.

    What was there before is replaced. A member that would land elsewhere, or a missing row, is a
    ``ByzerError`` that names it.
    """
    tar = _streaming_tar()
    with _explained(), replacing(directory) as fresh:
        try:
            tar.unpack(tar.in_order(_pieces(ahead(rows()))), fresh)
        except tar.OutOfOrder:
            shutil.rmtree(fresh)
            with tempfile.TemporaryDirectory(prefix=".rows-", dir=os.path.dirname(fresh)) as scratch:
                spool = os.path.join(scratch, "spool")
                with open(spool, "wb") as file:
                    _spool(rows(), file)
                tar.unpack(_read(spool), fresh)


def listed(files: Sequence[Mapping[str, Any]]) -> list[tarfile.TarInfo]:
    """``members`` of an archive table in files that workers read: what has no header is not even read."""
    rows = sorted(_stored_pieces(files), key=itemgetter(0))
    with _explained():
        return _headers(_Forward(iter(rows), _streaming_tar().OutOfOrder))


def members(rows: Rows) -> list[tarfile.TarInfo]:
    """What an archive table holds; of the content only the headers are looked at."""
    tar = _streaming_tar()
    with _explained():
        try:
            return _headers(_Forward(_lazy_pieces(rows()), tar.OutOfOrder))
        except tar.OutOfOrder:
            with tempfile.TemporaryFile(prefix="pybyzer-") as spool:
                _spool(rows(), spool)
                spool.seek(0)
                with tarfile.open(fileobj=spool, mode="r:") as found:
                    return list(found)


def _headers(file: _Forward) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=file, mode="r:") as found:  # type: ignore[call-overload]
        return list(found)


class _Forward:
    """A file over archive rows that is read forwards; what is skipped is never copied."""

    def __init__(self, rows: Iterator[_LazyPiece], out_of_order: type[Exception]) -> None:
        self._rows = rows
        self._out_of_order = out_of_order
        self._start = self._end = self._position = 0
        self._value: Callable[[], bytes] = bytes

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        self._position = position

    def read(self, size: int) -> bytes:
        """The bytes from the position on; fewer at the end of the rows."""
        parts = []
        while size > 0 and self._reach():
            piece = self._value()[self._position - self._start :][:size]
            parts.append(piece)
            self._position += len(piece)
            size -= len(piece)
        return b"".join(parts)

    def _reach(self) -> bool:
        """Go on to the row of the position; False when there is none."""
        while self._position >= self._end:
            row = next(self._rows, None)
            if row is None:
                return False
            start, length, value = row
            if start != self._end:
                raise self._out_of_order
            self._start, self._end, self._value = start, start + length, value
        if self._position < self._start:
            raise self._out_of_order
        return True


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    start = 0
    gathered: list[bytes] = []
    size = 0
    for piece in _streaming_tar().pieces(path):
        gathered.append(piece)
        size += len(piece)
        if size >= BATCH_BYTES:
            yield _batch(start, gathered)
            start, size, gathered = start + size, 0, []
    if gathered:
        yield _batch(start, gathered)


def _batch(start: int, pieces: list[bytes]) -> pa.RecordBatch:
    import pyarrow as pa

    lengths = [len(piece) for piece in pieces]
    starts = list(itertools.accumulate(lengths[:-1], initial=start))
    return pa.record_batch([starts, lengths, pieces], schema=archive_schema())


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.Buffer]]:
    for batch in batches:
        yield from zip(batch.column("start").to_pylist(), _values(batch), strict=True)


def _stored_pieces(files: Sequence[Mapping[str, Any]]) -> Iterator[_LazyPiece]:
    """Start, length and a way to the value of each row; a batch is read when one of its values is."""
    for file in files:
        reader = stored.Reader(file["path"])
        batch = lru_cache(maxsize=1)(reader.get_batch)
        for number in range(len(file["batches"])):
            for index, (start, length) in enumerate(zip(*reader.places(number), strict=True)):
                if start is None or length is None:
                    raise _damaged(start)
                yield start, length, partial(_value, batch, number, index)


def _value(batch: Callable[[int], pa.RecordBatch], number: int, index: int) -> bytes:
    value: bytes = batch(number).column("value")[index].as_py()
    return value


def _lazy_pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[_LazyPiece]:
    """Start, length and a way to the value of each row."""
    for batch in batches:
        lengths = _lengths(batch.column("value"))
        for start, length, value in zip(
            batch.column("start").to_pylist(), lengths, batch.column("value"), strict=True
        ):
            if length is None:
                raise _damaged(start)
            yield start, length, value.as_py


def _lengths(column: pa.Array) -> list[int | None]:
    """The number of bytes of each value."""
    import pyarrow.compute as pc

    lengths: list[int | None] = pc.binary_length(column).to_pylist()
    return lengths


def _values(batch: pa.RecordBatch) -> Iterator[pa.Buffer]:
    """The pieces one at a time, as they are in memory."""
    for index, value in enumerate(batch.column("value")):
        if not value.is_valid:
            raise _damaged(batch.column("start")[index].as_py())
        yield value.as_buffer()


def _damaged(start: int) -> ByzerError:
    return ByzerError(f"the model table is damaged: the row with start={start} has no value")


def _spool(batches: Iterable[pa.RecordBatch], file: IO[bytes]) -> None:
    """Put each piece where it belongs in one file, for rows that come in any order."""
    total = end = 0
    for start, value in _pieces(batches):
        file.seek(start)
        file.write(value)
        total += len(value)
        end = max(end, start + len(value))
    if total != end:
        raise ByzerError(
            f"the model table is damaged: its rows hold {total} of {end} bytes",
            hint="rows are missing or doubled; was it appended to? Save it with overwrite",
        )


def _read(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from iter(partial(file.read, 1 << 20), b"")


@contextmanager
def _explained() -> Iterator[None]:
    """Errors of the archive as the user's: unsafe members, missing pieces, a full disk."""
    try:
        yield
    except tarfile.TarError as error:
        raise ByzerError(f"the model table cannot be unpacked: {error}") from None
    except OSError as error:
        raise ByzerError(f"cannot write the files of the model: {error}") from None


@cache
def _streaming_tar() -> Any:
    """``pyjava.storage.streaming_tar`` without putting ``compat`` on the runtime's own path."""
    path = Path(__file__).parents[1] / "compat" / "pyjava" / "storage" / "streaming_tar.py"
    spec = importlib.util.spec_from_file_location("pybyzer_streaming_tar", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
