"""The SQL of a statement: asked of the engine with its variables filled in, errors at the user's text."""

from __future__ import annotations

from pybyzer.context import Context
from pybyzer.errors import EngineError, ParseError, UnknownName, Unsupported
from pybyzer.lang.ast import Text
from pybyzer.registry import did_you_mean
from pybyzer.templates import Filled, unfilled


def query(ctx: Context, sql: Filled, name: str | None, text: Text) -> None:
    """Ask the engine; its offsets become places in the user's ``text``, which ``sql`` was filled in from.

    ``name`` None runs a statement for its effect.
    """
    try:
        _refuse_unfilled(ctx, sql.text)
        ctx.engine.query(sql.text, name)
    except (EngineError, ParseError, UnknownName, Unsupported) as error:
        if sql.text != text.value:
            error.noting(f"the SQL after filling in variables: {sql.text}")
        if error.offset is None:
            raise error.at(text.span) from None
        start, end = sql.origin(error.offset, error.length)
        raise error.at(text.span.inside(start, end - start)) from None


def _refuse_unfilled(ctx: Context, sql: str) -> None:
    """A reference that nobody filled in is no SQL, though an engine may take it for a name."""
    left = unfilled(sql)
    if left is None:
        return
    name, offset, length = left
    if ctx.variables.get(name) is None:
        error = UnknownName(f'no variable "{name}"', hint=did_you_mean(name, ctx.variables.names()))
    else:
        error = UnknownName(
            f'variable "{name}" is not visible in a select', hint='set it without visible="un_select"'
        )
    error.offset, error.length = offset, length
    raise error
