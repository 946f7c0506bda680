"""Variants read from JSON, and written as JSON and as text."""

from __future__ import annotations

import base64
import datetime
import json
import math
from decimal import Decimal
from typing import Any

from pybyzer.engines.sparksql.json_texts import decoded
from pybyzer.engines.sparksql.literals import java_text
from pybyzer.engines.sparksql.variant_format import Single
from pybyzer.errors import EngineError


class Mismatch(EngineError):
    """A value is not what a path or a type wants; the ``try_`` functions give NULL for it."""


def of_json(text: str) -> Any:
    """A JSON text's value; what follows it is not looked at. ``Mismatch`` if it is none."""
    try:
        return decoded(_DECODER, text)
    except (ValueError, RecursionError) as error:
        raise Mismatch(f"parse_json: not JSON: {text[:60]}", hint="try_parse_json gives NULL") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key comes twice")
    return made


def _whole(text: str) -> int | Decimal | float:
    number = int(text)
    if -(2**63) <= number < 2**63:
        return number
    return Decimal(text) if len(text.lstrip("-")) <= 38 else float(text)


def _fraction(text: str) -> Decimal | float:
    if "e" in text or "E" in text:
        return float(text)
    digits, _, after = text.lstrip("-").partition(".")
    exact = len((digits + after).lstrip("0")) <= 38 and len(after) <= 38
    return Decimal(text) if exact else float(text)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant
)


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _single_text(value: float) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    short = pc.cast(pa.array([value], pa.float32()), pa.string())[0].as_py()
    return java_text(float(short)) if math.isfinite(value) else _double_text(value)


def _double_text(value: float) -> str:
    if math.isfinite(value):
        return java_text(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def text_of(tree: Any, zone: Any) -> str | None:
    """A variant as Spark casts it to a text; null is NULL."""
    match tree:
        case None:
            return None
        case str():
            return tree
        case bytes():
            return tree.decode(errors="replace")
        case datetime.datetime():
            local = tree if tree.tzinfo is None else tree.astimezone(zone).replace(tzinfo=None)
            return _time_text(local)
        case datetime.date():
            return tree.isoformat()
        case float() | Single():
            return json_of(tree, zone).strip('"')
        case _:
            return json_of(tree, zone)


def _time_text(local: datetime.datetime) -> str:
    text = local.isoformat(" ")
    return text.rstrip("0") if "." in text else text


def json_of(tree: Any, zone: Any) -> str:  # noqa: PLR0912 (a branch for each type)
    """A variant as JSON."""
    match tree:
        case None:
            return "null"
        case bool():
            return "true" if tree else "false"
        case int():
            return str(tree)
        case Decimal():
            return plain(tree)
        case float():
            return _double_text(tree) if math.isfinite(tree) else f'"{_double_text(tree)}"'
        case Single():
            short = _single_text(tree.value)
            return short if math.isfinite(tree.value) else f'"{short}"'
        case str():
            return json.dumps(tree, ensure_ascii=False)
        case bytes():
            return f'"{base64.b64encode(tree).decode()}"'
        case datetime.datetime():
            if tree.tzinfo is None:
                return f'"{_time_text(tree)}"'
            local = tree.astimezone(zone)
            # The zone as +08:00; strftime writes it so only from Python 3.12 on.
            return f'"{_time_text(local.replace(tzinfo=None))}{local.isoformat()[-6:]}"'
        case datetime.date():
            return f'"{tree.isoformat()}"'
        case list():
            return f"[{','.join(json_of(item, zone) for item in tree)}]"
        case _:
            fields = sorted(tree.items(), key=lambda pair: pair[0].encode("utf-16-be"))
            inner = (f"{json.dumps(key, ensure_ascii=False)}:{json_of(item, zone)}" for key, item in fields)
            return f"{{{','.join(inner)}}}"
