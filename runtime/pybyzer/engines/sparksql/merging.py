"""The type of values of two types, found one after the other: fields of JSON texts and of variants."""

from __future__ import annotations

from pybyzer.engines.sparksql.types import DOUBLE, VOID, SqlType, array, decimal, struct


def merged(a: SqlType, b: SqlType, mixed: SqlType) -> SqlType:
    """The type that takes values of both; ``mixed`` where only that takes both."""
    if a == b or VOID in (a, b):
        return b if a == VOID else a
    if a.kind == b.kind == "array":
        return array(merged(a.element, b.element, mixed))
    if a.kind == b.kind == "struct":
        names = sorted({*a.names, *b.names}, key=lambda name: name.encode("utf-16-be"))
        one, other = (dict(zip(side.names, side.parts, strict=True)) for side in (a, b))
        parts = (merged(one.get(name, VOID), other.get(name, VOID), mixed) for name in names)
        return struct(tuple(names), tuple(parts))
    if a.numeric and b.numeric:
        if a.fractional or b.fractional:
            return DOUBLE
        a, b = (side if side.kind == "decimal" else decimal(20, 0) for side in (a, b))
        scale, whole = max(a.scale, b.scale), max(a.precision - a.scale, b.precision - b.scale)
        return DOUBLE if scale + whole > 38 else decimal(scale + whole, scale)
    return mixed
