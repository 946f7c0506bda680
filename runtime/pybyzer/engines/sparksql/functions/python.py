"""Functions that are computed row by row in Python: right first; a macro of SQL would be faster."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from pybyzer.engines.base import SqlFunction
from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.hashing import hash_columns
from pybyzer.engines.sparksql.types import BIGINT, BINARY, INT, STRING, SqlType, to_arrow
from pybyzer.errors import Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

_FUNCTIONS: dict[tuple[object, ...], SqlFunction] = {}


def _rows(function: Callable[..., Any], nulls: bool) -> Callable[..., pa.Array]:
    """A function of values as one of arrays; NULL in gives NULL out unless it wants to see them."""

    def batch(*columns: Any) -> Any:
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return [function(*row) if nulls or None not in row else None for row in rows]

    return batch


def call_python(
    call: Call,
    function: Callable[..., Any],
    kinds: tuple[SqlType, ...],
    returns: SqlType,
    *,
    nulls: bool = False,
    given: tuple[object, ...] = (),
    rare: bool = False,
) -> Expr:
    """A call of a Python function of values; the database runs it on batches.

    ``given`` are the constants that are inside ``function``: another constant is another function.
    """
    operands = [(call.as_(index, kind), kind) for index, kind in enumerate(kinds)]
    sql = python_sql(call, (call.name, *given), function, operands, returns, nulls=nulls, rare=rare)
    return call.result(sql, returns)


def python_sql(
    call: Call,
    key: tuple[object, ...],
    function: Callable[..., Any],
    operands: Sequence[tuple[str, SqlType]],
    returns: SqlType,
    *,
    nulls: bool = False,
    arrays: bool = False,
    rare: bool = False,
) -> str:
    """The SQL of ``function`` over operands (SQL, type); ``arrays``: it is one of Arrow arrays.

    ``key`` is its name and whatever else makes it another function. ``rare``: few rows come here, so the
    query is not a costly one.
    """
    kinds = tuple(kind for _, kind in operands)
    whole = (*key, kinds, returns)
    if whole not in _FUNCTIONS:
        _FUNCTIONS[whole] = SqlFunction(
            f"spark_{key[0]}",
            tuple(str(i) for i in range(len(kinds))),
            batch=function if arrays else _rows(function, nulls),
            returns=to_arrow(returns),
        )
    call.translator.heavy = call.translator.heavy or not rare
    name = call.translator.user.register(_FUNCTIONS[whole], kinds, returns)
    return f"{name}({', '.join(sql for sql, _ in operands)})"


@rule("crc32")
def _crc32(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type == BINARY:
        return call_python(call, zlib.crc32, (BINARY,), BIGINT)
    return call_python(call, lambda value: zlib.crc32(value.encode()), (STRING,), BIGINT)


@rule("sha2")
def _sha2(call: Call) -> Expr:
    call.arity(2)
    bits = call.constant(1)
    value = call.args[0].sql if call.args[0].type == BINARY else f"encode({call.as_(0, STRING)})"
    if bits in (0, 256):
        return call.result(f"sha256({value})", STRING)
    if bits not in (224, 384, 512):
        return call.result("CAST(NULL AS VARCHAR)", STRING)
    digest = getattr(hashlib, f"sha{bits}")
    inner = call.with_args([Expr(value, BINARY)])
    inner.name = f"sha{bits}"
    return call_python(inner, lambda data: digest(data).hexdigest(), (BINARY,), STRING).named(call.label)


_SOUNDEX = dict(zip("BFPVCGJKQSXZDTLMNR", "111122222222334556", strict=True))


@rule("soundex")
def _soundex(call: Call) -> Expr:
    call.arity(1)
    return call_python(call, _soundex_of, (STRING,), STRING)


def _soundex_of(value: str) -> str:
    """The code of a name: letter and three digits; anything that does not start with a letter as it is."""
    upper = value.upper()
    if not upper or not "A" <= upper[0] <= "Z":
        return value
    out, last = upper[0], _SOUNDEX.get(upper[0], "")
    for char in upper[1:]:
        code = _SOUNDEX.get(char, "")
        if code and code != last:
            out += code
        # H and W do not separate equal codes; vowels do.
        if char not in "HW":
            last = code
        if len(out) == 4:
            break
    return out.ljust(4, "0")


@rule("conv")
def _conv(call: Call) -> Expr:
    call.arity(3)
    return call_python(call, _conv_of, (STRING, INT, INT), STRING)


def _conv_of(value: str, source: int, target: int) -> str | None:
    """A number in another base, as 64 bits; what cannot be read any further is cut off."""
    if not 2 <= source <= 36 or not 2 <= abs(target) <= 36:
        return None
    text = value.strip().lower()
    if not text:
        return None
    negative = text.startswith("-")
    number = 0
    for char in text.lstrip("-"):
        digit = int(char, 36) if char.isalnum() and char.isascii() else 36
        if digit >= source:
            break
        number = min(number * source + digit, 2**64 - 1)
    if negative and target > 0:
        number = (-number) % 2**64
    signed = target < 0 and number >= 2**63
    number = 2**64 - number if signed else number
    digits = ""
    while number or not digits:
        number, digit = divmod(number, abs(target))
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return ("-" if signed or (negative and target < 0) else "") + digits


@rule("format_number")
def _format_number(call: Call) -> Expr:
    call.arity(2)
    if call.args[1].type == STRING:
        pattern = call.constant(1)
        found = re.fullmatch(r"([#,]*)([0,]*)(?:\.(0*)(#*))?", str(pattern))
        if found is None:
            raise Unsupported(f"the number format {pattern}", hint="#,##0.00")
        shape = _Shape.of(*(part or "" for part in found.groups()))
        return call_python(call, shape.written, (STRING,), STRING, given=(pattern,))
    return call_python(call, _format_number_of, (STRING, INT), STRING)


def _format_number_of(value: str, digits: int) -> str | None:
    """Thousands separated by commas, rounded half to even, as Java's DecimalFormat."""
    return None if digits < 0 else _Shape(3, 1, digits, digits).written(value)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A format of Java's: the digits of a group (0: none), the least before and after the point, the most after."""

    group: int
    before: int
    after: int
    most: int

    @classmethod
    def of(cls, hashes: str, zeros: str, fixed: str, free: str) -> _Shape:
        """The shape of the parts of ``#,##0.0##``."""
        whole = hashes + zeros
        group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
        # Java reads a pattern without any zero as one with a zero before the point.
        before = zeros.count("0") or int(bool(free) and not fixed)
        return cls(group, before, len(fixed), len(fixed) + len(free))

    def written(self, value: str) -> str:
        """A number (its text) in this shape, halves to the even neighbour."""
        if value in ("NaN", "Infinity", "-Infinity"):
            return value.replace("Infinity", "\u221e")
        number = Decimal(value).quantize(Decimal(1).scaleb(-self.most), ROUND_HALF_EVEN)
        whole, _, part = f"{abs(number):f}".partition(".")
        part = part[: self.after] + part[self.after :].rstrip("0")
        whole = whole.lstrip("0").rjust(self.before, "0")
        if not whole and not part:
            whole = "0"
        if self.group:
            first = len(whole) % self.group
            groups = [whole[:first]] if first else []
            groups += [whole[i : i + self.group] for i in range(first, len(whole), self.group)]
            whole = ",".join(groups)
        minus = "-" if number.is_signed() else ""
        return f"{minus}{whole}{'.' if part else ''}{part}"


@rule("hash", "xxhash64")
def _hash(call: Call) -> Expr:
    call.arity(1, -1)
    kinds = tuple(arg.type for arg in call.args)
    kinds = tuple(STRING if kind.kind == "void" else kind for kind in kinds)
    wide = call.name == "xxhash64"
    return call_python(call, hash_columns(kinds, wide=wide), kinds, BIGINT if wide else INT, nulls=True)
