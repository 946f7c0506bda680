"""``orc``: columnar files, read and written by Arrow."""

from __future__ import annotations

import datetime
import io
from typing import IO, TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import Unsupported
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.parts import PartFormat, save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, find, place
from pybyzer.sources.tables import arrow_files, to_microseconds

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

_GREGORIAN = datetime.date(1582, 10, 15)
"""Days before it are written as the Julian calendar's by Spark's ORC library."""


@SOURCES.register("orc")
class OrcSource(Source):
    """ORC files or directories of them, ``key=value`` partitions included."""

    name = "orc"
    parameters = (
        Parameter("mergeSchema", "the columns of all files, not only of the first", "false", choices=BOOLEAN),
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
        import pyarrow as pa
        import pyarrow.compute as pc

        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        merge = options["mergeSchema"].lower() == "true"
        table = arrow_files(self.name, at, find(at, options), merge=merge)
        for field in table.schema:
            if pa.types.is_date32(field.type):
                early = pc.field(field.name) < pa.scalar(_GREGORIAN, pa.date32())
                if table.scanner([field.name], filter=early).head(1).num_rows:
                    raise _too_early(field.name, at.shown)
        return table

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        codec = ctx.check(self.name, self.save_parameters, request.options)["compression"].lower()
        infix = "" if codec == "none" else f".{codec}"
        how = PartFormat(self.name, f"{infix}.orc", lambda file, schema: OrcSink(file, schema, codec))
        return save_parts(ctx, request, how)


def _too_early(column: str, shown: str) -> Unsupported:
    return Unsupported(
        f'orc: {shown}: "{column}" has days before 1582-10-15, which ORC counts by another calendar',
        hint="parquet keeps them as they are",
    ).about("path")


class OrcSink:
    """An ORC file being written."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, codec: str) -> None:
        from pyarrow import orc

        self._schema = to_microseconds(schema)
        self._file = Calm(file)
        compression = "uncompressed" if codec == "none" else codec
        self._writer = orc.ORCWriter(self._file, compression=compression)
        self._empty = True

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self._empty = False
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if pa.types.is_date32(field.type) and pc.any(pc.less(column, _GREGORIAN)).as_py():
                raise _too_early(field.name, "the table")
        self._writer.write(pa.Table.from_batches([batch]).cast(self._schema))
        self._file.check()

    def close(self) -> None:
        if self._empty:
            self._writer.write(self._schema.empty_table())
        self._writer.close()
        self._file.check()

    def abandon(self) -> None:
        self._file.failed = self._file.failed or OSError("abandoned")
        self._writer.close()


class Calm(io.RawIOBase):
    """A file that keeps an error for ``check``: the ORC library ends the process when a write fails."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._written = file, 0
        self.failed: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Write, or after an error only pretend to."""
        size = memoryview(data).nbytes
        if self.failed is None:
            try:
                self._file.write(data)
            except OSError as error:
                self.failed = error
        self._written += size
        return size

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """The file itself is flushed when it is closed."""

    def check(self) -> None:
        """Raise the first error there was."""
        if self.failed is not None:
            raise self.failed
