"""Small tables from others: ``!split``, ``!approxQuantile``, ``!dataframe``, ``!saveThenLoad``."""

from __future__ import annotations

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, backquoted, cut_named, fetch, schema
from pybyzer.commands.statement import literal, stand_in
from pybyzer.context import Context
from pybyzer.declared import Rows
from pybyzer.errors import BadOption, Span
from pybyzer.registry import did_you_mean


@COMMANDS.register("split")
class SplitCommand(Command):
    """Stands for ``run t as RateSampler``: the new column ``__split__`` is 0 or 1."""

    name = "split"
    usage = '!split table by label with "0.9,0.1" named result'
    description = "mark the rows of a table for two samples, by rates"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 5, 5)
        table, by, label, using, rates = words
        for word, wanted in ((by, "by"), (using, "with")):
            if word.value != wanted:
                raise self.wrong(f'"{word.value}" should be {wanted}', word)
        schema(ctx, table)
        output = f" as {literal(name, '`')}" if name else ""
        options = f"labelCol={literal(label.value)} and sampleRate={literal(rates.value)}"
        text = f"run {literal(table.value, '`')} as RateSampler.`` where {options}{output};"
        return stand_in(ctx, text, {"labelCol": label, "sampleRate": rates}, span)


@COMMANDS.register("approxQuantile")
class ApproxQuantileCommand(Command):
    """Sets a variable to the quantile of a column; several, separated by commas, for several shares."""

    name = "approxQuantile"
    usage = '!approxQuantile table column "0.5" valued variable'
    description = "set a variable to a quantile of a column"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        self.require(arguments, 5, 5)
        table, column, shares, valued, variable = arguments
        if valued.value != "valued":
            raise self.wrong(f'"{valued.value}" should be valued', valued)
        columns = {field.name.lower(): field for field in schema(ctx, table)}
        found = columns.get(column.value.lower())
        if found is None:
            hint = did_you_mean(column.value, [field.name for field in columns.values()])
            raise BadOption(f'"{table.value}" has no column "{column.value}"', span=column.span, hint=hint)
        kind = found.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            raise self.wrong(f'"{column.value}" is no column of numbers', column)
        numbers = self._shares(shares)
        asked = ", ".join(f"percentile_approx(v, {share!r}) as `{i}`" for i, share in enumerate(numbers))
        value = f"cast({backquoted(found.name)} as double) as v"
        (row,) = fetch(
            ctx, f"select {asked} from (select {value} from {backquoted(table.value)}) as t"
        ).to_pylist()
        values = [row[str(i)] for i in range(len(numbers))]
        ctx.variables.set(variable.value, ",".join("" if v is None else repr(v) for v in values))
        pairs = list(zip(numbers, values, strict=True))
        return ctx.result(Rows(("share", "value"), pairs, {"share": "double", "value": "double"}).table())

    def _shares(self, word: Argument) -> list[float]:
        try:
            numbers = [float(part) for part in word.value.split(",")]
        except ValueError:
            numbers = []
        if not numbers or not all(0 <= number <= 1 for number in numbers):
            raise self.wrong(f'"{word.value}" is no share from 0 to 1', word)
        return numbers


@COMMANDS.register("dataframe")
class DataframeCommand(Command):
    """``id bigint`` from 0."""

    name = "dataframe"
    usage = "!dataframe build range 1000 named table"
    description = "a table of the numbers from 0"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 3, 3)
        for word, wanted in zip(words, ("build", "range"), strict=False):
            if word.value != wanted:
                raise self.wrong(f'"{word.value}" should be {wanted}', word)
        count = self.whole(words[2], "the number of rows", 0)
        chosen = name or ctx.catalog.fresh()
        ctx.engine.query(f"select id from range({count})", chosen)
        return ctx.named(chosen, "!dataframe", temporary=name is None)


@COMMANDS.register("saveThenLoad")
class SaveThenLoadCommand(Command):
    """Computes a table for good, in the database ``__tmp__`` of the lake."""

    name = "saveThenLoad"
    usage = "!saveThenLoad table"
    description = "save a table in the lake and go on with the saved one"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 1)
        (table,) = arguments
        schema(ctx, table)
        name, path = literal(table.value, "`"), literal(f"__tmp__.{table.value}", "`")
        save = f'save overwrite {name} as delta.{path} where overwriteSchema="true"'
        return stand_in(ctx, f"{save}; load delta.{path} as {name};", {}, table.span)
