"""Operators of a template on its values. Texts that are numbers count as numbers beside numbers."""

from __future__ import annotations

import math

from pybyzer.velocity.values import MOST_DIGITS, Value, bad, checked, equal, kind, number, ordered, text


def compare(sign: str, a: Value, b: Value, place: int) -> bool:
    """``a sign b``; ``ParseError`` for values that have no order."""
    if sign in ("==", "!="):
        return equal(a, b) is (sign == "==")
    order = ordered(a, b)
    if order is None:
        raise bad(f'"{sign}" cannot compare {kind(a)} and {kind(b)}', place, len(sign))
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[sign]


def calculate(sign: str, a: Value, b: Value, place: int) -> Value:
    """``a sign b``: whole numbers as in Java; ``+`` joins texts when one of them is no number."""
    if a is None or b is None:
        raise bad(f'"{sign}" needs two values, one is not set', place, len(sign))
    texts = isinstance(a, str) and isinstance(b, str)
    one, other = number(a), number(b)
    if sign == "+" and (one is None or other is None or texts):
        if not (isinstance(a, str) or isinstance(b, str)):
            raise bad(f'"+" cannot join {kind(a)} and {kind(b)}', place)
        return checked(text(a) + text(b))
    if one is None or other is None:
        raise bad(f'"{sign}" needs numbers, not {kind(a)} and {kind(b)}', place, len(sign))
    whole = isinstance(one, int) and isinstance(other, int)
    if sign in ("/", "%") and other == 0:
        raise bad("division by zero", place)
    made = _made(sign, one, other, whole)
    if isinstance(made, int) and not -MOST_DIGITS <= made < MOST_DIGITS:
        raise bad("the result is beyond 64 bits", place)
    return made


def _made(sign: str, a: float, b: float, whole: bool) -> int | float:
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/" if whole:
            # Towards zero, as in Java.
            return int(a) // int(b) if (a < 0) == (b < 0) else -(-int(a) // int(b))
        case "/":
            return a / b
        case _:
            return int(a) - int(b) * int(_made("/", a, b, True)) if whole else math.fmod(a, b)
