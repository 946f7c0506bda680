"""``!deltaTable``: describe, empty, thin out, clean up or remove a Delta table."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pybyzer import lake
from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, placed, rows
from pybyzer.context import Context
from pybyzer.errors import Span, UnknownName, Unsupported
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    from deltalake import DeltaTable

ACTIONS = ("desc", "truncate", "delete", "vacuum", "remove")
WHOLE = ("byte", "short", "integer", "long")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@COMMANDS.register("deltaTable")
class DeltaTableCommand(Command):
    """``truncate`` and ``delete`` make a new version, as every change does; the earlier ones stay."""

    name = "deltaTable"
    usage = "!deltaTable desc|truncate|remove t   or   delete t 'condition'   or   vacuum t [hours]"
    description = "columns of a Delta table; delete rows, old files or all of it"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2)
        action, word, *rest = arguments
        if action.value not in ACTIONS:
            raise self.wrong(f'"{action.value}" is not {", ".join(ACTIONS[:-1])} or {ACTIONS[-1]}', action)
        self.require(
            arguments, 3 if action.value == "delete" else 2, {"delete": 3, "vacuum": 3}.get(action.value, 2)
        )
        with placed(word.span):
            table = lake.opened(ctx, word.value)
        hours = self.whole(rest[0], "the hours", 0) if rest and action.value == "vacuum" else None
        predicate = condition(table, rest[0]) if action.value == "delete" else None
        with placed(word.span), lake.explained(word.value):
            match action.value:
                case "desc":
                    return _columns(ctx, table)
                case "vacuum":
                    removed = lake.vacuum(ctx, table, word.value, hours)
                    return rows(ctx, ("name", "value"), [["removedFiles", removed]])
                case "remove":
                    lake.remove(ctx, word.value)
                    return None
                case _:
                    done = table.delete(predicate)
                    return rows(ctx, ("name", "value"), [["deletedRows", done["num_deleted_rows"]]])


def _columns(ctx: Context, table: DeltaTable) -> str:
    fields = [json.loads(field.to_json()) for field in table.schema().fields]
    found = [[f["name"], _type(f["type"]), json.dumps(f.get("metadata") or {})] for f in fields]
    return rows(ctx, ("name", "type", "meta"), found)


def _type(kind: Any) -> str:
    return kind if isinstance(kind, str) else json.dumps(kind)


# -- conditions --------------------------------------------------------------------------------


def condition(table: DeltaTable, word: Argument) -> str:
    """A condition on rows, for the library that deletes them: it decides with an engine of its own.

    Only what that engine and Spark answer alike is let through: columns compared with constants of their
    type. NULL is not deleted by either.
    """
    import sqlglot
    from sqlglot.errors import ParseError as GlotError
    from sqlglot.errors import TokenError

    try:
        tree = sqlglot.parse_one(word.value, read="spark")
    except (GlotError, TokenError):
        raise _refused("it is no condition", word) from None
    fields = {field.name: json.loads(field.to_json())["type"] for field in table.schema().fields}
    return _Condition(fields, word).text(tree)


def _refused(why: str, word: Argument) -> Unsupported:
    return Unsupported(
        f"this condition cannot be used to delete: {why}",
        span=word.span,
        hint="compare columns with constants (=, <, in, between, is null; and, or, not); for others: "
        "load the table, select the rows that stay, save overwrite",
    )


class _Condition:
    """Writes a tree as a condition for the library, or says what it is that cannot be written."""

    def __init__(self, fields: dict[str, Any], word: Argument) -> None:
        self._fields = fields
        self._word = word

    def text(self, node: Any) -> str:
        from sqlglot import exp

        match node:
            case exp.And() | exp.Or():
                joined = "AND" if isinstance(node, exp.And) else "OR"
                return f"({self.text(node.this)} {joined} {self.text(node.expression)})"
            case exp.Not():
                return f"(NOT {self.text(node.this)})"
            case exp.Paren():
                return self.text(node.this)
            case exp.EQ() | exp.NEQ() | exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
                return self._comparison(node)
            case exp.In() if node.expressions:
                name, kind = self._column(node.this)
                values = ", ".join(self._constant(value, kind) for value in node.expressions)
                return f"({name} IN ({values}))"
            case exp.Between():
                name, kind = self._column(node.this)
                low, high = (self._constant(node.args[key], kind) for key in ("low", "high"))
                return f"({name} BETWEEN {low} AND {high})"
            case exp.Is() if isinstance(node.expression, exp.Null):
                return f"({self._column(node.this)[0]} IS NULL)"
            case exp.Column():
                name, kind = self._column(node)
                if kind == "boolean":
                    return name
        raise _refused(f"{node.sql('spark')} is no comparison", self._word)

    def _comparison(self, node: Any) -> str:
        from sqlglot import exp

        signs = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
        sign = signs[type(node)]
        if not any(isinstance(side, exp.Column) for side in (node.this, node.expression)):
            raise _refused(f"{node.sql('spark')} compares no column", self._word)
        if isinstance(node.this, exp.Column):
            name, kind = self._column(node.this)
            return f"({name} {sign} {self._constant(node.expression, kind)})"
        name, kind = self._column(node.expression)
        return f"({self._constant(node.this, kind)} {sign} {name})"

    def _column(self, node: Any) -> tuple[str, Any]:
        from sqlglot import exp

        if not isinstance(node, exp.Column) or node.table:
            raise _refused(f"{node.sql('spark')} is no column", self._word)
        found = next((name for name in self._fields if name.lower() == node.name.lower()), None)
        if found is None:
            hint = did_you_mean(node.name, self._fields)
            raise UnknownName(f'no column "{node.name}"', span=self._word.span, hint=hint)
        quoted = found.replace('"', '""')
        return f'"{quoted}"', self._fields[found]

    def _constant(self, node: Any, kind: Any) -> str:
        from sqlglot import exp

        number = node.this if isinstance(node, exp.Neg) else node
        if isinstance(number, exp.Literal) and not number.is_string:
            sign = "-" if number is not node else ""
            if (kind in WHOLE and number.this.isdigit() and len(number.this) < 19) or kind == "double":
                return sign + str(number.this)
        elif isinstance(node, exp.Literal):
            text = "'" + str(node.this).replace("'", "''") + "'"
            if kind == "string":
                return text
            if kind == "date" and _DATE.match(node.this):
                return f"CAST({text} AS DATE)"
        elif isinstance(node, exp.Boolean) and kind == "boolean":
            return "TRUE" if node.this else "FALSE"
        shown = kind if isinstance(kind, str) else str(kind.get("type"))
        raise _refused(f"{node.sql('spark')} is no constant of the column's type {shown}", self._word)
