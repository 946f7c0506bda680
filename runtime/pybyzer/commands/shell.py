"""``!sh``: programs of the machine, their output shown while they run."""

from __future__ import annotations

import shutil
import signal

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, column
from pybyzer.context import Context
from pybyzer.errors import CommandError, Interrupted, Span, UnknownName
from pybyzer.lang.ast import Quote
from pybyzer.processes import Output, run_program

SHELL = "/bin/bash"


@COMMANDS.register("sh")
class ShellCommand(Command):
    """``!sh program word ...`` runs a program as it is; ``!sh script '''...'''`` asks a real shell.

    The result is ``content``: the lines on stderr, then those on stdout; one row for a script. An exit
    status other than 0 is an error (the original ignores it).
    """

    name = "sh"
    usage = "!sh program argument ...   or   !sh script '''lines for the shell'''"
    description = "run a program, or a shell script; output is shown as it comes"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        if _is_script(arguments):
            return self._run_script(ctx, arguments[1])
        words = [argument.value for argument in arguments]
        if shutil.which(words[0]) is None:
            raise UnknownName(
                f'no program "{words[0]}" on this machine',
                span=arguments[0].span,
                hint=_hint(words[0]),
            )
        output = _run(ctx, words, words[0], span)
        lines = output.lines("stderr") + output.lines("stdout")
        return column(ctx, "content", lines, printed=True)

    def _run_script(self, ctx: Context, script: Argument) -> str:
        shell = SHELL if shutil.which(SHELL) else "/bin/sh"
        output = _run(ctx, [shell, "-c", script.value], "the script", script.span)
        text = output.text("stderr") + output.text("stdout")
        return column(ctx, "content", [text], printed=True)


def _is_script(arguments: Arguments) -> bool:
    return len(arguments) == 2 and arguments[0].value == "script" and arguments[1].quote is not Quote.NONE


def _hint(program: str) -> str:
    if " " in program:
        return "each word is one argument; a line for the shell is !sh script '''...'''"
    return "install it, or check PATH"


def _run(ctx: Context, words: list[str], what: str, span: Span) -> Output:
    """Run a program to its end; ``CommandError`` unless it ends with status 0.

    The message names the program only: its words may hold a password that came from a variable.
    """
    try:
        output = run_program(words, ctx.emit, ctx.on_cancel, ctx.settings.log_lines)
    except OSError as error:
        raise CommandError(f"{what} cannot be run: {error.strerror}", span=span) from None
    if output.cancelled:
        raise Interrupted(f"{what} was stopped", span=span)
    if output.status < 0:
        raise CommandError(f"{what} was killed by {signal.Signals(-output.status).name}", span=span)
    if output.status:
        last = output.last_line("stderr")
        raise CommandError(
            f"{what} ended with exit status {output.status}",
            span=span,
            notes=(f"it said: {last}",) if last else (),
        )
    return output
