"""``${name}`` in a text becomes the text of that name. One pass: what is filled in is not read again.

``$!{name}`` is the quiet form: nothing instead of an unknown name. ``$name`` without braces is left alone:
in regular expressions, JSON paths and shell scripts it means something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pybyzer.errors import TooLarge

Find = Callable[[str], str | None]
"""A name to its text; None for a name nobody knows."""

MOST_CHARACTERS = 64 * 1024 * 1024
"""A filled text longer than this is a mistake (variables that double one another)."""

_REFERENCE = re.compile(r"\$(!?)\{([^{}\s][^{}]*)\}")


def fill(text: str, find: Find) -> str:
    """The text with its references filled in; unknown names stay as written."""
    if "{" not in text:
        return text
    length = 0

    def value(found: re.Match[str]) -> str:
        nonlocal length
        text = find(found[2])
        if text is None:
            return "" if found[1] else found[0]
        length += len(text)
        if length > MOST_CHARACTERS:
            raise TooLarge(
                f"the text with its variables filled in is longer than {MOST_CHARACTERS} characters",
                hint=f"the last one filled in is ${{{found[2]}}}",
            )
        return text

    return _REFERENCE.sub(value, text)


def references(text: str) -> set[str]:
    """The names a text refers to; the quiet form needs nothing and does not count."""
    if "{" not in text:
        return set()
    return {found[2] for found in _REFERENCE.finditer(text) if not found[1]}
