"""JSON values as values of a type (``from_json``), and the type of a JSON text (``schema_of_json``)."""

from __future__ import annotations

import binascii
import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pybyzer.engines.sparksql.json_texts import Real, real_text, written
from pybyzer.engines.sparksql.merging import merged
from pybyzer.engines.sparksql.types import DOUBLE, STRING, VOID, SqlType, array, decimal, struct
from pybyzer.errors import Unsupported

_BITS = {"smallint": 16, "int": 32, "bigint": 64}
_ENDLESS = ("NaN", "Infinity", "-Infinity", "+INF", "INF", "-INF")


class Misfit(ValueError):
    """A value that is not of its type: its field is NULL."""


def of_type(tree: Any, kind: SqlType) -> Any:
    """A value of a type; dates and times stay texts. ``Misfit`` where Spark finds none."""
    if tree is None:
        return None
    match kind.kind:
        case "struct" if isinstance(tree, dict):
            fields = zip(kind.names, kind.parts, strict=True)
            return {name: _or_none(tree.get(name), part) for name, part in fields}
        case "array" if isinstance(tree, list):
            return [of_type(item, kind.element) for item in tree]
        case "map" if isinstance(tree, dict):
            return [(name, of_type(item, kind.parts[1])) for name, item in tree.items()]
        case "string":
            return tree if isinstance(tree, str) else _text(tree)
        case "boolean" if isinstance(tree, bool):
            return tree
        case "date" | "timestamp" | "timestamp_ntz" if isinstance(tree, str):
            return tree
        case "timestamp" if isinstance(tree, int) and not isinstance(tree, bool):
            epoch = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=tree)
            return f"{epoch.isoformat(' ')}Z"
        case "binary" if isinstance(tree, str):
            try:
                return binascii.a2b_base64(tree, strict_mode=True)
            except ValueError:
                raise Misfit from None
    return _number(tree, kind)


def _text(tree: Any) -> str:
    return real_text(tree).strip('"') if isinstance(tree, Real) else written(tree)


def _or_none(tree: Any, kind: SqlType) -> Any:
    try:
        return of_type(tree, kind)
    except Misfit:
        return None


def _number(tree: Any, kind: SqlType) -> Any:
    whole = isinstance(tree, int) and not isinstance(tree, bool)
    if kind.kind == "tinyint" and whole and -128 <= tree <= 255:
        # Java's parser takes 128 to 255 for bytes, which then are negative.
        return tree - 256 if tree > 127 else tree
    bits = _BITS.get(kind.kind)
    if bits is not None and whole and -(1 << bits - 1) <= tree < 1 << bits - 1:
        return tree
    if kind.fractional:
        if isinstance(tree, str) and tree in _ENDLESS:
            return float(tree.replace("INF", "inf"))
        if whole or isinstance(tree, Real):
            return float(tree.text.replace("INF", "inf") if isinstance(tree, Real) else tree)
    if kind.kind == "decimal" and (whole or isinstance(tree, Real | str)):
        return _decimal(tree.text if isinstance(tree, Real) else str(tree), kind)
    raise Misfit


def _decimal(text: str, kind: SqlType) -> Decimal:
    try:
        made = Decimal(text).quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)
    except InvalidOperation:
        raise Misfit from None
    if not made.is_finite() or len(made.as_tuple().digits) > kind.precision:
        raise Misfit
    return made


def schema_of(tree: Any, prefers_decimal: bool) -> SqlType:
    """The type Spark infers of a value (void where there is only null)."""
    if isinstance(tree, dict):
        names = sorted(tree, key=lambda name: name.encode("utf-16-be"))
        return struct(tuple(names), tuple(schema_of(tree[name], prefers_decimal) for name in names))
    if isinstance(tree, list):
        kind = VOID
        for item in tree:
            kind = merged(kind, schema_of(item, prefers_decimal), STRING)
        return array(kind)
    if tree is None:
        return VOID
    if isinstance(tree, bool):
        return SqlType("boolean")
    if isinstance(tree, str):
        return STRING
    if isinstance(tree, int):
        if -(2**63) <= tree < 2**63:
            return SqlType("bigint")
        digits = len(str(abs(tree)))
        return DOUBLE if digits > 38 else decimal(digits, 0)
    if prefers_decimal and re.fullmatch(r"-?\d+\.\d+", tree.text):
        exact = Decimal(tree.text)
        scale = -int(exact.as_tuple().exponent)
        return decimal(max(len(exact.as_tuple().digits), scale), scale)
    return DOUBLE


def ddl(kind: SqlType) -> str:
    """A type as ``schema_of_json`` writes it; what has no type is a text."""
    if kind.kind == "array":
        return f"ARRAY<{ddl(kind.element)}>"
    if kind.kind == "struct":
        fields = ", ".join(f"{name_of(n)}: {ddl(p)}" for n, p in zip(kind.names, kind.parts, strict=True))
        return f"STRUCT<{fields}>"
    return "STRING" if kind == VOID else kind.spark.upper()


def name_of(name: str) -> str:
    """A name, quoted where it must be."""
    return name if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else "`" + name.replace("`", "``") + "`"


def as_texts(kind: SqlType) -> SqlType:
    """A type with its dates and times as texts, which SQL then casts."""
    if kind.temporal:
        return STRING
    if kind.parts:
        return SqlType(kind.kind, tuple(as_texts(part) for part in kind.parts), kind.names)
    if kind.kind in ("interval", "variant") or kind.interval or kind.kind.startswith("time"):
        raise Unsupported(f"from_json to {kind.spark}")
    return kind
