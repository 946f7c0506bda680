"""A cell: its text, what kind of cell it is, and its directives (``#%key=value`` lines).

A directive is a whole line that starts with ``#%`` or ``--%``, blanks around it accepted. Without a ``=``
it names the kind of the cell, the last one wins; with one it is a key and a value, split at the first
``=``. Directives may stand anywhere in a cell. A line ``#%%`` is a comment: editors use it as a separator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pybyzer.errors import SourceText, Span

BYZER = "mlsql"
"""The kind of a cell without a header: Byzer-lang."""

_DIRECTIVE = re.compile(r"^[ \t]*(?P<mark>#%|--%)(?P<content>[A-Za-z_][^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_COMMENTS = re.compile(r"(?:[ \t]*(?:(?:#|--)[^\n]*)?\n)*")


@dataclass(frozen=True, slots=True)
class Directive:
    """One ``#%`` line. ``value`` is None for a line that names the kind of the cell."""

    key: str
    value: str | None
    mark: str
    span: Span


@dataclass(frozen=True, slots=True)
class Cell:
    """What the user wrote, read once. ``kind`` is as written (``python``, ``mlsql`` ...)."""

    source: SourceText
    kind: str = BYZER
    kind_span: Span | None = None
    lines: tuple[Directive, ...] = field(default=())

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def directives(self) -> Mapping[str, str]:
        """Keys and values; a repeated key counts with its last value."""
        return {line.key: line.value for line in self.lines if line.value is not None}

    def body(self, comment: str) -> str:
        """The text as a language sees it in which ``comment`` (``#%`` or ``--%``) begins a comment.

        Directive lines of the other spelling become blanks of the same length, so that lines, columns
        and offsets stay those of the cell.
        """
        text = self.text
        for line in self.lines:
            if line.mark != comment:
                span = line.span
                text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
        return text

    def at(self, key: str) -> Span | None:
        """Where a directive stands; None if the cell has none of that key."""
        found = [line.span for line in self.lines if line.key == key and line.value is not None]
        return found[-1] if found else None


def read(text: str, name: str = "cell", kinds: frozenset[str] = frozenset()) -> Cell:
    """The cell of a text.

    A kind is believed in the header (before the first line of code); further down, where such a line may
    be part of a string or of a picture drawn in comments, only if it is one of ``kinds``.
    """
    source = SourceText(text, name)
    header_ends = _header_end(text)
    lines = tuple(_directives(source))
    kinds_named = [
        line
        for line in lines
        if line.value is None and (line.span.start < header_ends or line.key.lower() in kinds)
    ]
    kept = tuple(line for line in lines if line.value is not None or line in kinds_named)
    if kinds_named:
        return Cell(source, kinds_named[-1].key, kinds_named[-1].span, kept)
    if text.lstrip().startswith("%"):
        return Cell(source, "ipython", None, kept)
    return Cell(source, BYZER, None, kept)


def _directives(source: SourceText) -> Iterator[Directive]:
    for found in _DIRECTIVE.finditer(source.text):
        span = Span(source, found.start("mark"), found.end("content"))
        key, equals, value = found["content"].partition("=")
        yield Directive(key.strip(), value.strip() if equals else None, found["mark"], span)


def _header_end(text: str) -> int:
    """Where the blank lines, comments and directives at the top of a text end."""
    found = _COMMENTS.match(text)
    end = found.end() if found else 0
    last = text[end:].lstrip()
    return len(text) if "\n" not in last and last.startswith(("#", "--")) else end
