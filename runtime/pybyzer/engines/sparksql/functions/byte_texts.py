"""The functions of texts that also take bytes: there they count bytes, and give bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.call import RULES, Call
from pybyzer.engines.sparksql.expr import Expr

# First, for the rules of texts that these stand before.
from pybyzer.engines.sparksql.functions import strings as _strings  # noqa: F401
from pybyzer.engines.sparksql.functions.python import call_python
from pybyzer.engines.sparksql.types import BINARY, BOOLEAN, INT, STRING, SqlType
from pybyzer.errors import EngineError

_LAST = 2**31 - 1


def _substring(value: bytes, start: int, length: int = _LAST) -> bytes:
    first = start - 1 if start > 0 else len(value) + start if start < 0 else 0
    return value[max(first, 0) : max(first + length, 0)]


def _left(value: bytes, count: int) -> bytes:
    return value[: max(count, 0)]


def _overlay(value: bytes, other: bytes, start: int, length: int = -1) -> bytes:
    count = len(other) if length < 0 else length
    return value[: max(start - 1, 0)] + other + value[max(start - 1 + count, 0) :]


def _fill(value: bytes, size: int, pad: bytes) -> bytes:
    missing = max(size - len(value), 0)
    return (pad * (missing // len(pad) + 1))[:missing] if pad else b""


def _lpad(value: bytes, size: int, pad: bytes = b"\0") -> bytes:
    return _fill(value, size, pad) + value[: max(size, 0)]


def _rpad(value: bytes, size: int, pad: bytes = b"\0") -> bytes:
    return value[: max(size, 0)] + _fill(value, size, pad)


# The function of bytes, its arguments after the first, its result, the arguments Spark's title shows.
_RULES: dict[str, tuple[Callable[..., Any], tuple[SqlType, ...], SqlType, tuple[str, ...]]] = {
    "substring": (_substring, (INT, INT), BINARY, ("2147483647",)),
    "substr": (_substring, (INT, INT), BINARY, ("2147483647",)),
    "right": (lambda value, count: value[-count:].decode() if count > 0 else "", (INT,), STRING, ()),
    "left": (_left, (INT,), BINARY, ()),
    "overlay": (_overlay, (BINARY, INT, INT), BINARY, ("-1",)),
    "lpad": (_lpad, (INT, BINARY), BINARY, ("X'00'",)),
    "rpad": (_rpad, (INT, BINARY), BINARY, ("X'00'",)),
    "reverse": (lambda value: value[::-1], (), BINARY, ()),
    "contains": (lambda value, part: part in value, (BINARY,), BOOLEAN, ()),
    "startswith": (bytes.startswith, (BINARY,), BOOLEAN, ()),
    "endswith": (bytes.endswith, (BINARY,), BOOLEAN, ()),
}


def _before(name: str) -> None:
    texts = RULES[name]
    function, kinds, returns, shown = _RULES[name]

    def choose(call: Call) -> Expr:
        if not call.args or call.args[0].type != BINARY:
            return texts(call)
        call.arity(1 + len(kinds) - len(shown), 1 + len(kinds))
        wanted = (BINARY, *kinds[: len(call.args) - 1])
        # A pad may be a text; what is laid over bytes may not.
        loose = name in ("lpad", "rpad")
        for arg, kind in zip(call.args, wanted, strict=True):
            if kind == BINARY and arg.type != BINARY and arg.type.kind != "void" and not loose:
                raise EngineError(f"{name}: {arg.label} must be binary, as {call.args[0].label} is")
        made = call_python(call, function, wanted, returns)
        missing = shown if len(call.args) == len(kinds) else ()
        return made.named(made.label[:-1] + "".join(f", {part}" for part in missing) + ")")

    RULES[name] = choose


for _name in _RULES:
    _before(_name)


def _size(name: str, times: int) -> None:
    def size(call: Call) -> Expr:
        call.arity(1)
        value = call.args[0].sql if call.args[0].type == BINARY else f"encode({call.as_(0, STRING)})"
        return call.result(f"CAST(octet_length({value}) * {times} AS INTEGER)", INT)

    RULES[name] = size


_size("octet_length", 1)
_size("bit_length", 8)
