"""Tables between the engine and workers: Arrow files in shared memory (or, large ones, on disk).

Written once, mapped by all who read. Nothing is pickled and no row is looped over; only for a Python
without pyarrow are rows written as JSON. The rows of a result are read from its files batch by batch, and
each file is gone once it has been read.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import Stream
from pybyzer.compat.pybyzer_worker import blocks, columns, jsonrows, spool, stored
from pybyzer.errors import TooLarge
from pybyzer.workers.base import NOTHING

if TYPE_CHECKING:
    import pyarrow as pa

SHARED = "/dev/shm"
PREFIX = "pybyzer-spool-"


class Spool:
    """The directories that hold a session's tables while they are on their way."""

    def __init__(self) -> None:
        self._roots: list[str] = []
        self._count = itertools.count(1)

    def directories(self) -> list[str]:
        """Places for the tables of one cell: in shared memory first, then on disk (made when needed)."""
        number = str(next(self._count))
        found = [os.path.join(root, number) for root in self.roots()]
        for path in found[:-1]:
            os.mkdir(path, 0o700)
        return found

    def roots(self) -> list[str]:
        """What has to be removed when the session is gone."""
        if not self._roots:
            parents = [SHARED] if os.access(SHARED, os.W_OK) else []
            for parent in [*parents, tempfile.gettempdir()]:
                _sweep(parent)
                self._roots.append(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
        return list(self._roots)

    def close(self) -> None:
        """Remove everything."""
        for root in self._roots:
            shutil.rmtree(root, ignore_errors=True)
        self._roots.clear()


def send(
    stream: Stream, directories: list[str], stem: str, arrow: bool, between: Callable[[], None]
) -> dict[str, Any]:
    """Write a table into files; what a worker needs to read it. ``between`` is called after each batch."""
    table = {"names": stream.schema.names, "partitions": stream.partitions, "cuts": list(stream.cuts)}
    if stream.files and arrow:
        stream.reader.close()
        files = [dict(file) for file in stream.files]
        return {**table, "schema": spool.encode(stream.schema), "files": files}
    try:
        if not arrow:
            path = os.path.join(spool.place(directories), f"{stem}.jsonl")
            files = [{"path": path, "batches": [jsonrows.dump(_rows(stream, between), path)]}]
            return {**table, "files": files}
        with spool.Writer(directories, stem) as writer:
            for batch in stream.reader:
                writer.write(batch)
                between()
    except OSError as error:
        raise TooLarge(
            f"no room for a table on its way to a worker: {error}",
            hint=f"free space in {directories[-1]}, or pass fewer columns and rows",
        ) from None
    return {**table, "schema": spool.encode(stream.schema), "files": writer.files}


def _rows(stream: Stream, between: Callable[[], None]) -> Iterator[dict[str, Any]]:
    for batch in stream.reader:
        yield from batch.to_pylist()
        between()


def receive(
    result: dict[str, Any], declared: pa.Schema | None, done: Callable[[], None], place: str = ""
) -> Stream:
    """The rows a worker wrote, as a stream that reads them from its files. ``done`` is called at the end.

    A directory stays in its file, which moves to ``place``.
    """
    import pyarrow as pa

    if "schema" not in result:
        return _receive_rows(result["files"], declared, done)
    schema = spool.decode(result["schema"]) if result["schema"] else declared
    final = _nothing() if schema is None else _without_nulls(schema)
    if not result.get("built", True):
        final = final.with_metadata(NOTHING)
    files = result["files"]
    if files and all(stored.is_stored(file["path"]) for file in files):
        kept = Kept(files, place)
        done()
        return Stream(final, kept(), again=kept, files=kept.stored, keep=kept)

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for file in files:
                for batch in spool.read(spool.cut([file], 1)[0]):
                    yield columns.cast(batch, final)
                _unlink(file["path"])
        finally:
            done()

    return Stream(final, pa.RecordBatchReader.from_batches(final, batches()), max(1, result.get("parts", 1)))


class Kept:
    """A directory table in its file: opened as often as one likes, gone with the last who knows it."""

    def __init__(self, files: list[spool.File], place: str) -> None:
        self.stored: list[spool.File] = []
        for file in files:
            # A name that is free: replacing a file makes some file systems write out what comes.
            path = os.path.join(place, f"kept-{uuid.uuid4()}{stored.SUFFIX}")
            os.rename(file["path"], path)
            self.stored.append(dict(file, path=path))
            weakref.finalize(self, _forget, path).atexit = False

    def __call__(self) -> pa.RecordBatchReader:
        """The rows, read now."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(stored.schema(), self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield from spool.read(spool.cut(self.stored, 1)[0])


def _receive_rows(files: list[spool.File], declared: pa.Schema | None, done: Callable[[], None]) -> Stream:
    """Rows of JSON, converted here because the worker has no Arrow."""
    import pyarrow as pa

    rows = (row for file in files for row in jsonrows.load(file["path"]))
    found = list(blocks.batches(rows, columns.converter(declared)))
    done()
    schema = declared
    if schema is None:
        schema = found[0].schema if found else _nothing()
        for batch in found:
            schema = columns.widened(schema, batch.schema)
        schema = _without_nulls(schema) if found else schema
    table = pa.Table.from_batches([columns.cast(batch, schema) for batch in found], schema)
    return Stream(schema, table.to_reader())


def _nothing() -> pa.Schema:
    """The schema of what was never built."""
    import pyarrow as pa

    return pa.schema([("value", pa.string())], metadata=NOTHING)


def _without_nulls(schema: pa.Schema) -> pa.Schema:
    """A column of which nothing is known but nulls is text."""
    import pyarrow as pa

    return pa.schema([field.with_type(_known(field.type)) for field in schema])


def _known(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa
    from pyarrow import types

    if types.is_null(kind):
        return pa.string()
    if types.is_list(kind):
        return pa.list_(_known(kind.value_type))
    if types.is_struct(kind):
        return pa.struct([field.with_type(_known(field.type)) for field in kind])
    return kind


def _sweep(parent: str) -> None:
    """Remove what processes that are gone have left behind."""
    for name in os.listdir(parent):
        if not name.startswith(PREFIX):
            continue
        owner = name[len(PREFIX) :].partition("-")[0]
        if owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
            shutil.rmtree(os.path.join(parent, name), ignore_errors=True)


def _forget(path: str) -> None:
    """Remove a large file; nobody waits for that."""
    threading.Thread(target=_unlink, args=(path,), name="pybyzer-forget", daemon=True).start()


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # the session was closed meanwhile
        os.unlink(path)
