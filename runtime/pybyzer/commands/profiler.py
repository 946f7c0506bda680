"""``!profiler``: a query as it is, the settings, the plan of a query, the profile of a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named, schema
from pybyzer.commands.statement import literal, stand_in
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.declared import Rows
from pybyzer.errors import ByzerError, Span, Unsupported


@COMMANDS.register("profiler")
class ProfilerCommand(Command):
    """``explain`` shows the engine's own SQL and its plan; ``table`` is the ET DataSummary."""

    name = "profiler"
    usage = "!profiler sql '''query''' | explain table|'''query''' [true] | table t | conf   [named x]"
    description = "run a query, explain it, summarise a table's columns, list the settings"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1)
        match words[0].value:
            case "sql":
                self.require(words, 2, 2)
                return self._query(ctx, words[1], name)
            case "explain":
                self.require(words, 2, 3)
                return self._explain(ctx, words[1], words[2] if len(words) > 2 else None, name)
            case "table":
                self.require(words, 2, 2)
                return _summary(ctx, words[1], name)
            case "conf":
                self.require(words, 1, 1)
                return _conf(ctx, name)
        raise self.wrong(f'"{words[0].value}" is not sql, explain, table or conf', words[0])

    def _query(self, ctx: Context, word: Argument, name: str | None) -> str:
        chosen = name or ctx.catalog.fresh()
        try:
            ctx.engine.query(word.value.rstrip().rstrip(";"), chosen)
        except ByzerError as error:
            raise _inside(error, word) from None
        return ctx.named(chosen, "!profiler", temporary=name is None)

    def _explain(self, ctx: Context, word: Argument, extended: Argument | None, name: str | None) -> str:
        if extended is not None and extended.value.lower() not in ("true", "false"):
            raise self.wrong(f'"{extended.value}" is not true or false', extended)
        explain: Callable[..., dict[str, str]] | None = getattr(ctx.engine, "explain", None)
        if explain is None:
            raise Unsupported(f"the engine {ctx.engine.name} does not explain its plans")
        whole = extended is not None and extended.value.lower() == "true"
        query = word.value.strip().rstrip(";")
        if len(query.split()) == 1:
            schema(ctx, Argument(query, word.span))
        try:
            found = explain(query, extended=whole)
        except ByzerError as error:
            raise _inside(error, word) from None
        lines = [("doc", found["plan"]), ("sql", found["sql"])]
        return ctx.result(Rows(("name", "info"), lines).table(), name)


def _inside(error: ByzerError, word: Argument) -> ByzerError:
    """An error with an offset in the query, at that place in the word."""
    if error.offset is None:
        return error.at(word.span)
    return error.at(word.span.inside(error.offset, error.length))


def _summary(ctx: Context, word: Argument, name: str | None) -> str | None:
    schema(ctx, word)
    output = f" as {literal(name, '`')}" if name else ""
    return stand_in(ctx, f"run {literal(word.value, '`')} as DataSummary.``{output};", {}, word.span)


def _conf(ctx: Context, name: str | None) -> str:
    own = [(f.name, str(getattr(ctx.settings, f.name))) for f in dataclasses.fields(ctx.settings)]
    found = [(k, masked(k, v)) for k, v in (*own, *ctx.settings.conf.items()) if k != "conf"]
    return ctx.result(Rows(("name", "value"), found).table(), name)
