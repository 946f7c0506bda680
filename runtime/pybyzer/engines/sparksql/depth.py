"""Deep SQL: programs write chains of hundreds of conditions, which Python's usual limit would refuse."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pybyzer.errors import TooLarge

DEEPEST = 25_000
"""Python calls in one another while SQL is read and translated."""

DEEP = "this SQL is nested too deeply"
LESS_DEEP = "split it into several selects, or write a chain of conditions as in (...)"


class _Room:
    """Python's limit while somebody translates: it is everybody's, so the last one puts it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = self._usual = 0

    def enter(self) -> None:
        with self._lock:
            if not self._users:
                self._usual = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._usual, DEEPEST))
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setrecursionlimit(self._usual)


_room = _Room()


@contextmanager
def deep() -> Iterator[None]:
    """Room for deep SQL while the block runs; deeper SQL is ``TooLarge``."""
    _room.enter()
    try:
        yield
    except RecursionError:
        raise TooLarge(DEEP, hint=LESS_DEEP) from None
    finally:
        _room.leave()
