"""Commands on whole tables: ``!cache``, ``!tableRepartition``, ``!saveFile``, ``!columns``, ``!profiler``."""

from __future__ import annotations

import dataclasses
import os

from pybyzer.commands.base import COMMANDS, Arguments, Command, again, backquoted, cut_named, schema
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.errors import BadOption, CommandError, Span, Unsupported
from pybyzer.registry import did_you_mean

LIFETIMES = ("script", "session", "application")


@COMMANDS.register("cache")
class CacheCommand(Command):
    """Computes a table now and keeps its rows, however often it is used.

    Every lifetime is the session's here. Without it, tables are computed when they are used.
    """

    name = "cache"
    usage = "!cache table script|session|application"
    description = "compute a table once and keep its rows"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2, 2)
        table, lifetime = arguments
        if lifetime.value.lower() not in LIFETIMES:
            raise self.wrong(f'"{lifetime.value}" is no lifetime', lifetime)
        schema(ctx, table)
        stream = ctx.engine.stream(table.value)
        ctx.engine.ingest(table.value, stream.reader, partitions=stream.partitions)
        return ctx.named(table.value, "!cache", (table.value,))


@COMMANDS.register("uncache", "unCache")
class UncacheCommand(Command):
    """Accepted for the scripts that have it: the engine frees the rows when nothing uses them."""

    name = "uncache"
    usage = "!uncache table"
    description = "says that kept rows are not needed any more; nothing has to happen"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 2)
        schema(ctx, arguments[0])
        return ctx.named(arguments[0].value, "!uncache", (arguments[0].value,))


@COMMANDS.register("tableRepartition")
class TableRepartitionCommand(Command):
    """The same rows in another number of partitions."""

    name = "tableRepartition"
    usage = "!tableRepartition _ -i table -num 3 -o result"
    description = "lay a table out in a number of partitions"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        named = self.keyed(arguments, {"i": "a table", "num": "a number", "o": "a name"})
        missing = [key for key in ("i", "num", "o") if key not in named]
        if missing:
            raise self.wrong(f"-{missing[0]} is missing")
        number = named["num"]
        if not number.isdigit() or int(number) < 1:
            raise self.wrong(f'-num must be a whole number from 1, not "{number}"')
        word = next(a for a in arguments if a.value == named["i"])
        schema(ctx, word)
        return again(ctx, named["i"], named["o"], "!tableRepartition", int(number))


@COMMANDS.register("saveFile")
class SaveFileCommand(Command):
    """Writes the first binary column of the first row as one file."""

    name = "saveFile"
    usage = "!saveFile _ -i table -o /path"
    description = "write binary content of a table's first row as a file"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        named = self.keyed(arguments, {"i": "a table", "o": "a path"})
        if "i" not in named or "o" not in named:
            raise self.wrong("-i and -o are needed")
        word = next(a for a in arguments if a.value == named["i"])
        columns = schema(ctx, word)
        binary = [f.name for f in columns if pa.types.is_binary(f.type) or pa.types.is_large_binary(f.type)]
        if not binary:
            raise CommandError(f'"{named["i"]}" has no binary column', span=word.span)
        found = ctx.engine.stream(named["i"], limit=1).reader.read_all()
        value = found.column(binary[0])[0].as_py() if found.num_rows else None
        if value is None:
            raise CommandError(f'"{named["i"]}" has no content in its first row', span=word.span)
        _write(ctx.resolve(named["o"]), value, span)
        return None


@COMMANDS.register("columns")
class ColumnsCommand(Command):
    """Drops columns: the table is replaced by one without them."""

    name = "columns"
    usage = '!columns remove "column,column" from table   (or `drop`)'
    description = "drop columns of a table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 4, 4)
        action, fields, preposition, table = arguments
        if action.value not in ("remove", "drop"):
            raise self.wrong(f'"{action.value}" is not remove or drop', action)
        if preposition.value != "from":
            raise self.wrong(f'"{preposition.value}" should be from', preposition)
        names = schema(ctx, table).names
        wanted = [name.strip() for name in fields.value.split(",") if name.strip()]
        for name in wanted:
            if name.lower() not in [other.lower() for other in names]:
                raise BadOption(
                    f'"{table.value}" has no column "{name}"',
                    span=fields.span,
                    hint=did_you_mean(name, names),
                )
        kept = [name for name in names if name.lower() not in [w.lower() for w in wanted]]
        if not kept:
            raise self.wrong("a table needs at least one column", fields)
        chosen = ", ".join(backquoted(name) for name in kept)
        ctx.engine.query(f"select {chosen} from {backquoted(table.value)}", table.value)
        return ctx.named(table.value, "!columns", (table.value,))


@COMMANDS.register("profiler")
class ProfilerCommand(Command):
    """``sql`` runs a query as it is; ``conf`` lists the settings of the engine."""

    name = "profiler"
    usage = "!profiler sql '''query'''   or   !profiler conf   [named table]"
    description = "run a query, or list the engine's settings"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        words, name = cut_named(arguments)
        self.require(words, 1, 2)
        kind = words[0].value
        if kind == "sql":
            self.require(words, 2, 2)
            chosen = name or ctx.catalog.fresh()
            ctx.engine.query(words[1].value.rstrip().rstrip(";"), chosen)
            return ctx.named(chosen, "!profiler", temporary=name is None)
        if kind == "conf":
            self.require(words, 1, 1)
            own = [(f.name, str(getattr(ctx.settings, f.name))) for f in dataclasses.fields(ctx.settings)]
            found = [(k, masked(k, v)) for k, v in (*own, *ctx.settings.conf.items()) if k != "conf"]
            columns = {"name": [k for k, _ in found], "value": [v for _, v in found]}
            return ctx.result(pa.table(columns), name)
        if kind == "explain":
            raise Unsupported("!profiler explain is not offered", span=words[0].span)
        raise self.wrong(f'"{kind}" is not sql or conf', words[0])


def _write(path: str, content: bytes, span: Span) -> None:
    """Write a file whole or not at all."""
    import fsspec

    try:
        if "://" in path:
            with fsspec.open(path, "wb") as file:
                file.write(content)
            return
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        unfinished = f"{path}.unfinished"
        with open(unfinished, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", span=span) from None
