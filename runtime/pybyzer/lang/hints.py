"""What to do about a syntax error: the closest keyword, missing quotes, a sign that only looks right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from pybyzer.lang.tokens import RESERVED, STATEMENTS, Kind, Token

_LOOKALIKES = {"；": ";", "，": ",", "“": '"', "”": '"', "‘": "'", "’": "'", "。": ".", "＝": "=", "！": "!"}
_PYTHON = ("import", "from", "def", "class", "print", "for", "if", "return", "async")
_COMMANDS = ("show", "desc", "sh", "hdfs", "fs", "println", "python", "plugin", "assert", "kill", "cache")
_BARE = re.compile(r"[^\s;]+")


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """``did you mean "load"?`` when a keyword is close; two letters are close to everything."""
    if len(word) <= 2:
        return None
    close = difflib.get_close_matches(word.lower(), list(candidates), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else None


def for_statement(token: Token, after: Token) -> str:
    """For a token that begins no statement, and the one after it."""
    if token.text in _LOOKALIKES:
        return lookalike(token)
    if token.kind is Kind.SIGN and token.text in "#/":
        return "comments are written -- like this"
    if token.is_sign("!"):
        return "a command's name follows its ! directly: !show tables"
    if token.is_sign("%"):
        return "magics run in cells that begin with #%ipython"
    if token.word in _COMMANDS and after.kind is Kind.WORD:
        return f"commands begin with !: !{token.text}"
    if token.word in _PYTHON or (after.kind is Kind.SIGN and after.text in "=.([,"):
        return "Python runs in cells that begin with #%python"
    return (
        closest(token.text, STATEMENTS) or "statements begin with " + ", ".join(sorted(STATEMENTS)) + " or !"
    )


def for_name(token: Token) -> str | None:
    """For a token where a name was expected."""
    if token.word in RESERVED:
        return f"{token.text} is a keyword; as a name it stands in back quotes: `{token.text}`"
    if token.kind is Kind.STRING:
        return f"names stand in back quotes: `{token.content}`"
    if token.kind is Kind.SIGN and token.text in "-/.~":
        return "paths and names with such characters stand in back quotes"
    return lookalike(token)


def lookalike(token: Token) -> str:
    """For a sign of another keyboard that looks like the right one; else nothing."""
    right = _LOOKALIKES.get(token.text)
    return f"{token.text} is not {right}" if right else ""


def quoted(text: str, start: int, key: str = "") -> str:
    """How to write the bare value at ``start`` in quotes."""
    found = _BARE.match(text, start)
    value = found[0].strip("\"'`,") if found else ""
    return f'values stand in quotes: {key + "=" if key else ""}"{value or "value"}"'
