"""What can go wrong, and where: one tree, written for the person who made the mistake.

::

    ByzerError                what a user can cause; anything else is our bug and keeps its traceback
    ├── ParseError            the text is not Byzer-lang (or not SQL)
    ├── UnknownName           no such format, option, command, table, function, variable
    ├── BadOption             an option is missing, misspelt or has an impossible value
    ├── Unsupported           understood, but not done here; says what to use instead
    ├── EngineError           the SQL engine refused or failed
    ├── WorkerError           user code in a Python worker failed, or the worker died
    ├── CommandError          a !command failed: a program's exit status, a file, an assertion
    ├── MissingPackage        an optional library is not installed
    ├── TooLarge              would not fit where it was asked to go
    └── Interrupted           the user pressed stop

Errors are told apart by class, never by the text of their message.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text the user wrote, and what to call it in a message ("cell", or a file's path)."""

    text: str
    name: str = "cell"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a source text: code points ``start`` (inclusive) to ``end`` (exclusive)."""

    source: SourceText
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """Column of the first character, in code points, from 1."""
        return self.start - self.source.text.rfind("\n", 0, self.start)

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of ``other``."""
        return Span(self.source, self.start, other.end)

    def inside(self, offset: int, length: int = 1) -> Span:
        """A part of this span; offsets beyond it are cut to its end."""
        start = min(self.start + offset, self.end)
        return Span(self.source, start, min(start + length, self.end))


class ByzerError(Exception):
    """The root of what a user can cause.

    ``message`` says what happened, ``span`` where, ``hint`` what to do about it, ``notes`` what led
    there (an include, a macro), outermost last. ``offset`` and ``length`` are a place in the SQL text
    that was handed to an engine, in code points, until the interpreter makes a span of them; ``option`` is
    the key of an option or directive that it points at; ``path`` is the statement's path, and
    ``partitionBy.name`` a column after partitionBy.
    """

    offset: int | None = None
    length: int = 1
    option: str | None = None

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.notes = notes

    def at(self, span: Span | None) -> Self:
        """This error, placed at ``span`` unless it already knows a place."""
        if self.span is None:
            self.span = span
        return self

    def about(self, option: str) -> Self:
        """This error, pointing at an option or another part of the statement (see ``option``)."""
        if self.option is None:
            self.option = option
        return self

    def noting(self, note: str) -> Self:
        """This error with one more line on how it came about; what runs in a circle is said once."""
        if note not in self.notes:
            self.notes = (*self.notes, note)
        return self

    def moved(self, text: str, locate: Callable[[int, int], Span | None]) -> Self:
        """This error, its place in ``text``, which was made for the user, moved to what they wrote.

        ``locate`` knows a start and an end in ``text``; None leaves the place as it is.
        """
        if self.span is not None and self.span.source.text == text:
            self.span = locate(self.span.start, self.span.end) or self.span
        return self

    def render(self) -> str:
        """The whole message: class, text, line:column with a caret, notes and hint."""
        lines = [f"{type(self).__name__}: {self.message}"]
        if self.span is not None:
            lines += _excerpt(self.span)
        lines += [f"note: {note}" for note in self.notes]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class ParseError(ByzerError):
    """The text is not Byzer-lang, or a select is not Spark SQL."""


class UnknownName(ByzerError):
    """No format, option, command, table, algorithm, function or variable of that name."""


class BadOption(ByzerError):
    """An option is missing, misspelt or has an impossible value.

    ``option`` is its key: the interpreter points at it in the user's text.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        option: str | None = None,
    ) -> None:
        super().__init__(message, span=span, hint=hint, notes=notes)
        self.option = option


class Unsupported(ByzerError):
    """Understood, but not done here. The hint says what to use instead."""


class EngineError(ByzerError):
    """The SQL engine refused or failed.

    ``offset`` and ``length`` are code points in the SQL text handed to the engine, when known; the
    interpreter turns them into a span of the user's cell.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        offset: int | None = None,
        length: int = 1,
    ) -> None:
        super().__init__(message, span=span, hint=hint, notes=notes)
        self.offset = offset
        self.length = length


class WorkerError(ByzerError):
    """User code in a Python worker failed, or the worker itself died.

    ``traceback`` is the user's own, with line numbers of their cell; empty when a process died.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        traceback: str = "",
    ) -> None:
        super().__init__(message, span=span, hint=hint, notes=notes)
        self.traceback = traceback

    def render(self) -> str:
        own = super().render()
        return f"{own}\n\n{self.traceback.rstrip()}" if self.traceback.strip() else own


class CommandError(ByzerError):
    """A ``!command`` was understood and failed: a program, a file operation, an assertion."""


class MissingPackage(ByzerError):
    """An optional library is not installed; the hint is the command that installs it."""


class TooLarge(ByzerError):
    """The data would not fit where it was asked to go."""


class Interrupted(ByzerError):
    """The user pressed stop."""


_SHOWN = 140
"""Characters of a long line that are shown around the place."""


def _excerpt(span: Span) -> list[str]:
    """The place, the line (the part around the place, if it is long) and a caret below it."""
    text = span.source.text
    begin = text.rfind("\n", 0, span.start) + 1
    stop = text.find("\n", span.start)
    stop = stop if stop >= 0 else len(text)
    first = begin if span.start - begin <= _SHOWN // 2 else span.start - _SHOWN // 2
    last = min(stop, max(first + _SHOWN, span.start + 1))
    before = ("…" if first > begin else "") + text[first : span.start]
    after = text[span.start : last].rstrip("\r")
    marked = after[: max(0, span.end - span.start)]
    number = str(span.line)
    margin = " " * len(number)
    pad = "".join("\t" if c == "\t" else " " * _columns(c) for c in before)
    return [
        f"{margin}--> {span.source.name} {number}:{span.column}",
        f"{number} | {before}{after}{'…' if last < stop else ''}",
        f"{margin} | {pad}{'^' * max(1, _columns(marked))}",
    ]


def _columns(text: str) -> int:
    """How wide a text is in a terminal: Chinese characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
