"""Work of ours that takes long stops when the user says so."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pybyzer.context import Context
from pybyzer.errors import Interrupted

T = TypeVar("T")


def until_cancelled(ctx: Context, items: Iterable[T]) -> Iterator[T]:
    """The items, until the session is cancelled: then ``Interrupted``."""
    stopped = threading.Event()
    stop = stopped.set
    ctx.on_cancel.append(stop)
    try:
        for item in items:
            if stopped.is_set():
                raise Interrupted("interrupted", span=ctx.span)
            yield item
    finally:
        ctx.on_cancel.remove(stop)
