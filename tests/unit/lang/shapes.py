"""Statements without their places, so that two of them can be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pybyzer.errors import ParseError
from pybyzer.lang.ast import Statement
from pybyzer.lang.parser import parse


def shape(value: object) -> object:
    """A value with every span left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if f.name != "span"]
        return (type(value).__name__, *(shape(getattr(value, name)) for name in fields))
    if isinstance(value, tuple):
        return tuple(shape(item) for item in value)
    return value


def only(text: str) -> Statement:
    """The one statement of a text."""
    statements = parse(text)
    assert len(statements) == 1
    return statements[0]


def kinds(statements: Sequence[Statement]) -> list[str]:
    """The statements' kinds, in order."""
    return [type(statement).__name__ for statement in statements]


def failure(text: str) -> ParseError:
    """The error a text must give."""
    try:
        found = parse(text)
    except ParseError as error:
        return error
    raise AssertionError(f"parsed as {kinds(found)}")
