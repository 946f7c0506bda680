"""The types of variants, and variants cast to types."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pybyzer.engines.sparksql.merging import merged
from pybyzer.engines.sparksql.types import VARIANT, VOID, SqlType, array, struct
from pybyzer.engines.sparksql.variant_format import Single
from pybyzer.engines.sparksql.variant_json import Mismatch, json_of, plain, text_of

_SCALARS = (
    (bool, "boolean"), (int, "bigint"), (float, "double"), (Single, "float"), (str, "string"),
    (bytes, "binary"), (datetime.date, "date"),
)  # fmt: skip


def schema_of(tree: Any) -> SqlType:
    """The type of a variant's value; what does not meet is a variant."""
    match tree:
        case None:
            return VOID
        case list():
            kind = VOID
            for item in tree:
                kind = merged(kind, schema_of(item), VARIANT)
            return array(kind)
        case dict():
            names = sorted(tree, key=lambda name: name.encode("utf-16-be"))
            return struct(tuple(names), tuple(schema_of(tree[name]) for name in names))
        case Decimal():
            digits, _, after = plain(abs(tree)).partition(".")
            precision = len((digits + after).lstrip("0")) or 1
            return SqlType("decimal", precision=max(precision, len(after)), scale=len(after))
        case datetime.datetime():
            return SqlType("timestamp_ntz" if tree.tzinfo is None else "timestamp")
        case _:
            return SqlType(next(name for own, name in _SCALARS if isinstance(tree, own)))


def ddl(kind: SqlType) -> str:
    """A type as ``schema_of_variant`` writes it."""
    if kind.kind == "array":
        return f"ARRAY<{ddl(kind.element)}>"
    if kind.kind == "struct":
        fields = ", ".join(f"{_name(n)}: {ddl(p)}" for n, p in zip(kind.names, kind.parts, strict=True))
        return f"OBJECT<{fields}>"
    return kind.spark.upper()


def _name(name: str) -> str:
    return name if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else "`" + name.replace("`", "``") + "`"


_RANGES = {"tinyint": 7, "smallint": 15, "int": 31, "bigint": 63}
_WORDS = {"t": True, "true": True, "y": True, "yes": True, "1": True,
          "f": False, "false": False, "n": False, "no": False, "0": False}  # fmt: skip


def cast_to(tree: Any, kind: SqlType, zone: Any, strict: bool) -> Any:
    """A variant's value as a value of a type; ``Mismatch`` (or None, if not strict) where it is none."""
    if kind == VARIANT:
        return tree
    if tree is None:
        return None
    try:
        return _cast(tree, kind, zone, strict)
    except (Mismatch, KeyError, ValueError, OverflowError, InvalidOperation):
        if not strict:
            return None
        raise Mismatch(
            f"the variant {json_of(tree, zone)[:60]} is no {kind.spark}", hint="try_variant_get gives NULL"
        ) from None


def _cast(tree: Any, kind: SqlType, zone: Any, strict: bool) -> Any:
    if kind.kind == "string":
        return text_of(tree, zone)
    if kind.kind == "array" and isinstance(tree, list):
        return [cast_to(item, kind.element, zone, strict) for item in tree]
    if kind.kind == "map" and isinstance(tree, dict):
        return [(key, cast_to(item, kind.parts[1], zone, strict)) for key, item in tree.items()]
    if kind.kind == "struct" and isinstance(tree, dict):
        fields = zip(kind.names, kind.parts, strict=True)
        return {name: cast_to(tree.get(name), part, zone, strict) for name, part in fields}
    if kind.kind == "binary" and isinstance(tree, str | bytes):
        return tree.encode() if isinstance(tree, str) else tree
    if isinstance(tree, list | dict | bytes | datetime.date):
        raise Mismatch("no number")
    if kind.kind == "boolean":
        return _truth(tree)
    number = _number(tree, kind)
    if kind.kind in _RANGES:
        whole = int(number)
        if not -(1 << _RANGES[kind.kind]) <= whole < 1 << _RANGES[kind.kind]:
            raise Mismatch("too large")
        return whole
    if kind.fractional:
        return float(number)
    if kind.kind == "decimal":
        exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
        rounded = exact.quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)
        if len(rounded.as_tuple().digits) > kind.precision:
            raise Mismatch("too large")
        return rounded
    raise Mismatch("no such cast")


def _truth(tree: Any) -> bool:
    if isinstance(tree, str):
        return _WORDS[tree.strip().lower()]
    return bool(tree.value if isinstance(tree, Single) else tree)


def _number(tree: Any, kind: SqlType) -> int | float | Decimal:
    if isinstance(tree, Single):
        return tree.value
    if not isinstance(tree, str):
        return int(tree) if isinstance(tree, bool) else tree
    text = tree.strip()
    pattern = r"[+-]?\d+" if kind.integral else r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
    if re.fullmatch(pattern, text):
        return int(text) if kind.integral else Decimal(text) if kind.kind == "decimal" else float(text)
    if kind.fractional and re.fullmatch(r"(?i)[+-]?(inf|infinity)|nan", text):
        return float(text)
    raise Mismatch("no number")
