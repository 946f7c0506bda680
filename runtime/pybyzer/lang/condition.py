"""The expression language of ``!if`` and ``!assert``: ``select e as :v; ... :v > 1 and ...`` to Spark SQL.

``:name`` is a variable (a column of the table that is asked). As in the original, ``and`` and ``or``
bind equally strongly and group to the right: ``a and b or c`` is ``a and (b or c)``. Everything else is
Spark SQL: more than the original's scanner takes, the same where it takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pybyzer.errors import ParseError, SourceText, Span
from pybyzer.lang.tokenizer import tokenize
from pybyzer.lang.tokens import Kind, Token

CONNECTIVES = ("and", "or")
CASE_PARTS = ("case", "when", "then", "else", "end")
OPENING, CLOSING = "([", ")]"
DOUBLED = {"&": "and", "|": "or"}

MOST_NESTED, MOST_ASSIGNED = 25, 40
"""Brackets in brackets, and values with a name; more is a mistake, and would be too deep for the engine."""


class Piece(NamedTuple):
    """A piece of SQL and where it was written: ``start`` to ``end`` of the expression, -1 for nowhere."""

    text: str
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL that knows where in the expression its characters came from."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def origin(self, offset: int, length: int = 1) -> tuple[int, int] | None:
        """Start and end, in the expression, of what a part of the SQL was made from."""
        at, found = 0, []
        for piece in self.pieces:
            if piece.start >= 0 and at < offset + max(length, 1) and offset < at + len(piece.text):
                found.append(piece)
            at += len(piece.text)
        return (found[0].start, found[-1].end) if found else None


@dataclass(frozen=True, slots=True)
class Condition:
    """``assignments`` (name, SQL) come first, in order; ``test`` is SQL for the value of it all.

    ``variables`` are the names that must be given (those used before they are assigned), each with the
    place of its first use.
    """

    assignments: tuple[tuple[str, Sql], ...]
    test: Sql
    variables: dict[str, tuple[int, int]] = field(default_factory=dict)

    def relation(self, source: str, columns: Sequence[str]) -> tuple[list[Piece], list[str]]:
        """SQL for a relation with these columns of ``source`` and the assigned values, and its columns."""
        pieces, names = [Piece(source)], list(columns)
        for name, sql in self.assignments:
            names = [other for other in names if other.lower() != name.lower()]
            kept = "".join(f"{quoted(other)}, " for other in names)
            begin = Piece(f"(select {kept}(")
            pieces = [begin, *sql.pieces, Piece(f") as {quoted(name)} from "), *pieces, Piece(")")]
            names.append(name)
        return pieces, names


def quoted(name: str) -> str:
    """A name as an identifier of Spark SQL."""
    return "`" + name.replace("`", "``") + "`"


def parse_condition(text: str) -> Condition:
    """Read a condition. ``ParseError`` with a place in ``text``."""
    return _Reader(SourceText(text, "expression")).read()


class _Reader:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._tokens = tokenize(source)[:-1]
        self._needed: dict[str, tuple[int, int]] = {}
        self._assigned: set[str] = set()
        self._closings = self._match_brackets()

    def read(self) -> Condition:
        self._refuse_doubled()
        statements = [part for part in self._split(0, len(self._tokens), ";") if part]
        if not statements:
            raise ParseError("an expression is missing", span=Span(self._source, 0, 0))
        assignments = [pair for part in statements[:-1] for pair in self._read_select(part)]
        if len(assignments) > MOST_ASSIGNED:
            raise ParseError(f"more than {MOST_ASSIGNED} values with a name", span=Span(self._source, 0, 1))
        first = self._tokens[statements[-1].start]
        if first.word == "select":
            raise self._error("a condition must follow the select", first)
        return Condition(tuple(assignments), self._sql(statements[-1]), dict(self._needed))

    def _read_select(self, part: range) -> list[tuple[str, Sql]]:
        select = self._tokens[part.start]
        if select.word != "select":
            raise self._error("only select ... as :name; may stand before the condition", select)
        items = self._split(part.start + 1, part.stop, ",")
        return [self._read_assignment(item, select) for item in items]

    def _read_assignment(self, part: range, select: Token) -> tuple[str, Sql]:
        tokens = self._tokens[part.start : part.stop]
        if len(tokens) < 4 or tokens[-3].word != "as" or not tokens[-2].is_sign(":"):
            raise self._error(
                "a select gives each value a name: expression as :name", (tokens or [select])[-1]
            )
        sql, name = self._sql(range(part.start, part.stop - 3)), tokens[-1].text
        self._assigned.add(name)
        return name, sql

    def _sql(self, part: range) -> Sql:
        return Sql(tuple(_trimmed(self._written(part))))

    def _written(self, part: range) -> list[Piece]:
        """SQL for some tokens: segments between commas and the words of a case, connectives grouped."""
        pieces: list[Piece] = []
        begin = part.start
        for at in self._top(part):
            token = self._tokens[at]
            if token.is_sign(",") or token.word in CASE_PARTS:
                pieces += self._grouped(range(begin, at))
                pieces += [Piece(" "), Piece(token.text, token.start, token.end), Piece(" ")]
                begin = at + 1
        return pieces + self._grouped(range(begin, part.stop))

    def _grouped(self, part: range) -> list[Piece]:
        """Tokens with ``and`` and ``or`` grouped to the right, brackets only where they change something."""
        at = self._connectives(part)
        pieces: list[Piece] = []
        begin, opened = part.start, 0
        for i, here in enumerate(at):
            token = self._tokens[here]
            pieces += _trimmed(self._plain(range(begin, here)))
            pieces += [Piece(" "), Piece(token.text, token.start, token.end), Piece(" ")]
            begin = here + 1
            # A change of the connective after this one: what follows belongs together.
            if i + 1 < len(at) and self._tokens[at[i + 1]].word != token.word:
                pieces.append(Piece("("))
                opened += 1
        last = self._plain(range(begin, part.stop))
        return pieces + (_trimmed(last) if at else last) + [Piece(")")] * opened

    def _plain(self, part: range) -> list[Piece]:
        """Tokens without a connective at the top; what is in brackets is read for itself."""
        tokens, pieces = self._tokens, []
        position = tokens[part.start].start if part else 0
        at = part.start
        while at < part.stop:
            token = tokens[at]
            pieces.append(Piece(self._source.text[position : token.start]))
            position = token.end
            following = tokens[at + 1] if at + 1 < part.stop else None
            cast = at > 0 and tokens[at - 1].is_sign(":") and tokens[at - 1].end == token.start
            if token.is_sign(":") and not cast and following and following.kind is Kind.WORD:
                pieces.append(self._variable(token, following))
                position, at = following.end, at + 1
            elif token.kind is Kind.SIGN and token.text in OPENING:
                close = self._closings[at]
                pieces.append(Piece(token.text, token.start, token.end))
                pieces += _trimmed(self._written(range(at + 1, close)))
                end = tokens[close]
                pieces.append(Piece(end.text, end.start, end.end))
                position, at = end.end, close
            else:
                pieces.append(Piece(token.text, token.start, token.end))
            at += 1
        return pieces

    def _variable(self, colon: Token, token: Token) -> Piece:
        name = token.text
        if name not in self._assigned:
            self._needed.setdefault(name, (colon.start, token.end))
        return Piece(quoted(name), colon.start, token.end)

    # -- brackets --------------------------------------------------------------------------

    def _match_brackets(self) -> dict[int, int]:
        """Where each opening bracket is closed, by their numbers among the tokens."""
        closings: dict[int, int] = {}
        waiting: list[int] = []
        for at, token in enumerate(self._tokens):
            if token.kind is not Kind.SIGN:
                continue
            if token.text in OPENING:
                waiting.append(at)
                if len(waiting) > MOST_NESTED:
                    raise self._error(f"more than {MOST_NESTED} brackets in one another", token)
            elif token.text in CLOSING:
                if not waiting or OPENING.index(self._tokens[waiting[-1]].text) != CLOSING.index(token.text):
                    raise self._error(f"this {token.text} closes nothing", token)
                closings[waiting.pop()] = at
        if waiting:
            token = self._tokens[waiting[-1]]
            raise self._error(f"this {token.text} is never closed", token)
        return closings

    def _top(self, part: range) -> Iterable[int]:
        """The numbers of the tokens outside brackets, the brackets left out."""
        at = part.start
        while at < part.stop:
            if at in self._closings:
                at = self._closings[at]
            else:
                yield at
            at += 1

    def _split(self, start: int, stop: int, sign: str) -> list[range]:
        parts, begin = [], start
        for at in self._top(range(start, stop)):
            if self._tokens[at].is_sign(sign):
                parts.append(range(begin, at))
                begin = at + 1
        return [*parts, range(begin, stop)]

    def _connectives(self, part: range) -> list[int]:
        """Where ``and`` and ``or`` stand outside brackets; not the ``and`` of a ``between``."""
        found, between = [], 0
        for at in self._top(part):
            word = self._tokens[at].word
            if word == "between":
                between += 1
            elif word == "and" and between:
                between -= 1
            elif word in CONNECTIVES:
                found.append(at)
        return found

    # -- errors ----------------------------------------------------------------------------

    def _refuse_doubled(self) -> None:
        for token, following in zip(self._tokens, self._tokens[1:], strict=False):
            word = DOUBLED.get(token.text)
            if word and following.is_sign(token.text) and token.end == following.start:
                raise self._error(f'there is no "{token.text * 2}" here', token, hint=f"write {word}")

    def _error(self, message: str, token: Token, hint: str | None = None) -> ParseError:
        return ParseError(message, span=Span(self._source, token.start, token.end), hint=hint)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Pieces without blanks at both ends."""
    found = [piece for piece in pieces if piece.text]
    while found and not found[0].text.strip():
        del found[0]
    while found and not found[-1].text.strip():
        del found[-1]
    return found
