"""The ``set`` statement: where each type of variable gets its value from."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Mapping

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption, ByzerError, CommandError, EngineError, Interrupted, TooLarge
from pybyzer.events import Event, Printed
from pybyzer.lang.ast import Set, Text
from pybyzer.processes import run_program
from pybyzer.registry import did_you_mean
from pybyzer.sql import query
from pybyzer.templates import Filled

TYPES = ("text", "defaultParam", "sql", "shell", "conf")
SCOPES = ("request", "session", "application", "un_request")
"""All the same here: a variable lives as long as the session."""
PARAMETERS = (
    Parameter("type", "where the value comes from: " + ", ".join(TYPES), "text"),
    Parameter("scope", "accepted for old scripts: a variable lives as long as the session", choices=SCOPES),
    Parameter("mode", "of type sql, accepted for old scripts", choices=("runtime", "compile")),
    Parameter("visible", "un_select keeps it out of selects", choices=("un_select", "all")),
    Parameter("defaultValue", "accepted for old scripts; without effect, as in the original"),
)

MOST_OUTPUT = 8 * 1024 * 1024
"""A script that writes more characters than this has not one value."""
_NO_LIMIT = 1 << 40


def assign(ctx: Context, statement: Set, options: Mapping[str, str]) -> None:
    """Give a variable its value, or change a setting; ``options`` are filled in."""
    checked = ctx.check("set", PARAMETERS, options)
    key, text = statement.key.value, statement.value
    hidden = checked.get("visible") == "un_select"
    match _type(checked["type"]):
        case "conf":
            _change_setting(ctx, key, text)
        case "sql":
            ctx.variables.set_plain(key, _first_value(ctx, text), hidden=hidden)
        case "shell":
            ctx.variables.set_plain(key, _said(ctx, text), hidden=hidden)
        case "defaultparam" if ctx.variables.is_set(key):
            pass
        case _:
            _set(ctx, key, text, hidden)


def _type(written: str) -> str:
    """A type in lower case. One that is unknown means text, as in the original, unless it is a slip."""
    known = [name.lower() for name in TYPES]
    hint = did_you_mean(written, TYPES)
    if written.lower() not in known and hint is not None and hint.startswith("did you mean"):
        raise BadOption(f'set has no type "{written}"', option="type", hint=hint)
    return written.lower()


def _set(ctx: Context, key: str, text: Text, hidden: bool) -> None:
    try:
        ctx.variables.set(key, text.value, hidden=hidden)
    except ByzerError as error:
        if error.offset is not None:
            error.at(text.span.inside(error.offset, error.length))
        raise


def _change_setting(ctx: Context, key: str, text: Text) -> None:
    try:
        ctx.change_settings(key, ctx.variables.fill_text(text))
    except BadOption as error:
        raise error.at(text.span) from None


def _first_value(ctx: Context, text: Text) -> str:
    """First column of the first row of a query as Spark's text; empty for no row and for NULL."""
    filled = ctx.variables.fill_sql(text)
    ended = filled.text.rstrip().rstrip(";")
    name, value_of = ctx.catalog.fresh("set"), ctx.catalog.fresh("set")
    try:
        query(ctx, Filled(ended, filled.pieces), name, text)
        columns = ", ".join(f"c{i}" for i in range(len(ctx.engine.schema(name))))
        ctx.engine.query(f"select cast(c0 as string) as v from `{name}` as t({columns}) limit 1", value_of)
        rows = ctx.engine.stream(value_of, limit=1).reader.read_all()
    except EngineError as error:
        if error.hint and name in error.hint:
            error.hint = 'type="sql" takes a select'
        raise
    finally:
        ctx.engine.drop(value_of)
        ctx.engine.drop(name)
    value = rows.column(0)[0].as_py() if rows.num_rows else None
    return "" if value is None else str(value)


def _said(ctx: Context, text: Text) -> str:
    """What a shell script writes to its standard output, without blanks around it.

    ``CommandError`` unless it ends with status 0. The message does not show the script: it may hold secrets.
    """
    script = ctx.variables.fill_text(text)
    shell = shutil.which("bash") or "/bin/sh"
    size = 0

    def watch(event: Event) -> None:
        nonlocal size
        size += len(event.text) if isinstance(event, Printed) else 0
        if size > MOST_OUTPUT:
            raise TooLarge(
                f"the script writes more than {MOST_OUTPUT} characters",
                span=text.span,
                hint="let it write into a file, and load that",
            )

    try:
        output = run_program([shell, "-c", script], watch, ctx.on_cancel, _NO_LIMIT)
    except OSError as error:
        raise CommandError(f"the shell cannot be run: {error.strerror}", span=text.span) from None
    if output.cancelled:
        raise Interrupted("the script was stopped", span=text.span)
    if output.status:
        ended = (
            f"was killed by {signal.Signals(-output.status).name}"
            if output.status < 0
            else f"ended with exit status {output.status}"
        )
        last = output.last_line("stderr")
        raise CommandError(f"the script {ended}", span=text.span, notes=(f"it said: {last}",) if last else ())
    return output.text("stdout").strip()
