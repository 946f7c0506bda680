"""What a template can hold: texts, numbers, lists, maps, moments; their texts, truth and order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pybyzer.dates import Moment
from pybyzer.errors import ParseError, TooLarge

MOST_CHARACTERS = 64 * 1024 * 1024
"""A text longer than this is a mistake (variables that double one another)."""
MOST_PIECES = 500_000
"""What a list may be made of to become a text."""
MOST_DIGITS = 2**63
"""Numbers are 64 bits wide."""


@dataclass(slots=True)
class Loop:
    """``$foreach``: where a loop is. ``index`` counts from 0."""

    index: int
    size: int
    parent: Loop | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """``$template``: the texts of variables with ``{0}``, ``{1}`` filled in; ``find`` knows the variables."""

    find: Callable[[str], Value]


Value: TypeAlias = (
    "str | int | float | bool | list[Value] | range | dict[str, Value] | Moment | Loop | Texts | None"
)
"""None is a name that nobody set."""


def bad(message: str, start: int, length: int = 1, hint: str | None = None) -> ParseError:
    """A ``ParseError`` at a place in the template's text."""
    error = ParseError(message, hint=hint)
    error.offset, error.length = start, max(1, length)
    return error


def too_large(what: str, hint: str | None = None) -> TooLarge:
    """The error for a text that grows without end."""
    return TooLarge(f"{what} is longer than {MOST_CHARACTERS} characters", hint=hint)


def checked(text: str) -> str:
    """The text; ``TooLarge`` beyond the limit."""
    if len(text) > MOST_CHARACTERS:
        raise too_large("a text of a template")
    return text


def kind(value: Value) -> str:
    """What a value is called in messages."""
    names = {
        bool: "boolean",
        str: "text",
        int: "number",
        float: "number",
        list: "list",
        range: "list",
        dict: "map",
        Moment: "date",
        Loop: "loop",
        Texts: "template",
    }
    return names.get(type(value), "nothing")


def text(value: Value) -> str:
    """A value as it is written into a text, as Java would."""
    if isinstance(value, str):
        return value
    parts = _Parts()
    parts.write(value)
    return "".join(parts.parts)


class _Parts:
    """The text of a list, counted while it is written: lists may hold each other many times over."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._size = 0

    def write(self, value: Value) -> None:
        match value:
            case list() | range():
                self._add("[")
                for i, item in enumerate(value):
                    self._add(", " if i else "")
                    self.write(item)
                self._add("]")
            case dict():
                self._add("{")
                for i, (key, item) in enumerate(value.items()):
                    self._add(f"{', ' if i else ''}{key}=")
                    self.write(item)
                self._add("}")
            case str():
                self._add(value)
            case _:
                self._add(_plain(value))

    def _add(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MOST_CHARACTERS:
            raise too_large("a list as text")
        if len(self.parts) > MOST_PIECES:
            raise TooLarge(f"a list as text has more than {MOST_PIECES} pieces")
        self.parts.append(piece)


def _plain(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return repr(value).replace("e+", "E").replace("e", "E")
        case Moment():
            return value.text()
        case None:
            return "null"
        case Loop() | Texts():
            return kind(value)
        case _:
            return str(value)


def true(value: Value) -> bool:
    """Whether a value counts as true: not nothing, ``false`` (also as text), 0, or empty."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "false")
    return bool(value) if isinstance(value, bool | int | float | list | range | dict) else value is not None


def number(value: Value) -> int | float | None:
    """A number, or a text that is one (variables are texts); None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= 40 and value.isascii():
        for make in (int, float):
            try:
                found = make(value)
            except ValueError:
                continue
            return found if value[-1:].isdigit() and "_" not in value else None
    return None


def equal(a: Value, b: Value) -> bool:
    """Equality; a text equals what is written like it, a number the text of it."""
    if isinstance(a, int | float) or isinstance(b, int | float):
        one, other = number(a), number(b)
        if one is not None and other is not None:
            return one == other
    if type(a) is type(b) or a is None or b is None:
        return a == b
    return text(a) == text(b)


def ordered(a: Value, b: Value) -> int | None:
    """Less than 0, 0 or more; None when they cannot be compared. Two texts as numbers if both are."""
    one, other = number(a), number(b)
    if one is not None and other is not None:
        return (one > other) - (one < other)
    if isinstance(a, str) and isinstance(b, str):
        return (a > b) - (a < b)
    if isinstance(a, Moment) and isinstance(b, Moment):
        return (a.at > b.at) - (a.at < b.at)
    return None
