"""``!assert`` and relatives: stop the script when the data is not what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, backquoted, fetch, schema
from pybyzer.context import Context
from pybyzer.errors import ByzerError, CommandError, ParseError, Span
from pybyzer.lang.condition import Condition, parse_condition
from pybyzer.registry import did_you_mean

VARIABLES = ("__set__", "__session__")
"""What ``!assert`` asks instead of a table: the variables of ``set``."""


@COMMANDS.register("assert")
class AssertCommand(Command):
    """Every row must satisfy the expression; ``:name`` is a column. An empty table passes.

    ``!assert name in __set__ "message"`` asks whether a variable is set; ``!assert __set__ ...`` has an
    expression over variables.
    """

    name = "assert"
    usage = "!assert table '''expression with :column''' \"message\""
    description = "stop unless every row satisfies an expression"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 3)
        subject, middle, message = arguments[0], arguments[1:-1], arguments[-1].value
        if middle[0].value == "in" and len(middle) == 2 and middle[1].value in VARIABLES:
            if ctx.variables.get(subject.value) is None:
                raise CommandError(message, span=subject.span)
            return None
        condition = _condition(middle)
        table = _variables(ctx) if subject.value in VARIABLES else subject.value
        columns = schema(ctx, subject, table).names
        _refuse_missing(condition, columns, message, middle[0].span)
        try:
            total, bad = _count(ctx, table, columns, condition)
        except ByzerError as error:
            raise error.at(middle[0].span) from None
        if bad:
            note = f"{bad} of {total} rows do not satisfy it" if subject.value not in VARIABLES else ""
            raise CommandError(message, span=middle[0].span, notes=(note,) if note else ())
        return None


@COMMANDS.register("throw")
class ThrowCommand(Command):
    """Stop with a message."""

    name = "throw"
    usage = '!throw "message"'
    description = "stop with a message"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        raise CommandError(" ".join(argument.value for argument in arguments), span=span)


class _RowCheck(Command):
    """Finds the rows of a table that break a rule: its result, or with ``Throw`` an error."""

    throws: ClassVar[bool] = False
    label: ClassVar[str]

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2, 2)
        table, rule = arguments
        schema(ctx, table)
        name = ctx.catalog.fresh()
        try:
            ctx.engine.query(self.query(ctx, table, rule), name)
        except ByzerError as error:
            raise error.at(rule.span) from None
        if not self.throws:
            return ctx.named(name, f"!{self.name}", (table.value,), temporary=True)
        bad = fetch(ctx, f"select count(*) as n from {backquoted(name)}").column(0)[0].as_py()
        ctx.engine.drop(name)
        if bad:
            raise CommandError(f"Assert Failed: '{table.value}' dirty count: {bad}", span=rule.span)
        return None

    def query(self, ctx: Context, table: Argument, rule: Argument) -> str:
        """The SQL for the rows that break the rule."""
        raise NotImplementedError


@COMMANDS.register("assertNotNull")
class AssertNotNullCommand(_RowCheck):
    """The rows that have a NULL in one of the columns."""

    name = "assertNotNull"
    usage = "!assertNotNull table 'column,column'"
    description = "the rows with a NULL in one of the columns"

    def query(self, ctx: Context, table: Argument, rule: Argument) -> str:
        nulls = " or ".join(f"{backquoted(name)} is null" for name in _columns(ctx, table, rule))
        return f"select * from {backquoted(table.value)} where {nulls}"


@COMMANDS.register("assertCondition")
class AssertConditionCommand(_RowCheck):
    """The rows that do not satisfy a SQL expression (NULL does not)."""

    name = "assertCondition"
    usage = "!assertCondition table 'SQL expression'"
    description = "the rows that do not satisfy an expression"

    def query(self, ctx: Context, table: Argument, rule: Argument) -> str:
        return f"select * from {backquoted(table.value)} where not coalesce(({rule.value}), false)"


@COMMANDS.register("assertUniqueKeys")
class AssertUniqueKeysCommand(_RowCheck):
    """The rows whose combination of columns occurs more than once."""

    name = "assertUniqueKeys"
    usage = "!assertUniqueKeys table 'column,column'"
    description = "the rows whose combination of columns is not unique"

    def query(self, ctx: Context, table: Argument, rule: Argument) -> str:
        keys = ", ".join(backquoted(name) for name in _columns(ctx, table, rule))
        every = ", ".join(backquoted(name) for name in schema(ctx, table).names)
        counted = f"select *, count(*) over (partition by {keys}) as `__count` from {backquoted(table.value)}"
        return f"select {every} from ({counted}) where `__count` > 1"


@COMMANDS.register("assertUniqueKey")
class AssertUniqueKeyCommand(Command):
    """The columns (each for itself, NULLs left out) that hold a value more than once."""

    name = "assertUniqueKey"
    usage = "!assertUniqueKey table 'column,column'"
    description = "the columns that are not unique"
    throws: ClassVar[bool] = False

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        self.require(arguments, 2, 2)
        table, rule = arguments
        names = _columns(ctx, table, rule)
        counts = ", ".join(
            f"count({backquoted(n)}) - count(distinct {backquoted(n)}) as c{i}" for i, n in enumerate(names)
        )
        found = fetch(ctx, f"select {counts} from {backquoted(table.value)}").to_pylist()[0]
        conflicts = [name for name, surplus in zip(names, found.values(), strict=True) if surplus]
        if conflicts and self.throws:
            raise CommandError(f"Assert Failed: conflict key: {','.join(conflicts)}", span=rule.span)
        if not conflicts:
            return None
        return ctx.result(pa.table({"ConflictKey": pa.array(conflicts, pa.string())}))


def _throwing(checks: Sequence[type[Command]]) -> None:
    """Each check again, under its name with ``Throw``: what it finds is an error."""
    for check in checks:
        name = f"{check.name}Throw"
        details = {
            "name": name,
            "usage": check.usage.replace(check.name, name, 1),
            "description": check.description.replace("the ", "stop if there are ", 1),
            "throws": True,
            "__doc__": check.__doc__,
        }
        COMMANDS.register(name)(type(f"{check.__name__}Throw", (check,), details))


_throwing([AssertNotNullCommand, AssertConditionCommand, AssertUniqueKeysCommand, AssertUniqueKeyCommand])


def _condition(words: Arguments) -> Condition:
    """The condition the words write; errors are placed in the cell while its text is unchanged."""
    text = " ".join(word.value for word in words)
    try:
        return parse_condition(text)
    except ParseError as error:
        span = words[0].span
        if error.span is not None and len(words) == 1 and span.text == text:
            span = span.inside(error.span.start, error.span.end - error.span.start)
        raise ParseError(error.message, span=span, hint=error.hint) from None


def _variables(ctx: Context) -> str:
    """A one-row table of all variables, as text."""
    import pyarrow as pa

    name = ctx.catalog.fresh("variables")
    values = {key: pa.array([ctx.variables.get(key)], pa.string()) for key in ctx.variables.names()}
    ctx.engine.ingest(name, pa.table(values or {"__none__": pa.array([""], pa.string())}))
    return name


def _refuse_missing(condition: Condition, columns: Sequence[str], message: str, span: Span) -> None:
    known = {column.lower() for column in columns}
    missing = [name for name in condition.variables if name.lower() not in known]
    if missing:
        hint = did_you_mean(missing[0], columns)
        raise CommandError(f"{message} (Variable [{','.join(missing)}] missing)", span=span, hint=hint)


def _count(ctx: Context, table: str, columns: Sequence[str], condition: Condition) -> tuple[int, int]:
    """How many rows there are, and how many do not satisfy the condition (NULL does not)."""
    source, names = backquoted(table), list(columns)
    for name, sql in condition.assignments:
        names = [other for other in names if other.lower() != name.lower()]
        kept = "".join(f"{backquoted(other)}, " for other in names)
        source = f"(select {kept}({sql}) as {backquoted(name)} from {source})"
        names.append(name)
    bad = f"sum(case when ({condition.test}) then 0 else 1 end)"
    found = fetch(ctx, f"select count(*) as total, {bad} as bad from {source}").to_pylist()[0]
    return int(found["total"]), int(found["bad"] or 0)


def _columns(ctx: Context, table: Argument, rule: Argument) -> list[str]:
    """The columns a list names, spelt as the table spells them."""
    have = {name.lower(): name for name in schema(ctx, table).names}
    wanted = [name.strip() for name in rule.value.split(",") if name.strip()]
    for name in wanted:
        if name.lower() not in have:
            hint = did_you_mean(name, have.values())
            raise CommandError(f'"{table.value}" has no column "{name}"', span=rule.span, hint=hint)
    if not wanted:
        raise CommandError("columns are missing", span=rule.span)
    return [have[name.lower()] for name in wanted]
