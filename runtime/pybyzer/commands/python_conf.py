"""``!python conf`` and ``!python env``: what later Python cells see, until it is set again."""

from __future__ import annotations

import re

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, column, rows
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.errors import Span, Unsupported

_REFERENCE = re.compile(r":([A-Za-z_]\w*)")


@COMMANDS.register("python")
class PythonCommand(Command):
    """Settings of Python cells stay for the session; setting a key again replaces it.

    The result has all entries, ``k, v, config``; values whose key says that they are secret are masked.
    """

    name = "python"
    usage = '!python conf "key=value"   or   !python env "KEY=value"   (also: start, close)'
    description = "settings and environment of later Python cells"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        kind = arguments[0].value
        if kind in ("start", "close"):
            self.require(arguments, 1, 1)
            return column(ctx, "value", [])  # workers start and stop by themselves
        if kind not in ("conf", "env"):
            raise Unsupported(
                "!python does not run code here",
                span=arguments[0].span,
                hint="write a cell that begins with #%python; its directives name input and output",
            )
        self.require(arguments, 2)
        key, value = self._pair(ctx, arguments[1:])
        entries = ctx.python.conf if kind == "conf" else ctx.python.env
        entries[key] = value
        return rows(ctx, ("k", "v", "config"), [[k, masked(k, v), kind] for k, v in entries.items()])

    def _pair(self, ctx: Context, words: tuple[Argument, ...]) -> tuple[str, str]:
        """Key and value, cut at the first ``=``; ``:name`` of a set variable is filled in."""
        text = " ".join(word.value for word in words)
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise self.wrong(f'"{text}" is not key=value', words[0])
        return key.strip(), _REFERENCE.sub(lambda found: ctx.variables.get(found[1]) or found[0], value)
