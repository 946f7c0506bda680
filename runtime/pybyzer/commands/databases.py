"""``!conn``, ``!jdbc``, ``!exec_sql``: connections by name, and statements run in a database."""

from __future__ import annotations

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named
from pybyzer.commands.statement import literal, stand_in
from pybyzer.context import Context
from pybyzer.errors import Span, UnknownName
from pybyzer.registry import did_you_mean


@COMMANDS.register("conn")
class ConnCommand(Command):
    """Stands for ``connect jdbc where url="..." ... as name``."""

    name = "conn"
    usage = '!conn name "url=..." "user=..." "password=..."   or   !conn remove name'
    description = "give a database connection a name, or forget it"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2)
        first, *rest = arguments
        if first.value == "remove":
            self.require(arguments, 2, 2)
            if not ctx.connections.remove("jdbc", rest[0].value):
                hint = did_you_mean(rest[0].value, ctx.connections.names("jdbc"))
                raise UnknownName(f'no connection "{rest[0].value}"', span=rest[0].span, hint=hint)
            return None
        options: dict[str, str] = {}
        for word in rest:
            key, equals, value = word.value.partition("=")
            if not equals or not key.strip():
                raise self.wrong("a word is not key=value", word)
            options[key.strip()] = value
        ctx.connections.define("jdbc", first.value, options)
        return None


@COMMANDS.register("jdbc")
class JdbcCommand(Command):
    """Stands for ``run command as JDBC.`db._` where `driver-statement-0`="..."``."""

    name = "jdbc"
    usage = "!jdbc connection '''statement'''"
    description = "run a statement in a database"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2, 2)
        return _execute(ctx, *arguments)


@COMMANDS.register("exec_sql")
class ExecSqlCommand(Command):
    """With ``from``, the rows of a query become a table; without, the statement is only run."""

    name = "exec_sql"
    usage = "!exec_sql '''statement''' by connection   or   !exec_sql table from '''query''' by connection"
    description = "run a statement in a database, or load what a query gives there"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, _ = cut_named(arguments)
        self.require(words, 3, 5)
        if words[-2].value != "by":
            raise self.wrong(f'"{words[-2].value}" should be by', words[-2])
        if len(words) == 3:
            return _execute(ctx, words[2], words[0])
        self.require(words, 5, 5)
        table, preposition, query, _, connection = words
        if preposition.value != "from":
            raise self.wrong(f'"{preposition.value}" should be from', preposition)
        _known(ctx, connection)
        path = literal(f"{connection.value}._", "`")
        option = f"directQuery={literal(query.value)}"
        text = f"load jdbc.{path} where {option} as {literal(table.value, '`')};"
        return stand_in(ctx, text, {}, query.span)


def _execute(ctx: Context, connection: Argument, sql: Argument) -> str | None:
    _known(ctx, connection)
    option = f"`driver-statement-0`={literal(sql.value)}"
    text = f"run command as JDBC.{literal(f'{connection.value}._', '`')} where {option};"
    return stand_in(ctx, text, {}, sql.span)


def _known(ctx: Context, word: Argument) -> None:
    if ctx.connections.find("jdbc", word.value) is None:
        hint = did_you_mean(word.value, ctx.connections.names("jdbc")) or "connect jdbc where ... as name"
        raise UnknownName(f'no connection "{word.value}"', span=word.span, hint=hint)
