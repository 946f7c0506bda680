"""``!kill``: stops what runs in another thread of the session."""

from __future__ import annotations

from pybyzer.commands.base import COMMANDS, Arguments, Command, rows
from pybyzer.context import Context
from pybyzer.errors import CommandError, Span
from pybyzer.jobs import State


@COMMANDS.register("kill")
class KillCommand(Command):
    """Says what became of a job. The session has stopped it before this runs: it runs one at a time."""

    name = "kill"
    usage = "!kill id|groupId|name   (as in !show jobs)"
    description = "stop a job of this session that another thread runs (in a notebook: the stop button)"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 1)
        name = arguments[0].value
        found = ctx.jobs.find(name)
        running = [job for job in found if job.state is State.RUNNING]
        if running:
            raise CommandError(f'"{name}" is the cell of this very command', span=arguments[0].span)
        if found and found[-1].state is State.STOPPED:
            text = f"The job {name} was stopped after {found[-1].seconds:.1f} s"
        else:
            text = f"You can not kill the job {name} cause it not exist any more"
        return rows(ctx, ("param", "description"), [[name, text]])
