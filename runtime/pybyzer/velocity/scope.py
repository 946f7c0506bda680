"""The names a template sees while it is filled in: its own before those outside."""

from __future__ import annotations

from collections.abc import Callable

from pybyzer.errors import TooLarge
from pybyzer.velocity.values import Loop, Value

Find = Callable[[str], Value]
"""A name to its value; None for a name nobody knows."""

MOST_TURNS = 100_000
"""Turns of all loops of one text."""


class Lacking(Exception):
    """A directive needs a name that nobody has set (it may be set later)."""

    def __init__(self, name: str, start: int, length: int) -> None:
        super().__init__(name)
        self.name = name
        self.start, self.length = start, length


class Scope:
    """``own`` are the names that ``#set`` and ``#foreach`` gave.

    ``missing`` are names whose references stay as written, ``lacking`` those that expressions
    lacked, with start and length.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self.own: dict[str, Value] = {}
        self.loop: Loop | None = None
        self.missing: set[str] = set()
        self.lacking: dict[str, tuple[int, int]] = {}
        self._turns = 0

    def look_up(self, name: str) -> Value:
        """The value of a name; None if there is none."""
        if name in self.own:
            return self.own[name]
        if self.loop is not None:
            match name:
                case "foreach":
                    return self.loop
                case "velocityCount":
                    return self.loop.index + 1
                case "velocityHasNext":
                    return self.loop.index + 1 < self.loop.size
        return self._find(name)

    def turn(self, place: int) -> None:
        """Count a turn of a loop."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            error = TooLarge(f"the loops of this text go round more than {MOST_TURNS} times")
            error.offset = place
            raise error
