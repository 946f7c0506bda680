"""The SQL of a statement: asked of the engine with its variables filled in, errors at the user's text."""

from __future__ import annotations

from collections.abc import Callable

from pybyzer.binding import bind
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.errors import ByzerError, EngineError, ParseError, UnknownName, Unsupported
from pybyzer.lang.ast import Text
from pybyzer.registry import did_you_mean
from pybyzer.templates import Filled, unfilled

SHOWN = 4000
"""Characters of filled SQL that a message shows."""
SHORTEST_SECRET = 4
"""Characters of a secret that is looked for in texts; a shorter one would be found everywhere."""


def query(ctx: Context, sql: Filled, name: str | None, text: Text, *, select: bool = False) -> None:
    """Ask the engine; its offsets become places in the user's ``text``, which ``sql`` was filled in from.

    ``name`` None runs a statement for its effect. ``select``: hidden variables cannot be bound.
    """
    bound = Filled(sql.text)
    try:
        _refuse_unfilled(ctx, sql.text)
        own = ctx.settings.dialect == "duckdb" and name is not None
        bound = bind(sql.text, _finder(ctx, select), doubled=own)
        _ask(ctx, bound.text, name, own=own)
    except (EngineError, ParseError, UnknownName, Unsupported) as error:
        conceal(ctx, error)
        if sql.text != text.value:
            shown = _shown(ctx, sql, text.value)
            error.noting(f"the SQL after filling in variables: {shown[:SHOWN]}{'…' if shown[SHOWN:] else ''}")
        if error.offset is None:
            raise error.at(text.span) from None
        start, end = sql.origin(*_span(bound.origin(error.offset, error.length)))
        raise error.at(text.span.inside(start, end - start)) from None


def _ask(ctx: Context, sql: str, name: str | None, *, own: bool) -> None:
    if not own or name is None:
        ctx.engine.query(sql, name)
        return
    ask: Callable[[str, str], None] | None = getattr(ctx.engine, "query_own", None)
    if ask is None:
        raise Unsupported(
            f'dialect "{ctx.settings.dialect}" on the engine {ctx.engine.name}',
            hint='set dialect="spark" where type="conf"',
        )
    ask(sql, name)


def _span(found: tuple[int, int]) -> tuple[int, int]:
    """Start and end as offset and length."""
    return found[0], found[1] - found[0]


# -- variables -----------------------------------------------------------------------------


def _finder(ctx: Context, select: bool) -> Callable[[str, int], str]:
    """What looks up the variable of a ``:name``; the error for an unknown one points at it."""

    def find(name: str, offset: int) -> str:
        value = ctx.variables.get(name)
        if value is not None and not (select and ctx.variables.hidden(name)):
            return value
        raise _unknown(ctx, name, offset, len(name) + 1)

    return find


def _refuse_unfilled(ctx: Context, sql: str) -> None:
    """A reference that nobody filled in is no SQL, though an engine may take it for a name."""
    left = unfilled(sql)
    if left is not None:
        raise _unknown(ctx, *left)


def _unknown(ctx: Context, name: str, offset: int, length: int) -> UnknownName:
    if ctx.variables.get(name) is None:
        error = UnknownName(f'no variable "{name}"', hint=did_you_mean(name, ctx.variables.names()))
    else:
        error = UnknownName(
            f'variable "{name}" is not visible in a select', hint='set it without visible="un_select"'
        )
    error.offset, error.length = offset, length
    return error


# -- secrets -------------------------------------------------------------------------------


def _secrets(ctx: Context) -> dict[str, str]:
    """Variables that nobody may read in a message: hidden ones, and those with a name that says so."""
    names = ctx.variables.names()
    secret = [name for name in names if ctx.variables.hidden(name) or masked(name, "x") != "x"]
    return {name: ctx.variables.get(name) or "" for name in secret}


def _shown(ctx: Context, sql: Filled, source: str) -> str:
    """The filled SQL as a message shows it: references to secrets stay as written."""
    secrets = _secrets(ctx)
    if not secrets:
        return sql.text
    parts, read = [], 0
    for begin, end, start, stop in sql.pieces:
        written = source[start:stop]
        if begin < end and any(name in written for name in secrets):
            parts += [sql.text[read:begin], written]
            read = end
    return _without("".join([*parts, sql.text[read:]]), secrets)


def conceal(ctx: Context, error: ByzerError) -> None:
    """Take secrets out of what an engine said."""
    secrets = _secrets(ctx)
    if secrets:
        error.message = _without(error.message, secrets)
        error.hint = error.hint and _without(error.hint, secrets)


def _without(text: str, secrets: dict[str, str]) -> str:
    for value in sorted(secrets.values(), key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "********")
    return text
