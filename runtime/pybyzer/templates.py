"""``${name}`` in a text becomes the text of that name. One pass: what is filled in is not read again.

``$!{name}`` is the quiet form: nothing instead of an unknown name. ``$name`` without braces is left alone:
in regular expressions, JSON paths and shell scripts it means something else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from pybyzer.errors import TooLarge

Find = Callable[[str], str | None]
"""A name to its text; None for a name nobody knows."""

MOST_CHARACTERS = 64 * 1024 * 1024
"""A filled text longer than this is a mistake (variables that double one another)."""

_REFERENCE = re.compile(r"\$(!?)\{([^{}\s][^{}]*)\}")


_IN_SQL = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$\{([^{}\s][^{}]*)\}""", re.DOTALL
)
"""What a reference may stand in without meaning anything (strings, names, comments), or a reference."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled text that knows where its characters came from.

    ``pieces`` are the references that were replaced: where the new text begins and ends, where the
    reference stood.
    """

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def origin(self, offset: int, length: int = 1) -> tuple[int, int]:
        """Start and end, in the text before filling in, of what a piece of the filled text came from."""
        first, last = self._before(offset), self._before(offset + max(length, 1) - 1)
        return first[0], max(first[1], last[1])

    def _before(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if at < 0:
            return offset, offset + 1
        _, end, old_start, old_end = self.pieces[at]
        if offset < end:
            return old_start, old_end
        return offset - end + old_end, offset - end + old_end + 1


def fill(text: str, find: Find) -> Filled:
    """The text with its references filled in; unknown names stay as written."""
    if "{" not in text:
        return Filled(text)
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    read = written = 0
    for found in _REFERENCE.finditer(text):
        value = find(found[2])
        if value is None:
            if not found[1]:
                continue
            value = ""
        begin = written + found.start() - read
        parts += [text[read : found.start()], value]
        read, written = found.end(), begin + len(value)
        pieces.append((begin, written, found.start(), found.end()))
        if written > MOST_CHARACTERS:
            raise TooLarge(
                f"the text with its variables filled in is longer than {MOST_CHARACTERS} characters",
                hint=f"the last one filled in is ${{{found[2]}}}",
            )
    return Filled("".join([*parts, text[read:]]), tuple(pieces))


def references(text: str) -> set[str]:
    """The names a text refers to; the quiet form needs nothing and does not count."""
    if "{" not in text:
        return set()
    return {found[2] for found in _REFERENCE.finditer(text) if not found[1]}


def unfilled(sql: str) -> tuple[str, int, int] | None:
    """Name, offset and length of the first reference left in SQL, where it is not just text."""
    if "${" not in sql:
        return None
    found = next((found for found in _IN_SQL.finditer(sql) if found[1]), None)
    return None if found is None else (found[1], found.start(), len(found[0]))
