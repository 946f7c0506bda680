"""Whether a cell is finished: what a console asks before it runs what was typed."""

from __future__ import annotations

from typing import Literal

from pybyzer.errors import ParseError, SourceText
from pybyzer.lang.ast import Command
from pybyzer.lang.blocks import nested
from pybyzer.lang.parser import parse
from pybyzer.lang.tokenizer import tokenize

Status = Literal["complete", "incomplete", "invalid"]


def status(text: str) -> Status:
    """``complete`` when the last statement has its ``;``, ``invalid`` when nothing more can mend it."""
    if text.count("'''") % 2:
        return "incomplete"
    try:
        tokens = tokenize(SourceText(text))[:-1]
    except ParseError:
        # A string in other quotes, or a comment, is still open.
        return "incomplete"
    if not tokens:
        return "complete"
    ended = tokens[-1].is_sign(";")
    try:
        statements = parse(text)
    except ParseError as error:
        at_end = error.span is None or error.span.end >= tokens[-1].end
        return "incomplete" if at_end and not ended else "invalid"
    words = [statement.name.value for statement in statements if isinstance(statement, Command)]
    missing = words.count("if") - words.count("fi")
    try:
        nested([*statements, *parse("!fi;" * missing)])
    except ParseError:
        return "invalid"
    return "complete" if ended and missing <= 0 else "incomplete"
