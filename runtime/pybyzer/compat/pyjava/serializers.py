"""Arrow streams on files and sockets, under the names the original gave them."""

from __future__ import annotations

import struct
from typing import Any, Iterable, Iterator


def read_int(stream: Any) -> int:
    """A big-endian 32-bit integer; ``EOFError`` at the end."""
    data = stream.read(4)
    if not data:
        raise EOFError
    return int(struct.unpack("!i", data)[0])


def write_int(value: int, stream: Any) -> None:
    """Write a big-endian 32-bit integer."""
    stream.write(struct.pack("!i", value))


class ArrowStreamSerializer:
    """Record batches to an Arrow stream, and back."""

    def dump_stream(self, iterator: Iterable[Any], stream: Any) -> None:
        """Write batches of one schema."""
        import pyarrow as pa

        writer = None
        try:
            for batch in iterator:
                if writer is None:
                    writer = pa.ipc.new_stream(stream, batch.schema)
                writer.write_batch(batch)
        finally:
            if writer is not None:
                writer.close()

    def load_stream(self, stream: Any) -> Iterator[Any]:
        """Read batches."""
        import pyarrow as pa

        yield from pa.ipc.open_stream(stream)

    def __repr__(self) -> str:
        return type(self).__name__


class ArrowStreamPandasSerializer(ArrowStreamSerializer):
    """Lists of pandas Series to an Arrow stream, and back."""

    def __init__(self, timezone: str = "", safecheck: bool = True, assign_cols_by_name: bool = True) -> None:
        self._timezone = timezone
        self._safe = safecheck

    def dump_stream(self, iterator: Iterable[Any], stream: Any) -> None:
        """Write blocks of Series."""
        super().dump_stream((self._batch(block) for block in iterator), stream)

    def load_stream(self, stream: Any) -> Iterator[Any]:
        """Read blocks of Series."""
        for batch in super().load_stream(stream):
            frame = batch.to_pandas()
            yield [frame[name] for name in frame.columns]

    def _batch(self, block: Any) -> Any:
        import pyarrow as pa

        series = block if isinstance(block, (list, tuple)) else [block]
        arrays = [pa.Array.from_pandas(each, safe=self._safe) for each in series]
        return pa.RecordBatch.from_arrays(arrays, ["_%d" % i for i in range(len(arrays))])
