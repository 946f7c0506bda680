"""What may be shown of values and statements that may hold secrets."""

from __future__ import annotations

import dataclasses
import re

from pybyzer.lang.ast import Command, Option, Options, Quote, RunPython, Set, Statement, Text
from pybyzer.lang.blocks import If
from pybyzer.lang.printer import to_text

SHOWN = 2000
"""Characters of a statement that are shown."""

_HIDDEN = "…"
_TOLD = ("show", "sh", "hdfs", "fs", "delta", "deltaTable", "profiler", "python", "plugin", "model")
"""Commands whose first word says what they do."""
_SECRET = re.compile(
    r"passw|passphrase|secret|token|credential|private.?key|api.?key|access.?key", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"//[^/@\s'\"`]+@")
_QUERY = re.compile(r"(://[^\s'\"`?]*)\?[^\s'\"`]*")


def masked(key: str, value: str) -> str:
    """A value as it may be shown: stars when the key says that it is a secret."""
    return "********" if value and _SECRET.search(key) else value


def public_text(statement: Statement) -> str:
    """The text of a statement for lists of jobs: no values of options and variables, no words of commands.

    They may hold passwords; so may Python code, and the query and user part of a URL.
    """
    match statement:
        case Command():
            told = statement.arguments[:1] if statement.name.value in _TOLD else ()
            first = [word.value for word in told if word.quote is Quote.NONE]
            more = [_HIDDEN] if len(statement.arguments) > len(first) else []
            text = " ".join([f"!{statement.name.value}", *first, *more])
        case If():
            text = f"!if {_HIDDEN} !fi"
        case RunPython():
            text = f"#%python ({len(statement.code.value.splitlines())} lines)"
        case _:
            text = to_text(_concealed(statement))
    text = _QUERY.sub(rf"\1?{_HIDDEN}", _CREDENTIALS.sub(f"//{_HIDDEN}@", text))
    return text if len(text) <= SHOWN else text[:SHOWN] + _HIDDEN


def _concealed(statement: Statement) -> Statement:
    if isinstance(statement, Set):
        statement = dataclasses.replace(statement, value=_hidden(statement.value))
    options: Options | None = getattr(statement, "options", None)
    if not options:
        return statement
    concealed = Options(tuple(Option(o.key, _hidden(o.value), o.span) for o in options))
    return dataclasses.replace(statement, options=concealed)  # type: ignore[call-arg]  # those with options


def _hidden(text: Text) -> Text:
    return Text(_HIDDEN, text.span, Quote.DOUBLE)
