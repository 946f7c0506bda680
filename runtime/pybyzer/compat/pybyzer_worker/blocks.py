"""Rows, one by one or by the million, in blocks that fit in memory."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Mapping, Sequence

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_ROWS = 16384
BLOCK_BYTES = 16 << 20
HANDFUL = 512
"""Rows taken before their weight is looked at, at most."""


def blocks(rows: Iterable[Any]) -> Iterator[List[Any]]:
    """Rows in lists of bounded length and size; a few of each handful are weighed."""
    iterator = iter(rows)
    while True:
        block: List[Any] = []
        size, step = 0, 1
        while len(block) < BLOCK_ROWS and size < BLOCK_BYTES:
            more = list(itertools.islice(iterator, step))
            if not more:
                break
            block += more
            sample = more[:: max(1, len(more) // 8)]
            each = sum(map(_weight, sample)) // len(sample) + 1
            size += each * len(more)
            left = min(HANDFUL, BLOCK_ROWS - len(block), (BLOCK_BYTES - size) // each)
            step = max(1, min(2 * len(block), left))
        if not block:
            return
        yield block


def batches(
    rows: Iterable[Any], convert: Callable[[Sequence[Any], int], pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Rows as record batches; ``convert`` is told the number of each block's first row."""
    first = 0
    for block in blocks(rows):
        yield convert(block, first)
        first += len(block)


def _weight(row: Any) -> int:
    """Bytes of the large values of a row, roughly."""
    if not isinstance(row, Mapping):
        return 0
    return sum(
        getattr(v, "nbytes", 0) or (len(v) if isinstance(v, (bytes, bytearray, str, list, tuple)) else 0)
        for v in row.values()
    )
