"""What a cell leaves running in its process: a function over batches, called from SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    import pyarrow as pa

_offered: Optional[Callable[[pa.RecordBatch], pa.RecordBatch]] = None


def offer(function: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
    """Answer the session's calls with this function; user exceptions may pass through it."""
    global _offered
    _offered = function


def call(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The answer to one call."""
    if _offered is None:
        raise RuntimeError("the code offered no function; it must call UDFBuilder.build")
    return _offered(batch)
