"""Which type two operands meet in: Spark's rules (non-ANSI), as tables and small functions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from pybyzer.engines.sparksql.intervals import widest_interval
from pybyzer.engines.sparksql.types import (
    DOUBLE,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    UNKNOWN,
    VOID,
    SqlType,
    array,
    decimal,
    map_of,
    struct,
)

_RANK = {kind: rank for rank, kind in enumerate((*INTEGRAL, "float", "double"))}
_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 20}


def as_decimal(kind: SqlType) -> SqlType:
    """The decimal that holds every value of an integral type."""
    return kind if kind.kind == "decimal" else decimal(_DIGITS[kind.kind], 0)


def numeric(left: SqlType, right: SqlType) -> SqlType:
    """The type two numbers meet in."""
    if "decimal" not in (left.kind, right.kind):
        return left if _RANK[left.kind] >= _RANK[right.kind] else right
    if left.fractional or right.fractional:
        return DOUBLE
    a, b = as_decimal(left), as_decimal(right)
    scale = max(a.scale, b.scale)
    return decimal(max(a.precision - a.scale, b.precision - b.scale) + scale, scale)


def widest(left: SqlType, right: SqlType) -> SqlType | None:
    """The type of ``case``, ``coalesce``, ``array``, ``union`` ...; None when there is none."""
    if right in (left, VOID):
        return left
    if left == VOID:
        return right
    if UNKNOWN in (left, right):
        return None
    if left.numeric and right.numeric:
        return numeric(left, right)
    if left.temporal and right.temporal:
        return _moment(left, right)
    if left.interval and right.interval:
        return widest_interval(left, right)
    if STRING in (left, right):
        other = right if left == STRING else left
        return None if other.parts or other.interval or other.kind in ("binary", "boolean") else STRING
    if left.kind == right.kind and len(left.parts) == len(right.parts) and left.parts:
        if left.kind == "struct" and [n.lower() for n in left.names] != [n.lower() for n in right.names]:
            return None
        parts = [widest(a, b) for a, b in zip(left.parts, right.parts, strict=True)]
        if any(part is None for part in parts):
            return None
        known = tuple(part for part in parts if part is not None)
        if left.kind == "array":
            return array(known[0])
        if left.kind == "map":
            return map_of(known[0], known[1])
        return struct(left.names, known)
    return None


def _moment(left: SqlType, right: SqlType) -> SqlType:
    """The type two dates or timestamps meet in: a date gives way, an instant is the stronger."""
    kinds = {left.kind, right.kind} - {"date"}
    return TIMESTAMP_NTZ if kinds == {"timestamp_ntz"} else TIMESTAMP


def tightest(left: SqlType, right: SqlType) -> SqlType | None:
    """The type that holds both without loss and without texts: of an array's items and an item."""
    if left == right or VOID in (left, right):
        return right if left == VOID else left
    if "decimal" in (left.kind, right.kind):
        wide, narrow = (left, right) if left.kind == "decimal" else (right, left)
        holds = narrow.integral and wide.precision - wide.scale >= _DIGITS[narrow.kind]
        return wide if holds else None
    if left.numeric and right.numeric:
        return numeric(left, right)
    if left.temporal and right.temporal:
        return TIMESTAMP
    if left.kind == right.kind and len(left.parts) == len(right.parts) and left.parts:
        parts = [tightest(a, b) for a, b in zip(left.parts, right.parts, strict=True)]
        known = tuple(part for part in parts if part is not None)
        return SqlType(left.kind, known, left.names) if len(known) == len(parts) else None
    return None


def widest_of(kinds: Iterable[SqlType]) -> SqlType | None:
    """``widest`` over many."""

    def step(a: SqlType | None, b: SqlType) -> SqlType | None:
        return None if a is None else widest(a, b)

    start: SqlType | None = VOID
    return reduce(step, kinds, start)


def comparable(left: SqlType, right: SqlType) -> SqlType | None:
    """The type two operands of ``=`` or ``<`` are compared in."""
    if STRING in (left, right) and left != right:
        other = right if left == STRING else left
        if other == VOID:
            return STRING
        if other.kind == "decimal":
            return DOUBLE
        return None if other.parts or other.interval else other
    if {"map", "variant"} & {left.kind, right.kind}:
        return None
    return widest(left, right)


def arithmetic(left: SqlType, right: SqlType) -> SqlType | None:
    """The type two operands of ``+ - *`` or ``%`` meet in (before a decimal's own rules)."""
    if STRING in (left, right):
        return DOUBLE if all(kind in (STRING, VOID) or kind.numeric for kind in (left, right)) else None
    if VOID in (left, right):
        other = right if left == VOID else left
        return DOUBLE if other == VOID else (other if other.numeric else None)
    return numeric(left, right) if left.numeric and right.numeric else None


def decimal_result(operator: str, a: SqlType, b: SqlType) -> SqlType:
    """Precision and scale of decimal arithmetic, Spark's rules."""
    p1, s1, p2, s2 = a.precision, a.scale, b.precision, b.scale
    if operator in "+-":
        scale = max(s1, s2)
        return decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)
    if operator == "*":
        return decimal(p1 + p2 + 1, s1 + s2)
    if operator == "/":
        scale = max(6, s1 + p2 + 1)
        return decimal(p1 - s1 + s2 + scale, scale)
    return decimal(min(p1 - s1, p2 - s2) + max(s1, s2), max(s1, s2))
