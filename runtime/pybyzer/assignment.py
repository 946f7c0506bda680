"""The ``set`` statement: where each type of variable gets its value from."""

from __future__ import annotations

from collections.abc import Mapping

from pybyzer.context import Context
from pybyzer.errors import Unsupported
from pybyzer.lang.ast import Set, Text
from pybyzer.sql import query


def assign(ctx: Context, statement: Set, options: Mapping[str, str]) -> None:
    """Give a variable its value, or change a setting; ``options`` are filled in."""
    key, kind = statement.key.value, options.get("type", "text").lower()
    hidden = options.get("visible") == "un_select"
    if kind == "conf":
        ctx.change_settings(key, ctx.variables.fill(statement.value.value))
    elif kind == "sql":
        ctx.variables.set(key, _first_value(ctx, statement.value), hidden=hidden)
    elif kind == "shell":
        raise Unsupported('set ... where type="shell" is not done yet', hint="use !sh")
    elif kind != "defaultparam" or ctx.variables.get(key) is None:
        ctx.variables.set(key, statement.value.value, hidden=hidden)


def _first_value(ctx: Context, text: Text) -> str:
    """First column of the first row of a query as text; empty for no row and for NULL."""
    name = ctx.catalog.fresh("set")
    query(ctx, ctx.variables.fill_placed(text.value), name, text)
    try:
        rows = ctx.engine.stream(name, limit=1).reader.read_all()
    finally:
        ctx.engine.drop(name)
    value = rows.column(0)[0].as_py() if rows.num_rows else None
    return "" if value is None else str(value)
