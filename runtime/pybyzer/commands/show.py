"""``!show``, ``!desc`` and ``!help``: what there is, told by the registries, the catalog and the jobs."""

from __future__ import annotations

import json

from pybyzer import declared, system
from pybyzer.arrow import schema_json, type_name
from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named, placed, schema
from pybyzer.context import Context
from pybyzer.declared import Rows
from pybyzer.errors import Span


@COMMANDS.register("show")
class ShowCommand(Command):
    """One path, written with blanks or slashes: ``!show et params X`` is ``!show et/params/X``."""

    name = "show"
    usage = "!show tables|jobs|et|datasources|functions|commands|conf|resource|log|version ... [named table]"
    description = "what there is: tables, jobs, formats, ETs, functions, commands, settings"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        with placed(words[0].span.to(words[-1].span) if words else span):
            make, names = system.look_up("/".join(word.value for word in words))
        with placed(_last(words[-1]) if words else span):
            found = make(ctx, *names)
        return ctx.result(found.table(), name)


def _last(word: Argument) -> Span:
    """The last name of a path."""
    start = word.value.rstrip("/").rfind("/") + 1
    return word.span.inside(start, len(word.value) - start)


@COMMANDS.register("help")
class HelpCommand(Command):
    """All commands with their synopsis."""

    name = "help"
    usage = "!help"
    description = "all commands"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 0, 0)
        return ctx.result(declared.commands(ctx).table())


@COMMANDS.register("desc")
class DescCommand(Command):
    """The columns of a table: ``col_name, data_type, comment``; ``json`` gives Spark's schema JSON."""

    name = "desc"
    usage = "!desc table [json] [named table]"
    description = "the columns of a table and their types"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1, 2)
        columns = schema(ctx, words[0])
        if len(words) == 2:
            if words[1].value != "json":
                raise self.wrong(f'"{words[1].value}" is not known here', words[1])
            text = json.dumps(schema_json(columns), ensure_ascii=False, separators=(",", ":"))
            return ctx.result(Rows(("value",), [(text,)]).table(), name)
        found = [(field.name, type_name(field.type), "") for field in columns]
        return ctx.result(Rows(("col_name", "data_type", "comment"), found).table(), name)
