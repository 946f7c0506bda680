"""Commands on whole tables: ``!cache``, ``!tableRepartition``, ``!saveFile``, ``!columns``."""

from __future__ import annotations

import os
from typing import Any

from pybyzer.commands.base import COMMANDS, Arguments, Command, again, backquoted, schema
from pybyzer.context import Context
from pybyzer.errors import BadOption, CommandError, Span
from pybyzer.registry import did_you_mean
from pybyzer.stores import storage

LIFETIMES = ("script", "session", "application")
CACHED = "!cache"


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
            raise self.wrong(
                f'"{lifetime.value}" is no lifetime', lifetime, hint="one of " + ", ".join(LIFETIMES)
            )
        schema(ctx, table)
        if not _is_cached(ctx, table.value):
            # What the table was is kept beside it, for !uncache.
            ctx.engine.query(f"select * from {backquoted(table.value)}", _lazy(table.value))
            ctx.named(_lazy(table.value), temporary=True)
        stream = ctx.engine.stream(table.value)
        ctx.engine.ingest(table.value, stream.reader, partitions=stream.layout)
        return ctx.named(table.value, CACHED, (table.value,))


@COMMANDS.register("uncache", "unCache")
class UncacheCommand(Command):
    """The table is again what it was before ``!cache``; its rows go when nothing else needs them."""

    name = "uncache"
    usage = "!uncache table"
    description = "let go of the kept rows of a table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 2)
        (table, *_) = arguments
        schema(ctx, table)
        if _is_cached(ctx, table.value):
            ctx.engine.query(f"select * from {backquoted(_lazy(table.value))}", table.value)
        ctx.engine.drop(_lazy(table.value))
        ctx.catalog.remove(_lazy(table.value))
        return ctx.named(table.value, "!uncache", (table.value,))


def _lazy(table: str) -> str:
    return f"__before_cache_{table}"


def _is_cached(ctx: Context, table: str) -> bool:
    """Whether a table is what ``!cache`` made of it; it may have been defined anew since."""
    return table in ctx.catalog and ctx.catalog.get(table).origin == CACHED and _lazy(table) in ctx.catalog


@COMMANDS.register("tableRepartition")
class TableRepartitionCommand(Command):
    """The same rows in another number of partitions."""

    name = "tableRepartition"
    usage = "!tableRepartition _ -i table -num 3 -o result"
    description = "lay a table out in a number of partitions"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        meanings = {"i": "a table", "num": "a number of partitions", "o": "a name"}
        named = self.keyed(arguments, meanings, "i", "num", "o")
        number = self.whole(named["num"], "-num", 1)
        schema(ctx, named["i"])
        return again(ctx, named["i"].value, named["o"].value, "!tableRepartition", number)


@COMMANDS.register("saveFile")
class SaveFileCommand(Command):
    """Writes the first binary column of the first row as one file."""

    name = "saveFile"
    usage = "!saveFile _ -i table -o /path"
    description = "write binary content of a table's first row as a file"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        named = self.keyed(arguments, {"i": "a table", "o": "a path"}, "i", "o")
        word = named["i"]
        columns = schema(ctx, word)
        binary = [f.name for f in columns if pa.types.is_binary(f.type) or pa.types.is_large_binary(f.type)]
        if not binary:
            raise CommandError(f'"{word.value}" has no binary column', span=word.span)
        found = ctx.engine.stream(word.value, limit=1).reader.read_all()
        value = found.column(binary[0])[0].as_py() if found.num_rows else None
        if value is None:
            raise CommandError(f'"{word.value}" has no content in its first row', span=word.span)
        path = ctx.resolve(named["o"].value)
        _write(path, value, named["o"].span, dict(storage(ctx, path).fsspec) if "://" in path else {})
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


def _write(path: str, content: bytes, span: Span, options: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    import fsspec

    try:
        if "://" in path:
            with fsspec.open(path, "wb", **options) as file:
                file.write(content)
            return
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        unfinished = f"{path}.unfinished"
        with open(unfinished, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", span=span) from None
