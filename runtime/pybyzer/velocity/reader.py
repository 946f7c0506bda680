"""Template text to nodes: plain text between references and directives. One pass, no recursion.

What looks like a directive but is none is text: ``#else`` outside of ``#if``, ``# if``, ``#[[`` that nothing
closes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from pybyzer.errors import ParseError
from pybyzer.velocity.expression import Node, Reader
from pybyzer.velocity.reference import Chain
from pybyzer.velocity.values import bad

DEEPEST = 50
"""Blocks inside one another."""


class Kind(Enum):
    """What a text is: how much of it is template."""

    TEXT = auto()
    """References, directives and ``#[[ ]]#``."""
    SQL = auto()
    """Also ``##`` comments, outside strings; nothing in a comment of SQL is a directive."""
    CODE = auto()
    """A program: references only."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``${name}``, or with steps a ``chain``, at ``start`` to ``end``."""

    start: int
    end: int
    name: str
    quiet: bool
    chain: Chain | None


@dataclass(frozen=True, slots=True)
class Verbatim:
    """``#[[ text ]]#`` (and comments, which are nothing): ``first`` to ``last`` is what stays."""

    start: int
    end: int
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Assign:
    """``#set($name = value)``"""

    start: int
    end: int
    name: str
    value: Node


@dataclass(slots=True)
class Block:
    """A directive with what belongs to it, up to its ``#end``.

    ``branches`` are conditions (None for ``#else``) and what follows each; of a loop, the only branch is
    its body and ``name`` the variable. The text itself is a block without a keyword.
    """

    keyword: str
    start: int
    line_end: int
    branches: list[Branch] = field(default_factory=list)
    name: str = ""
    end: int = 0


Branch: TypeAlias = "tuple[Node | None, int, list[Part]]"
Part: TypeAlias = Reference | Chain | Verbatim | Assign | Block

_MARK = re.compile(
    r"""
    (?P<braced>  \$!?\{ )
  | (?P<own>     \$!?(?P<name>[A-Za-z_]\w*+) )
  | \#(?P<open>  set | foreach | if | elseif )[ \t]*+\(
  | \#(?:\{(?P<formal>else|end)\} | (?P<bare>else|end)(?!\w))
  | (?P<literal> \#\[\[ )
  | (?P<comment> \#\# )
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"\$(!?)\{([^{}\s][^{}]*+)\}")
_CHAIN = re.compile(r"\$!?\{[A-Za-z_]\w*+[.\[]")
_SQL_PIECE = re.compile(
    r"""'(?:[^'\\]++|\\.)*+(?:'|\\?\Z) | "(?:[^"\\]++|\\.)*+(?:"|\\?\Z) | `[^`]*+(?:`|\Z)
    | (?P<sql> --[^\n]*+ | /\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z) ) | (?P<comment> \#\#[^\n]*+ )""",
    re.VERBOSE | re.DOTALL,
)
_IN_CODE = ("date", "template")
"""What references with steps may begin with in a program: its own braces and dots mean something else."""
_LOOP_NAMES = {"foreach", "velocityCount", "velocityHasNext"}


def read(source: str, kind: Kind) -> Block:
    """The parts of a text. ``ParseError`` with a place for a directive that is wrong or never ended."""
    return _Text(source, kind).read()


