"""``:name`` in SQL becomes the text of that variable as a string literal: a value, never SQL.

A ``:`` is a variable only where a value can begin (after an operator, a comma, an opening bracket or a word
like ``where``) and when a name follows it directly. So ``a:b`` paths, ``::`` casts, ``struct<a:int>``,
strings and comments stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pybyzer.errors import ParseError, SourceText
from pybyzer.lang.tokenizer import tokenize
from pybyzer.lang.tokens import Kind, Token
from pybyzer.templates import Filled

BEFORE_VALUES = frozenset(
    {"select", "distinct", "all", "where", "and", "or", "not", "in", "like", "ilike", "rlike", "regexp"}
    | {"when", "then", "else", "case", "on", "having", "by", "limit", "offset", "is", "values", "interval"}
    | {"between", "escape", "div", "percent", "similar", "to"}
)
"""Words after which a value can begin."""

_LIKELY = re.compile(r"(?<![:\w]):[A-Za-z_]")


def bind(sql: str, value: Callable[[str, int], str], *, doubled: bool = False) -> Filled:
    """The SQL with its variables as literals. ``value(name, offset)`` gives a variable's text or raises.

    Quotes in a text are escaped with a backslash as in Spark, or ``doubled``.
    """
    if _LIKELY.search(sql) is None:
        return Filled(sql)
    try:
        tokens = tokenize(SourceText(sql))
    except ParseError:
        return Filled(sql)  # whoever reads the SQL next says what is wrong with it
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    read = written = 0
    for at in range(1, len(tokens) - 1):
        if not _is_variable(tokens, at, slices=doubled):
            continue
        start, end = tokens[at].start, tokens[at + 1].end
        literal = _literal(value(tokens[at + 1].text, start), doubled=doubled)
        begin = written + start - read
        parts += [sql[read:start], literal]
        read, written = end, begin + len(literal)
        pieces.append((begin, written, start, end))
    return Filled("".join([*parts, sql[read:]]), tuple(pieces))


def _is_variable(tokens: Sequence[Token], at: int, *, slices: bool) -> bool:
    """Whether the token there is the ``:`` of a variable; ``slices``: ``a[:n]`` is none."""
    before, colon, name = tokens[at - 1], tokens[at], tokens[at + 1]
    if not colon.is_sign(":") or name.kind is not Kind.WORD or name.start != colon.end:
        return False
    if name.text[0].isdigit():
        return False
    apart = before.end < colon.start
    match before.kind:
        case Kind.WORD:
            return apart and before.word in BEFORE_VALUES
        case Kind.SIGN:
            if before.text == ":":
                return apart
            return before.text not in ")]}" and not (slices and before.text == "[")
        case _:
            return False


def _literal(text: str, *, doubled: bool) -> str:
    if doubled:
        return "'" + text.replace("'", "''") + "'"
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
