"""The last result, printing, and scripts in scripts: ``!lastCommand``, ``!println``, ``!runScript``."""

from __future__ import annotations

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, again, cut_named
from pybyzer.context import Context
from pybyzer.errors import ByzerError, CommandError, Span, UnknownName
from pybyzer.events import Printed
from pybyzer.expressions import interpolate
from pybyzer.registry import did_you_mean

LAST_TABLE = "__last_table_name__"


@COMMANDS.register("lastCommand")
class LastCommandCommand(Command):
    """Gives the most recent result table a name."""

    name = "lastCommand"
    usage = "!lastCommand named table"
    description = "name the most recent result table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        rest, name = cut_named(arguments)
        if rest or name is None:
            raise self.wrong("the name of the table is missing" if not rest else "only a name goes here")
        if ctx.catalog.last is None:
            raise CommandError("no table found in previous command", span=span)
        return again(ctx, ctx.catalog.last, name, "!lastCommand")


@COMMANDS.register("lastTableName")
class LastTableNameCommand(Command):
    """Sets ``${__last_table_name__}`` to the name of the most recent result table; no result."""

    name = "lastTableName"
    usage = "!lastTableName"
    description = "set ${__last_table_name__} to the most recent result table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 0, 0)
        if ctx.catalog.last is None:
            raise CommandError("!lastTableName cannot found table", span=span)
        ctx.variables.set(LAST_TABLE, ctx.catalog.last)
        return None


@COMMANDS.register("emptyTable")
class EmptyTableCommand(Command):
    """Shows nothing, whatever came before."""

    name = "emptyTable"
    usage = "!emptyTable"
    description = "end a cell without a result"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 0, 0)
        ctx.catalog.last = None
        return None


@COMMANDS.register("println")
class PrintlnCommand(Command):
    """Prints a text in the cell (the original writes it to the engine's log); ``:{expression}`` its value."""

    name = "println"
    usage = "!println '''text'''"
    description = "print a text"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        ctx.emit(Printed(" ".join(interpolate(ctx, argument.value) for argument in arguments) + "\n"))
        return None


@COMMANDS.register("runScript")
class RunScriptCommand(Command):
    """Runs Byzer-lang text; its last table is the result."""

    name = "runScript"
    usage = "!runScript '''statements''' [named table]"
    description = "run a text as a script"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1, 1)
        return self._run(ctx, words[0].value, words[0], name)

    def _run(self, ctx: Context, text: str, word: Argument, name: str | None) -> str | None:
        """Run a text; errors point into the cell where it stands there unchanged."""
        written = word.span if word.span.text == text else None
        try:
            result = ctx.run(text)
        except ByzerError as error:
            place = f"in the script of !{self.name} in {word.span.source.name}, line {word.span.line}"
            moved = error.moved(text, lambda start, end: written and written.inside(start, end - start))
            raise moved.noting(place) from None
        if name is None:
            return result
        if result is None:
            raise CommandError(f'the script has no result that could be named "{name}"', span=word.span)
        return again(ctx, result, name, f"!{self.name}")


@COMMANDS.register("eval")
class EvalCommand(RunScriptCommand):
    """Runs the text of a variable."""

    name = "eval"
    usage = "!eval variable [named table]"
    description = "run the text of a variable as a script"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1, 1)
        text = ctx.variables.get(words[0].value)
        if text is None:
            hint = did_you_mean(words[0].value, ctx.variables.names())
            raise UnknownName(f'no variable "{words[0].value}"', span=words[0].span, hint=hint)
        return self._run(ctx, text, words[0], name)