class _Text:
    def __init__(self, source: str, kind: Kind) -> None:
        self._source = source
        self._kind = kind
        self._names: set[str] = set()
        self._open: list[Block] = [Block("", 0, 0, [(None, 0, [])])]
        self._literal_end = 0
        self._no_chains: set[int] = set()
        self._comments = deque(_comments(source) if kind is Kind.SQL and "#" in source else ())
        self._methods: dict[str, Callable[[re.Match[str]], int | None]] = {
            "set": self._set,
            "foreach": self._foreach,
            "if": self._if,
            "elseif": self._elseif,
        }

    def read(self) -> Block:
        at = 0
        while (found := _MARK.search(self._source, at)) is not None:
            at = self._take(found) or found.end()
        innermost = self._open[-1]
        if innermost.keyword:
            raise bad(
                f"this #{innermost.keyword} has no #end",
                innermost.start,
                innermost.line_end - innermost.start,
                hint="a text that is no template: #[[ ... ]]#",
            )
        innermost.end = len(self._source)
        return innermost

    def _take(self, found: re.Match[str]) -> int | None:
        """Read what begins at a mark; where to go on, None when it is only text."""
        if found["braced"]:
            return self._braced(found.start())
        if self._kind is Kind.CODE:
            return None
        if found["own"]:
            return self._own(found)
        skipped = self._skipped(found.start())
        if skipped is not None:
            return skipped
        if found["open"]:
            return self._methods[found["open"]](found)
        if found["literal"]:
            return self._literal(found.start())
        word = found["formal"] or found["bare"]
        return self._close(found, word) if word else None

    def _add(self, part: Part) -> None:
        self._open[-1].branches[-1][2].append(part)

    # -- references ------------------------------------------------------------------------

    def _braced(self, start: int) -> int | None:
        plain = _NAME.match(self._source, start)
        chain = self._chain(start) if _CHAIN.match(self._source, start) else None
        if plain is None and chain is None:
            return None
        end = max(plain.end() if plain else 0, chain.end if chain else 0)
        # A brace in quotes does not end the reference.
        name = plain[2] if plain and plain.end() == end else ""
        self._add(Reference(start, end, name, self._source[start + 1] == "!", chain))
        return end

    def _chain(self, start: int) -> Chain | None:
        if start in self._no_chains:
            return None
        reader = Reader(self._source, start)
        try:
            chain = reader.chain()
        except ParseError:
            self._no_chains.update(reader.unfinished)
            return None  # braces of something else
        return chain if self._kind is not Kind.CODE or chain.name in _IN_CODE else None

    def _own(self, found: re.Match[str]) -> int | None:
        """``$name`` is a reference when this text has given the name a value; else it is text."""
        name = found["name"]
        looping = name in _LOOP_NAMES and any(block.keyword == "foreach" for block in self._open)
        if name not in self._names and not looping:
            return None
        # In SQL, [0] after a name is an item of the column that the name stands for.
        chain = Reader(self._source, found.start()).chain(indexes=False)
        self._add(chain)
        return chain.end

    # -- directives ------------------------------------------------------------------------

    def _set(self, found: re.Match[str]) -> int:
        reader = Reader(self._source, found.end())
        name, _ = reader.name("$name = value")
        reader.expect("=", "after the name")
        value = reader.expression()
        start, end = self._line(found.start(), reader.expect(")", "at the end of #set"))
        self._names.add(name)
        self._add(Assign(start, end, name, value))
        return end

    def _foreach(self, found: re.Match[str]) -> int:
        reader = Reader(self._source, found.end())
        name, _ = reader.name("$name in values")
        reader.expect("in", "after the name")
        values = reader.expression()
        return self._begin(found, reader.expect(")", "at the end of #foreach"), values, name)

    def _if(self, found: re.Match[str]) -> int:
        reader = Reader(self._source, found.end())
        condition = reader.expression()
        return self._begin(found, reader.expect(")", "at the end of #if"), condition, "")

    def _begin(self, found: re.Match[str], after: int, node: Node, name: str) -> int:
        if len(self._open) > DEEPEST:
            raise bad("this is nested too deep", found.start(), after - found.start())
        start, end = self._line(found.start(), after)
        block = Block(found["open"], start, after, [(node, end, [])], name)
        self._add(block)
        self._open.append(block)
        if name:
            self._names.add(name)
        return end

    def _elseif(self, found: re.Match[str]) -> int | None:
        block = self._open[-1]
        if block.keyword != "if":
            return None
        self._after_else(block, found)
        reader = Reader(self._source, found.end())
        condition = reader.expression()
        return self._branch(found.start(), reader.expect(")", "at the end of #elseif"), condition)

    def _close(self, found: re.Match[str], word: str) -> int | None:
        block = self._open[-1]
        if word == "else":
            if block.keyword != "if":
                return None
            self._after_else(block, found)
            return self._branch(found.start(), found.end(), None)
        if not block.keyword:
            return None
        start, end = self._line(found.start(), found.end())
        self._add(Verbatim(start, end))
        self._open.pop()
        block.end = end
        return end

    def _branch(self, start: int, after: int, condition: Node | None) -> int:
        begin, end = self._line(start, after)
        self._add(Verbatim(begin, end))
        self._open[-1].branches.append((condition, end, []))
        return end

    def _after_else(self, block: Block, found: re.Match[str]) -> None:
        if block.branches[-1][0] is None:
            raise bad("nothing can follow #else but #end", found.start(), len(found[0]))

    def _literal(self, start: int) -> int | None:
        if self._literal_end >= 0:
            self._literal_end = self._source.find("]]#", start)
        if self._literal_end < 0:
            return None
        end = self._literal_end + 3
        self._add(Verbatim(start, end, start + 3, end - 3))
        return end

    # -- what is around them ---------------------------------------------------------------

    def _line(self, start: int, end: int) -> tuple[int, int]:
        """A directive alone on its line goes with the whole line."""
        before = start
        while before > 0 and self._source[before - 1] in " \t":
            before -= 1
        after = _BLANK.match(self._source, end)
        assert after is not None
        if (before == 0 or self._source[before - 1] == "\n") and after[1]:
            return max(before, self._read()), after.end()
        return start, end

    def _read(self) -> int:
        """How far the text has been read into parts."""
        _, first, parts = self._open[-1].branches[-1]
        last = parts[-1] if parts else None
        return last.end if last is not None else first

    def _skipped(self, start: int) -> int | None:
        """Where a comment that ``start`` lies in ends; ``##`` itself becomes nothing."""
        while self._comments and self._comments[0][1] <= start:
            self._comments.popleft()
        if not self._comments or not self._comments[0][0] <= start:
            return None
        first, last, ours = self._comments[0]
        if ours:
            begin, end = self._line(first, last)
            self._add(Verbatim(begin, end))
            return end
        return last


_BLANK = re.compile(r"[ \t]*+(\r?\n|\Z)?+")


def _comments(source: str) -> list[tuple[int, int, bool]]:
    """The comments of an SQL text: start, end, and whether it is one of ours (``##``)."""
    return [
        (found.start(), found.end(), found["comment"] is not None)
        for found in _SQL_PIECE.finditer(source)
        if found["sql"] or found["comment"]
    ]
