"""Rows of an XML document as trees, read as a stream by expat. Names are as written, prefixes included.

Nothing outside of the document is ever read; entities that it declares are refused, so that a small document
cannot become a large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pybyzer.errors import TooLarge, Unsupported

DEEPEST = 150
"""Elements in elements, in a row."""


@dataclass(slots=True)
class Node:
    """An element: its texts and elements in order. ``bad``: it holds what nobody declared."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    bad: bool = False

    def text(self) -> str:
        """What is inside, as XML."""
        return "".join(
            _escaped(child) if isinstance(child, str) else child.written() for child in self.children
        )

    def written(self) -> str:
        attributes = "".join(f' {key}="{_escaped(value)}"' for key, value in self.attributes.items())
        return f"<{self.name}{attributes}>{self.text()}</{self.name}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Malformed(Exception):
    """The document ends, or is no XML, from here on; the text says why and where."""


def rows(blocks: Iterable[bytes], tag: str, *, encoding: str | None, ignore_prefix: bool) -> Iterator[Node]:
    """The elements called ``tag`` that are in no other such; ``Malformed`` in their place where that ends."""
    reader = _Reader(tag, encoding, ignore_prefix)
    for block in blocks:
        reader.feed(block)
        yield from reader.taken()
        if reader.error is not None:
            raise Malformed(reader.error)
    reader.end()
    yield from reader.taken()
    if reader.error is not None:
        raise Malformed(reader.error)


class _Reader:
    def __init__(self, tag: str, encoding: str | None, ignore_prefix: bool) -> None:
        from xml.parsers import expat

        self.error: str | None = None
        self._tag, self._ignore_prefix = tag, ignore_prefix
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._seen = False
        self._pieces: list[str] = []
        self._expat = expat
        self._parser = parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._pieces.append
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._cut
        parser.EntityDeclHandler = self._declared
        # With it, an entity that nobody declared is reported, not an error that ends the document.
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.SkippedEntityHandler = self._skipped

    def feed(self, block: bytes) -> None:
        self._parse(block, last=False)

    def end(self) -> None:
        self._parse(b"", last=True)
        if self.error is not None and not self._open and self._parser.ErrorCode in self._unfinished():
            self.error = None  # the end is missing, but no row is

    def _unfinished(self) -> tuple[int, ...]:
        codes, names = self._expat.errors.codes, self._expat.errors
        return codes[names.XML_ERROR_NO_ELEMENTS], codes[names.XML_ERROR_UNCLOSED_TOKEN]

    def _parse(self, block: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(block, last)
        except self._expat.ExpatError as error:
            place = f"line {error.lineno}, column {error.offset + 1}"
            self.error = f"{self._expat.ErrorString(error.code)} ({place})"

    def taken(self) -> list[Node]:
        done, self._done = self._done, []
        return done

    def _name(self, name: str) -> str:
        return name.rpartition(":")[2] if self._ignore_prefix else name

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        own = self._name(name)
        if not self._open:
            self._pieces.clear()
            if own != self._tag:
                return
        self._flush()
        if self._ignore_prefix:
            attributes = {self._name(key): value for key, value in attributes.items() if key[:5] != "xmlns"}
        if len(self._open) >= DEEPEST:
            raise TooLarge(f"xml: elements are nested deeper than {DEEPEST} below <{self._tag}>")
        node = Node(own, attributes)
        if self._open:
            self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, name: str) -> None:
        if not self._open:
            self._pieces.clear()
            return
        self._flush()
        node = self._open.pop()
        if not self._open:
            self._done.append(node)

    def _flush(self) -> None:
        if self._pieces:
            if self._open:
                self._open[-1].children.append("".join(self._pieces))
            self._pieces.clear()

    def _cut(self, *_: Any) -> None:
        """A comment or an instruction ends a text."""
        self._flush()

    def _declared(self, name: str, *_: Any) -> None:
        raise Unsupported(
            f'xml: the document declares the entity "{name}"',
            hint="write it out; entities are not expanded here",
        )

    def _skipped(self, name: str, parameter: bool) -> None:
        if self._open and not parameter:
            self._open[0].bad = True
