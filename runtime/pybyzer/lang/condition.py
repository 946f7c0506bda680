"""The expression language of ``!assert``: ``select e as :v; ... :v > 1 and ...`` to Spark SQL.

``:name`` is a variable (a column of the table that is asked). As in the original, ``and`` and ``or``
bind equally strongly and group to the right: ``a and b or c`` is ``a and (b or c)``. Everything else is
Spark SQL: more than the original's scanner takes, the same where it takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pybyzer.errors import ParseError, SourceText, Span
from pybyzer.lang.tokenizer import tokenize
from pybyzer.lang.tokens import Kind, Token

CONNECTIVES = ("and", "or")
CASE_PARTS = ("case", "when", "then", "else", "end")
OPENING, CLOSING = "([", ")]"
DOUBLED = {"&": "and", "|": "or"}


@dataclass(frozen=True, slots=True)
class Condition:
    """``assignments`` (name, SQL) come first, in order; ``test`` is SQL for a boolean.

    ``variables`` are the names that must be given: those used before they are assigned.
    """

    assignments: tuple[tuple[str, str], ...]
    test: str
    variables: tuple[str, ...]


def parse_condition(text: str) -> Condition:
    """Read a condition. ``ParseError`` with a place in ``text``."""
    return _Reader(SourceText(text, "expression")).read()


class _Reader:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._tokens = tokenize(source)[:-1]
        self._needed: list[str] = []
        self._assigned: set[str] = set()

    def read(self) -> Condition:
        self._refuse_doubled()
        statements = [part for part in _split(self._tokens, ";") if part]
        if not statements:
            raise ParseError("an expression is missing", span=Span(self._source, 0, 0))
        assignments = [pair for part in statements[:-1] for pair in self._read_select(part)]
        if statements[-1][0].word == "select":
            raise self._error("a condition must follow the select", statements[-1][0])
        return Condition(tuple(assignments), self._sql(statements[-1]), tuple(self._needed))

    def _read_select(self, tokens: Sequence[Token]) -> list[tuple[str, str]]:
        if tokens[0].word != "select":
            raise self._error("only select ... as :name; may stand before the condition", tokens[0])
        return [self._read_assignment(part, tokens[0]) for part in _split(tokens[1:], ",")]

    def _read_assignment(self, tokens: Sequence[Token], select: Token) -> tuple[str, str]:
        if len(tokens) < 4 or tokens[-3].word != "as" or not tokens[-2].is_sign(":"):
            raise self._error(
                "a select gives each value a name: expression as :name", (tokens or [select])[-1]
            )
        sql, name = self._sql(tokens[:-3]), tokens[-1].text
        self._assigned.add(name)
        return name, sql

    def _sql(self, tokens: Sequence[Token]) -> str:
        """SQL for some tokens: segments between commas and the words of a case, connectives grouped."""
        written = ""
        segment: list[Token] = []
        for token, depth in _depths(tokens):
            if depth == 0 and (token.is_sign(",") or token.word in CASE_PARTS):
                written += f"{self._grouped(segment)} {token.text} "
                segment = []
            else:
                segment.append(token)
        return (written + self._grouped(segment)).strip()

    def _grouped(self, tokens: Sequence[Token]) -> str:
        at = _connectives(tokens)
        if not at:
            return self._plain(tokens)
        left, right = tokens[: at[0]], tokens[at[0] + 1 :]
        word, first = tokens[at[0]].word, self._plain(left)
        rest = self._grouped(right)
        if any(tokens[i].word != word for i in at[1:]):
            rest = f"({rest})"
        return f"{first} {word} {rest}"

    def _plain(self, tokens: Sequence[Token]) -> str:
        """Tokens without a connective at the top; what is in brackets is read for itself."""
        written, position = "", tokens[0].start if tokens else 0
        i = 0
        while i < len(tokens):
            token = tokens[i]
            written += self._source.text[position : token.start]
            position = token.end
            following = tokens[i + 1] if i + 1 < len(tokens) else None
            if token.is_sign(":") and following is not None and following.kind is Kind.WORD:
                written += self._variable(following)
                position, i = following.end, i + 1
            elif token.kind is Kind.SIGN and token.text in OPENING:
                close = _closing(tokens, i)
                if close is None:
                    raise self._error(f"this {token.text} is never closed", token)
                written += token.text + self._sql(tokens[i + 1 : close]) + tokens[close].text
                position, i = tokens[close].end, close
            else:
                written += token.text
            i += 1
        return written.strip()

    def _variable(self, token: Token) -> str:
        name = token.text
        if name not in self._assigned and name not in self._needed:
            self._needed.append(name)
        return f"`{name}`"

    def _refuse_doubled(self) -> None:
        for token, following in zip(self._tokens, self._tokens[1:], strict=False):
            word = DOUBLED.get(token.text)
            if word and following.is_sign(token.text) and token.end == following.start:
                raise self._error(f'there is no "{token.text * 2}" here', token, hint=f"write {word}")

    def _error(self, message: str, token: Token, hint: str | None = None) -> ParseError:
        return ParseError(message, span=Span(self._source, token.start, token.end), hint=hint)


def _depths(tokens: Sequence[Token]) -> list[tuple[Token, int]]:
    """Each token with how many brackets are open around it."""
    depth, found = 0, []
    for token in tokens:
        if token.kind is Kind.SIGN and token.text in CLOSING:
            depth -= 1
        found.append((token, depth))
        if token.kind is Kind.SIGN and token.text in OPENING:
            depth += 1
    return found


def _split(tokens: Sequence[Token], sign: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token, depth in _depths(tokens):
        if depth == 0 and token.is_sign(sign):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _connectives(tokens: Sequence[Token]) -> list[int]:
    """Where ``and`` and ``or`` stand outside brackets; not the ``and`` of a ``between``."""
    found, between = [], 0
    for i, (token, depth) in enumerate(_depths(tokens)):
        if depth:
            continue
        if token.word == "between":
            between += 1
        elif token.word == "and" and between:
            between -= 1
        elif token.word in CONNECTIVES:
            found.append(i)
    return found


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    level = 0
    for i in range(opening, len(tokens)):
        if tokens[i].kind is Kind.SIGN and tokens[i].text in OPENING:
            level += 1
        elif tokens[i].kind is Kind.SIGN and tokens[i].text in CLOSING:
            level -= 1
            if level == 0:
                return i
    return None
