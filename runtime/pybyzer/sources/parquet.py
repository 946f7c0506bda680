"""``parquet``: columns with their types; the fastest format to read back."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.engines.base import Scan
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.parts import PartFormat, save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, find, place
from pybyzer.sources.tables import arrow_files, plain_parquet, to_microseconds

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

ROW_GROUP = 1 << 20
"""Rows of a row group, at most."""
ROW_GROUP_BYTES = 128 << 20
"""Bytes of a row group, about; readers hold several at once, so rows of large values get smaller ones."""
LARGE_ROW = 16 << 10
LARGE_GROUP_BYTES = 16 << 20
_CODECS = ("snappy", "none", "uncompressed", "gzip", "zstd", "lz4", "brotli")


@SOURCES.register("parquet")
class ParquetSource(Source):
    """Parquet files or directories of them, ``key=value`` partitions included."""

    name = "parquet"
    parameters = (
        Parameter("mergeSchema", "the columns of all files, not only of the first", "false", choices=BOOLEAN),
        *FILE_PARAMETERS,
    )

    save_parameters = (
        Parameter("compression", "how pages are compressed", "snappy", choices=_CODECS),
        Parameter("owner", "the user below whose home the path is"),
        Parameter("implClass", "accepted for old scripts; without effect"),
    )

    def scan(self, ctx: Context, request: LoadRequest) -> Scan | None:
        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = find(at, options)
        if not at.local or any(file.partition for file in files):
            return None
        schema = plain_parquet(files)
        return None if schema is None else Scan(self.name, tuple(file.path for file in files), schema=schema)

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        merge = options["mergeSchema"].lower() == "true"
        return arrow_files(self.name, at, find(at, options), merge=merge)

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        codec = options["compression"].lower().replace("uncompressed", "none")
        infix = "" if codec == "none" else f".{codec.replace('gzip', 'gz')}"
        return save_parts(
            ctx,
            request,
            PartFormat(self.name, f"{infix}.parquet", lambda file, schema: ParquetSink(file, schema, codec)),
        )


def _dictionary_columns(schema: pa.Schema) -> bool | list[str]:
    """The columns worth a dictionary: pictures and pieces of models repeat nothing, and trying is slow."""
    from pyarrow import types

    binary = [f.name for f in schema if types.is_binary(f.type) or types.is_large_binary(f.type)]
    # Columns inside others have paths of their own; such tables are left to Arrow.
    if not binary or any(types.is_nested(field.type) for field in schema):
        return True
    return [field.name for field in schema if field.name not in binary]


class ParquetSink:
    """A Parquet file being written, a row group at a time."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, codec: str) -> None:
        import pyarrow.parquet as pq

        self._schema = to_microseconds(schema)
        dictionary = _dictionary_columns(self._schema)
        self._writer = pq.ParquetWriter(
            file, self._schema, compression=codec, use_dictionary=dictionary, write_statistics=dictionary
        )
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        large = self._bytes > self._rows * LARGE_ROW
        if self._rows >= ROW_GROUP or self._bytes >= (LARGE_GROUP_BYTES if large else ROW_GROUP_BYTES):
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        import pyarrow as pa

        self._waiting = []
        with contextlib.suppress(OSError, pa.ArrowException):
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            table = pa.Table.from_batches(self._waiting).cast(self._schema)
            self._writer.write_table(table, row_group_size=ROW_GROUP)
        self._waiting, self._rows, self._bytes = [], 0, 0
