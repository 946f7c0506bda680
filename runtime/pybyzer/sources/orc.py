"""``orc``: columnar files, read and written by Arrow."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.parts import PartFormat, save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, find, place
from pybyzer.sources.tables import arrow_files, to_microseconds

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible


@SOURCES.register("orc")
class OrcSource(Source):
    """ORC files or directories of them, ``key=value`` partitions included."""

    name = "orc"
    parameters = (
        Parameter("mergeSchema", "the columns of all files, not only of the first", "false"),
        *FILE_PARAMETERS,
    )
    save_parameters = (
        Parameter(
            "compression",
            "how stripes are compressed",
            "zstd",
            choices=("zstd", "snappy", "zlib", "lz4", "none"),
        ),
        Parameter("owner", "the user below whose home the path is"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        merge = options["mergeSchema"].lower() == "true"
        return arrow_files(self.name, at, find(at, options), merge=merge)

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        codec = ctx.check(self.name, self.save_parameters, request.options)["compression"].lower()
        infix = "" if codec == "none" else f".{codec}"
        how = PartFormat(self.name, f"{infix}.orc", lambda file, schema: OrcSink(file, schema, codec))
        return save_parts(ctx, request, how)


class OrcSink:
    """An ORC file being written."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, codec: str) -> None:
        from pyarrow import orc

        self._schema = to_microseconds(schema)
        compression = "uncompressed" if codec == "none" else codec
        self._writer = orc.ORCWriter(file, compression=compression)
        self._empty = True

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        self._empty = False
        self._writer.write(pa.Table.from_batches([batch]).cast(self._schema))

    def close(self) -> None:
        if self._empty:
            self._writer.write(self._schema.empty_table())
        self._writer.close()

    def abandon(self) -> None:
        import pyarrow as pa

        with contextlib.suppress(OSError, pa.ArrowException):
            self._writer.close()
