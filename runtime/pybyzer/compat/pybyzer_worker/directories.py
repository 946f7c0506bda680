"""A directory on its way: out of a cell in large pieces of its tar stream, into one batch by batch."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, Optional, Sequence

from pyjava.storage import streaming_tar

from pybyzer_worker import rows, spool, stored
from pybyzer_worker.ahead import ahead

if TYPE_CHECKING:
    import pyarrow as pa


def untouched(items: Any, schema: Optional[pa.Schema]) -> bool:
    """Whether these are the rows of a directory, none of them read yet."""
    fits = schema is None or schema.equals(stored.schema())
    return isinstance(items, streaming_tar.Rows) and not items.begun and fits


def pack(path: str, directories: Sequence[str], stem: str) -> Dict[str, Any]:
    """A directory as one file of rows, on the disk because models are large."""
    os.makedirs(directories[-1], mode=0o700, exist_ok=True)
    target = os.path.join(directories[-1], stem + stored.SUFFIX)
    try:
        files = [stored.write(streaming_tar.chunks(path, stored.GROUP), target)]
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)
        raise
    return {"schema": spool.encode(stored.schema()), "files": files}


def contents(batches: Iterable[pa.RecordBatch]) -> Iterator[Any]:
    """The bytes of a directory table, a batch at a time, not copied. Rows out of place are errors."""
    number = position = 0
    for batch in ahead(batches):
        found = _content(batch, position)
        if found is None:
            yield from streaming_tar.checked(rows.as_rows(batch), number, position)
            found = b""
            position += sum(len(value) for value in batch.column("value").to_pylist())
        yield found
        number += batch.num_rows
        position += len(found)


def _content(batch: pa.RecordBatch, position: int) -> Optional[memoryview]:
    """The joined values of a batch as they are in memory; None when the rows need a closer look."""
    import pyarrow as pa

    count, value = batch.num_rows, batch.column("value")
    if not count or not batch.schema.equals(stored.schema()) or any(c.null_count for c in batch.columns):
        return None
    offsets = pa.Array.from_buffers(pa.int32(), count + 1, [None, value.buffers()[1]], offset=value.offset)
    bounds = offsets.to_pylist()
    starts = [position + bound - bounds[0] for bound in bounds]
    lengths = [bounds[i + 1] - bounds[i] for i in range(count)]
    if batch.column("start").to_pylist() != starts[:-1] or batch.column("offset").to_pylist() != lengths:
        return None
    return memoryview(value.buffers()[2])[bounds[0] : bounds[-1]]
