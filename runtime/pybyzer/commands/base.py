"""A ``!command``: words in, at most one table out. A new command is a class in this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, Span, UnknownName
from pybyzer.lang.ast import Quote
from pybyzer.registry import Registry, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of a command, templates filled (unless written without quotes)."""

    value: str
    span: Span
    quote: Quote = Quote.NONE


Arguments = tuple[Argument, ...]


class Command:
    """A command. ``usage`` is its one-line synopsis, shown by ``!show commands`` and in errors."""

    name: ClassVar[str]
    usage: ClassVar[str]
    description: ClassVar[str] = ""

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        """Do it. Returns the name of the result table (see ``ctx.result``), None for no result."""
        raise NotImplementedError

    def wrong(self, message: str, argument: Argument | None = None, *, hint: str | None = None) -> BadOption:
        """The error for words this command does not take, at the word; the hint says what it takes."""
        usage = f"usage: {self.usage}"
        return BadOption(
            f"!{self.name}: {message}",
            span=argument.span if argument else None,
            hint=f"{hint}; {usage}" if hint else usage,
        )

    def require(self, arguments: Arguments, least: int, most: int | None = None) -> None:
        """Refuse too few or too many words."""
        if len(arguments) < least:
            raise self.wrong("something is missing")
        if most is not None and len(arguments) > most:
            raise self.wrong(f'"{arguments[most].value}" is one word too many', arguments[most])

    def whole(self, word: Argument, what: str, least: int) -> int:
        """A word that must be a whole number."""
        if not word.value.isdigit() or int(word.value) < least:
            raise self.wrong(f'{what} must be a whole number from {least}, not "{word.value}"', word)
        return int(word.value)

    def keyed(self, arguments: Arguments, names: Mapping[str, str], *needed: str) -> dict[str, Argument]:
        """The named form ``_ -i t -num 3``; ``names`` maps each key that is taken to what it means."""
        if not arguments or arguments[0].value != "_":
            raise self.wrong("the words must be named", arguments[0] if arguments else None)
        values: dict[str, Argument] = {}
        rest = iter(arguments[1:])
        for key in rest:
            name = key.value.lstrip("-")
            if not key.value.startswith("-") or name not in names:
                raise self.wrong(f'no "{key.value}" here', key)
            value = next(rest, None)
            if value is None:
                raise self.wrong(f"-{name} ({names[name]}) needs a value", key)
            values[name] = value
        missing = [key for key in needed if key not in values]
        if missing:
            raise self.wrong(f"-{missing[0]} ({names[missing[0]]}) is missing")
        return values


COMMANDS: Registry[type[Command]] = Registry("command", "pybyzer.commands")


def cut_named(arguments: Arguments) -> tuple[Arguments, str | None]:
    """The words before a final ``named t``, and that name."""
    if len(arguments) >= 2 and arguments[-2].value == "named" and arguments[-2].quote is Quote.NONE:
        return arguments[:-2], arguments[-1].value
    return arguments, None


def column(ctx: Context, name: str, values: Sequence[str], *, printed: bool = False) -> str:
    """A result table of one text column."""
    import pyarrow as pa

    return ctx.result(pa.table({name: pa.array(map(encodable, values), pa.string())}), printed=printed)


def rows(ctx: Context, names: Sequence[str], values: Sequence[Sequence[object]]) -> str:
    """A result table of text columns; what is not text already becomes it, None stays NULL."""
    import pyarrow as pa

    columns = list(zip(*values, strict=True)) if values else [()] * len(names)
    arrays = [pa.array([None if v is None else encodable(str(v)) for v in c], pa.string()) for c in columns]
    return ctx.result(pa.table(dict(zip(names, arrays, strict=True))))


def encodable(text: str) -> str:
    """A text that can be stored: bytes of a file's name that are no UTF-8 become the replacement sign."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def backquoted(name: str) -> str:
    """A name as an identifier of Spark SQL."""
    return "`" + name.replace("`", "``") + "`"


def schema(ctx: Context, argument: Argument, table: str | None = None) -> pa.Schema:
    """The columns of the table a word names; ``UnknownName`` with the closest at that word."""
    try:
        return ctx.engine.schema(table or argument.value)
    except UnknownName:
        hint = did_you_mean(argument.value, ctx.catalog.names())
        raise UnknownName(f'no table "{argument.value}"', span=argument.span, hint=hint) from None


def again(ctx: Context, table: str, name: str, origin: str, partitions: int | None = None) -> str:
    """A table under another name, or laid out in ``partitions``; returns that name."""
    ctx.engine.query(f"select * from {backquoted(table)}", name, partitions=partitions)
    return ctx.named(name, origin, (table,))


def fetch(ctx: Context, sql: str) -> pa.Table:
    """The rows of a (small) query; leaves no table behind."""
    name = ctx.catalog.fresh("query")
    ctx.engine.query(sql, name)
    try:
        return ctx.engine.stream(name).reader.read_all()
    finally:
        ctx.engine.drop(name)


@contextmanager
def placed(span: Span) -> Iterator[None]:
    """Errors that have no place yet get this one."""
    try:
        yield
    except ByzerError as error:
        raise error.at(span) from None


@contextmanager
def cancelling(ctx: Context, stop: Callable[[], None]) -> Iterator[None]:
    """While the block runs, ``Session.cancel`` also calls ``stop``, from its own thread."""
    ctx.on_cancel.append(stop)
    try:
        yield
    finally:
        ctx.on_cancel.remove(stop)
