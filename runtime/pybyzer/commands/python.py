"""``!python`` and ``!ray``: settings of Python cells, and Python code in a command."""

from __future__ import annotations

import re

from pybyzer.catalog import COMMAND_TABLE
from pybyzer.commands.base import (
    COMMANDS,
    Argument,
    Arguments,
    Command,
    column,
    cut_named,
    placed,
    rows,
    schema,
)
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.errors import Span
from pybyzer.lang.ast import Quote
from pybyzer.python import PythonCell, included_code

_REFERENCE = re.compile(r":([A-Za-z_]\w*)")


@COMMANDS.register("python")
class PythonCommand(Command):
    """Settings of Python cells stay for the session; setting a key again replaces it.

    The result of ``conf`` and ``env`` has all entries, ``k, v, config``; values whose key says that they
    are secret are masked. Code runs as a ``#%python`` cell does, each time with names of its own.
    """

    name = "python"
    usage = "!python conf|env \"key=value\" | start | close | [on table] '''code''' [named result]"
    description = "settings and environment of Python cells; run Python code, over a table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        first = arguments[0]
        if first.quote is not Quote.NONE or first.value == "on" or first.value.startswith("py."):
            return _run_code(self, ctx, arguments)
        if first.value in ("start", "close"):
            self.require(arguments, 1, 1)
            return column(ctx, "value", [])  # workers start and stop by themselves
        if first.value not in ("conf", "env"):
            raise self.wrong(f'"{first.value}" is not conf, env, start, close, on or code in quotes', first)
        self.require(arguments, 2)
        key, value = self._pair(ctx, arguments[1:])
        entries = ctx.python.conf if first.value == "conf" else ctx.python.env
        entries[key] = value
        return rows(ctx, ("k", "v", "config"), [[k, masked(k, v), first.value] for k, v in entries.items()])

    def _pair(self, ctx: Context, words: tuple[Argument, ...]) -> tuple[str, str]:
        """Key and value, cut at the first ``=``; ``:name`` of a set variable is filled in."""
        text = " ".join(word.value for word in words)
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise self.wrong(f'"{text}" is not key=value', words[0])
        return key.strip(), _REFERENCE.sub(lambda found: ctx.variables.get(found[1]) or found[0], value)


@COMMANDS.register("ray")
class RayCommand(Command):
    """The same as ``!python on``; Ray starts when the code asks for it."""

    name = "ray"
    usage = "!ray on table '''code''' [named result]"
    description = "run Python code over a table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 3)
        if arguments[0].value != "on":
            raise self.wrong(f'"{arguments[0].value}" should be on', arguments[0])
        return _run_code(self, ctx, arguments)


def _run_code(command: Command, ctx: Context, arguments: Arguments) -> str | None:
    """``[on table] code [named result]``; the code may be ``py.name`` of a ``!pyInclude`` table."""
    words, name = cut_named(arguments)
    table = COMMAND_TABLE
    if words[0].value == "on" and words[0].quote is Quote.NONE:
        command.require(words, 3, 3)
        schema(ctx, words[1])
        table, words = words[1].value, words[2:]
    command.require(words, 1, 1)
    (code,) = words
    output = name or ctx.catalog.fresh()
    with placed(code.span):
        text = included_code(ctx, code.value)
        if text is code.value:
            text = "\n" * (code.span.line - 1) + text  # lines of a traceback are those of the cell
        cell = PythonCell(text, (table,), filename=code.span.source.name)
        built = cell.run(ctx, output)
    ctx.named(output, f"!{command.name}", (table,), temporary=name is None)
    return output if built or name else None
