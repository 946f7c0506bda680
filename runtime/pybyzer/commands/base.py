"""A ``!command``: words in, at most one table out. A new command is a class in this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pybyzer.context import Context
from pybyzer.errors import Span
from pybyzer.lang.ast import Quote
from pybyzer.registry import Registry


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of a command, templates filled (unless written without quotes)."""

    value: str
    span: Span
    quote: Quote = Quote.NONE


class Command:
    """A command. ``usage`` is its one-line synopsis, shown by ``!show commands`` and in errors."""

    name: ClassVar[str]
    usage: ClassVar[str]
    description: ClassVar[str] = ""

    def run(self, ctx: Context, arguments: tuple[Argument, ...], span: Span) -> str | None:
        """Do it. Returns the name of the result table (see ``ctx.result``), None for no result."""
        raise NotImplementedError


COMMANDS: Registry[type[Command]] = Registry("command", "pybyzer.commands")
