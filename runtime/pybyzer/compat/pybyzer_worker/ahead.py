"""The next items of an iterator while this one is used: reading and writing at the same time."""

from __future__ import annotations

import queue
import threading
from typing import Iterable, Iterator, TypeVar

T = TypeVar("T")
DEPTH = 2
"""Items that wait."""
PATIENCE = 0.1


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, made in another thread. Closing this closes that thread; errors come through."""
    waiting: queue.Queue[tuple[bool, T | None, BaseException | None]] = queue.Queue(DEPTH)
    stopped = threading.Event()

    def put(there: bool, item: T | None, error: BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                waiting.put((there, item, error), timeout=PATIENCE)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(True, item, None):
                    return
        except BaseException as error:
            put(False, None, error)
        else:
            put(False, None, None)

    thread = threading.Thread(target=make, name="pybyzer-ahead", daemon=True)
    thread.start()
    try:
        while True:
            there, item, error = waiting.get()
            if error is not None:
                raise error
            if not there:
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
