"""The part of an engine's condition that a database can look at: comparisons of whole numbers and texts.

The engine's condition comes as pyarrow writes it: ``((a > 5) and (b == "x"))``. Every comparison that must
hold is a condition of the database, too; the rows are looked at once more here, so that a database may
be generous (texts that differ in case), but must not leave anything out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pybyzer.databases.base import Column

if TYPE_CHECKING:
    from pybyzer.databases.base import Database

_COMPARISON = re.compile(
    r'\((?P<name>[^\W\d]\w*) (?P<sign>==|<=|>=|<|>) (?:(?P<number>-?\d+)|"(?P<text>[\w .:/@-]*)")\)'
)
_SIGNS = {"==": "="}


class Pushed:
    """Comparisons that all must hold, as SQL of a database."""

    def __init__(self, found: list[tuple[Column, str, str]]) -> None:
        self.found = found

    def __call__(self, database: Database) -> str:
        return " AND ".join(f"{database.quoted(c.name)} {sign} {value}" for c, sign, value in self.found)


def pushed(condition: str, columns: Mapping[str, Column]) -> Pushed:
    """The comparisons of a condition that are joined by nothing but ``and``."""
    found = []
    for part in _conjuncts(condition):
        comparison = _COMPARISON.fullmatch(part)
        column = columns.get(comparison["name"]) if comparison else None
        if comparison and column is not None and _comparable(column, comparison):
            sign = _SIGNS.get(comparison["sign"], comparison["sign"])
            found.append((column, sign, comparison["number"] or f"'{comparison['text']}'"))
    return Pushed(found)


def _comparable(column: Column, comparison: re.Match[str]) -> bool:
    import pyarrow as pa

    if comparison["number"] is not None:
        return bool(pa.types.is_integer(column.type))
    # Databases order texts by their collation, and only equality is the same under all of them.
    return bool(pa.types.is_string(column.type)) and comparison["sign"] == "==" and column.select[-1:] in '`"'


def _conjuncts(text: str) -> list[str]:
    """What is joined by ``and`` at the top, down to where something else begins."""
    if len(text) < 2 or text[0] != "(" or _end(text, 0) != len(text) - 1:
        return [text]
    inside = text[1:-1]
    if not inside.startswith("("):
        return [text]
    middle = _end(inside, 0) + 1
    if not middle or not inside[middle:].startswith(" and "):
        return [text]
    return _conjuncts(inside[:middle]) + _conjuncts(inside[middle + len(" and ") :])


def _end(text: str, start: int) -> int:
    """Where the parenthesis at ``start`` closes, quotes respected; -1 when it does not."""
    depth, quoted, position = 0, False, start
    while position < len(text):
        sign = text[position]
        if quoted:
            if sign == "\\":
                position += 1
            elif sign == '"':
                quoted = False
        elif sign == '"':
            quoted = True
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1
