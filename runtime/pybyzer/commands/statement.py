"""Commands that stand for a statement: its text, its run, and its errors at the command's own words."""

from __future__ import annotations

from collections.abc import Mapping

from pybyzer.commands.base import Argument
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, Span


def literal(text: str, quote: str = '"') -> str:
    """A text as a string of Byzer-lang; with a back quote, as a name or path."""
    if quote == "`":
        return "`" + text.replace("`", "``") + "`"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'''" not in text and not text.startswith("+") and not text.endswith("'"):
        return f"'''{text}'''"
    raise BadOption("a text with both \" and ''' in it cannot be handed on by a command")


def stand_in(ctx: Context, statement: str, places: Mapping[str, Argument], span: Span) -> str | None:
    """Run the statement a command stands for; the name of its result.

    ``places`` are the words behind the statement's options: errors about an option point at its word,
    all others at ``span``.
    """
    try:
        return ctx.run(statement)
    except ByzerError as error:
        word = places.get(error.option or "")
        error.span = word.span if word else span
        raise
