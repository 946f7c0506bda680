"""A translated expression: DuckDB's SQL for it, its Spark type, and the name Spark gives its column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pybyzer.engines.sparksql.types import BIGINT, BOOLEAN, INT, STRING, VOID, SqlType, text


class Missing:
    """No constant value (None is SQL's NULL)."""


NO_VALUE: Final = Missing()


@dataclass(frozen=True, slots=True)
class Expr:
    """``sql`` can stand anywhere an operand can; ``value`` is set for literals only."""

    sql: str
    type: SqlType
    label: str = ""
    value: object = NO_VALUE

    @property
    def constant(self) -> bool:
        return not isinstance(self.value, Missing)

    def named(self, label: str) -> Expr:
        return replace(self, label=label)


def string(value: str) -> Expr:
    return Expr(text(value), STRING, value, value)


def integer(value: int) -> Expr:
    kind = INT if -(2**31) <= value < 2**31 else BIGINT
    sql = str(value) if value >= 0 else f"({value})"
    return Expr(sql if kind is INT else f"CAST({sql} AS BIGINT)", kind, str(value), value)


def boolean(value: bool) -> Expr:
    return Expr(str(value).lower(), BOOLEAN, str(value).lower(), value)


NULL: Final = Expr("NULL", VOID, "NULL", None)
