"""``!assert`` and relatives: stop the script when the data is not what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, backquoted, fetch, schema
from pybyzer.context import Context
from pybyzer.errors import ByzerError, CommandError, Span
from pybyzer.expressions import Expression, evaluate, read
from pybyzer.lang.condition import Piece, Sql
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
        expression = _expression(middle)
        if subject.value in VARIABLES:
            needed = [name for name in expression.condition.variables if ctx.variables.get(name) is None]
            _refuse_missing(expression, needed, ctx.variables.names(), message)
            if evaluate(ctx, expression).value[0].as_py() is not True:
                raise CommandError(message, span=expression.whole)
            return None
        columns = schema(ctx, subject).names
        known = {column.lower() for column in columns}
        needed = [name for name in expression.condition.variables if name.lower() not in known]
        _refuse_missing(expression, needed, columns, message)
        total, bad = _count(ctx, subject.value, columns, expression)
        if bad:
            note = f"{bad} of {total} rows do not satisfy it"
            raise CommandError(message, span=expression.whole, notes=(note,))
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
        name, sql = ctx.catalog.fresh(), self.query(ctx, table, rule)
        try:
            ctx.engine.query(sql, name)
        except ByzerError as error:
            offset = -1 if error.offset is None else error.offset - sql.find(rule.value)
            known = 0 <= offset < len(rule.value) and rule.span.text == rule.value
            raise error.at(rule.span.inside(offset, error.length) if known else rule.span) from None
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
        # On a line of its own, so that a comment at its end ends there.
        test = f"case when (\n{rule.value}\n) then false else true end"
        return f"select * from {backquoted(table.value)} where {test}"


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


def _expression(words: Arguments) -> Expression:
    """The expression the words write; its places are those of the cell while its text is unchanged."""
    text, span = " ".join(word.value for word in words), words[0].span
    unchanged = len(words) == 1 and span.text == text
    return read(text, lambda start, end: span.inside(start, end - start) if unchanged else span)


def _refuse_missing(
    expression: Expression, missing: Sequence[str], known: Sequence[str], message: str
) -> None:
    if missing:
        hint, span = did_you_mean(missing[0], known), expression.whole
        raise CommandError(f"{message} (Variable [{','.join(missing)}] missing)", span=span, hint=hint)


def _count(ctx: Context, table: str, columns: Sequence[str], expression: Expression) -> tuple[int, int]:
    """How many rows there are, and how many do not satisfy the condition (NULL does not)."""
    relation, _ = expression.condition.relation(backquoted(table), columns)
    begin = Piece("select count(*) as total, sum(case when (")
    end = Piece(") then 0 else 1 end) as bad from ")
    sql = Sql((begin, *expression.condition.test.pieces, end, *relation))
    found = expression.ask(ctx, sql).to_pylist()[0]
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
