"""Literals: numbers with Spark's types, binary."""

from __future__ import annotations

import re
from decimal import Decimal

from pybyzer.engines.sparksql.expr import Expr, integer
from pybyzer.engines.sparksql.types import BINARY, DOUBLE, decimal
from pybyzer.errors import EngineError


def number(written: str) -> Expr:
    """``1`` is an int (or bigint), ``1.5`` a decimal, ``1e3`` a double."""
    lower = written.lower()
    if "e" in lower:
        return double(lower)
    if "." not in lower:
        value = int(lower)
        if value < 2**63:
            return integer(value)
        kind = decimal(len(lower), 0)
        return Expr(f"CAST('{lower}' AS {kind.duck})", kind, lower, Decimal(lower))
    exact = Decimal(lower)
    digits = max(len(exact.as_tuple().digits), -int(exact.as_tuple().exponent))
    if digits > 38:
        raise EngineError(f"{written} has more than 38 digits", hint="write it with an exponent: 1.5e0")
    scale = -int(exact.as_tuple().exponent)
    kind = decimal(max(digits, scale), scale)
    return Expr(f"CAST({exact:f} AS {kind.duck})", kind, f"{exact:f}", exact)


def hexadecimal(digits: str) -> Expr:
    """``x'1F'``."""
    if re.search("[^0-9A-Fa-f]", digits):
        raise EngineError(f"X'{digits}' is not hexadecimal")
    digits = "0" * (len(digits) % 2) + digits.upper()
    return Expr(f"unhex('{digits}')", BINARY, f"X'{digits}'")


def double(written: str) -> Expr:
    """A double, labelled as Java writes it."""
    value = float(written)
    return Expr(f"CAST({written} AS DOUBLE)", DOUBLE, java_text(value), value)


def java_text(value: float) -> str:
    """Java's text of a double: plain between 1e-3 and 1e7, else with E."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, exponent = f"{Decimal(repr(value)):e}".lower().split("e")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def moment(written: str, kind: str) -> str:
    """The text of a date or timestamp literal as Spark shows it."""
    shown = written.strip()
    if kind != "date":
        shown = shown.replace("T", " ")
        shown = f"{shown} 00:00:00" if " " not in shown else shown + ":00" * (2 - shown.count(":"))
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
