"""Tokens: the words, strings and signs of a cell, each with its place."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from pybyzer.lang.ast import Quote

STATEMENTS = frozenset(
    {"load", "save", "select", "with", "insert", "create", "drop", "refresh", "set", "connect", "train"}
    | {"run", "predict", "register", "unregister", "include"}
)
"""Words that begin a statement."""

MODES = ("overwrite", "append", "errorifexists", "ignore")
"""What a save may do when there is something already."""

RESERVED = frozenset(
    (STATEMENTS - {"with"})
    | {"as", "into", "options", "where", "partitionby", "overwrite", "append", "ignore", "and"}
)
"""Words that are no names unless they stand in back quotes."""


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    """Letters, digits and underscores; it may begin with a digit."""
    STRING = auto()
    """In single or double quotes, or three single quotes."""
    BACK = auto()
    """In back quotes."""
    COMMAND = auto()
    """``!name``"""
    SIGN = auto()
    """Any other single character."""
    END = auto()
    """After the last token."""


class Token(NamedTuple):
    """A token at ``start`` to ``end``. ``text`` is as written, with the quotes that ``quote`` names."""

    kind: Kind
    text: str
    start: int
    end: int
    quote: Quote = Quote.NONE

    @property
    def word(self) -> str:
        """The word in lower case, for keywords; empty for anything but a word."""
        return self.text.lower() if self.kind is Kind.WORD else ""

    @property
    def content(self) -> str:
        """The text without its quotes; a doubled back quote is one."""
        inner = self.text[len(self.quote.value) : len(self.text) - len(self.quote.value)]
        return inner.replace("``", "`") if self.quote is Quote.BACK else inner

    def is_sign(self, sign: str) -> bool:
        """Whether this is that character."""
        return self.kind is Kind.SIGN and self.text == sign
