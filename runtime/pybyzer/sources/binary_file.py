"""``binaryFile``: one row for each file, with its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.sources.base import SOURCES, LoadRequest, Source
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, explained, find, place
from pybyzer.sources.tables import Again, partition_columns, partition_types

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

BATCH_BYTES = 32 << 20
BATCH_FILES = 1000


@SOURCES.register("binaryFile")
class BinaryFileSource(Source):
    """Whole files: ``path, modificationTime, length, content``, ordered by path."""

    name = "binaryFile"
    parameters = FILE_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = with_content(find(at, options, may_be_empty=True))
        partitions = partition_types(files)
        schema = pa.schema(
            [
                ("path", pa.string()),
                ("modificationTime", pa.timestamp("us", tz="UTC")),
                ("length", pa.int64()),
                ("content", pa.binary()),
                *partitions.items(),
            ]
        )

        return Again(schema, lambda: _batches(at, files, schema), [file.path for file in files])


def with_content(files: Sequence[File]) -> list[File]:
    """Files that are not empty: as in Spark, an empty file gives no row."""
    return [file for file in files if file.size]


def in_chunks(files: Sequence[File]) -> Iterator[list[File]]:
    """Consecutive files, at most ``BATCH_FILES`` of about ``BATCH_BYTES`` together."""
    chunk: list[File] = []
    size = 0
    for file in files:
        if chunk and (len(chunk) >= BATCH_FILES or size + file.size > BATCH_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(file)
        size += file.size
    if chunk:
        yield chunk


def contents(at: Place, files: Sequence[File]) -> list[bytes]:
    """The bytes of files, in order."""
    with explained("read", at):
        found = at.fs.cat([file.path for file in files])
        return [bytes(found[file.path]) for file in files]


def _batches(at: Place, files: Sequence[File], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for chunk in in_chunks(files):
        data = contents(at, chunk)
        # Spark knows modification times to the millisecond.
        moments = [f.modified.replace(microsecond=f.modified.microsecond // 1000 * 1000) for f in chunk]
        columns = [
            pa.array([at.uri(file.path) for file in chunk], pa.string()),
            pa.array(moments, schema.field("modificationTime").type),
            pa.array([len(content) for content in data], pa.int64()),
            pa.array(data, pa.binary()),
            *partition_columns(chunk, schema),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
