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

_lock = threading.Lock()
_users = 0
_usual = 0


@contextmanager
def deep() -> Iterator[None]:
    """Room for deep SQL while the block runs; deeper SQL is ``TooLarge``.

    The limit is Python's own and everybody's, so it is put back as soon as nobody translates.
    """
    global _users, _usual
    with _lock:
        if not _users:
            _usual = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_usual, DEEPEST))
        _users += 1
    try:
        yield
    except RecursionError:
        raise TooLarge(DEEP, hint=LESS_DEEP) from None
    finally:
        with _lock:
            _users -= 1
            if not _users:
                sys.setrecursionlimit(_usual)
