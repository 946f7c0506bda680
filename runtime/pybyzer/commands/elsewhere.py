"""Commands whose work belongs to a cluster or a service: refused by name, with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from pybyzer.commands.base import COMMANDS, Arguments, Command
from pybyzer.context import Context
from pybyzer.errors import Span, Unsupported

STREAMS = "there are no streams here"
PYTHON_ENV = (
    "environments are made outside of the session",
    'python -m venv /path; then !python env "PYTHON_ENV=source /path/bin/activate"',
)

ELSEWHERE = {
    "byzerllm": ("no language model is served here", "call the model's HTTP interface from a #%python cell"),
    "callback": (STREAMS, "load what there is now; cron can start: pybyzer run notebook"),
    "connectPersist": (
        "connections last as long as the session",
        "put the connect statements into a file and include it; passwords as env:NAME",
    ),
    "createPythonEnv": PYTHON_ENV,
    "createPythonEnvFromFile": PYTHON_ENV,
    "iterator": (STREAMS, "load what there is now"),
    "kafkaTool": ("Kafka cannot be reached", "read the topic in a #%python cell with a client library"),
    "removePythonEnv": PYTHON_ENV,
    "removePythonEnvFromFile": PYTHON_ENV,
    "resource": (
        "there is no cluster whose workers could be added",
        'threads and memory_limit are settings: set memory_limit="8GB" in pybyzer.toml; !show resource',
    ),
    "scheduler": (
        "nothing runs on its own here",
        "cron or another scheduler of the machine starts: pybyzer run notebook",
    ),
    "simpleAuth": (
        "a session belongs to one user, with the rights of their account",
        "give and take rights to files and databases where these are kept",
    ),
    "streamPersist": (STREAMS, "cron can start: pybyzer run notebook"),
    "visualize": (
        "charts are drawn in Python",
        'in a cell that begins with #%ipython: table("t").df().plot()',
    ),
    "withWartermark": (STREAMS, "select by the time column"),
}
"""What is missing, and what to do instead."""


class ElsewhereCommand(Command):
    """Known, and not done here."""

    instead: ClassVar[str]

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        raise Unsupported(f"!{self.name}: {self.description}", span=span, hint=self.instead)


def _declare(name: str, why: str, instead: str) -> None:
    fields = {"name": name, "usage": f"!{name}", "description": why, "instead": instead}
    COMMANDS.register(name)(type(f"{name[0].upper()}{name[1:]}Command", (ElsewhereCommand,), fields))


for _name, (_why, _instead) in ELSEWHERE.items():
    _declare(_name, _why, _instead)
_declare("llm", *ELSEWHERE["byzerllm"])
