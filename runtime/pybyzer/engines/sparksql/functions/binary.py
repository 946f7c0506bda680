"""Bytes and what they are written as: character sets, hexadecimal, base 32 and 64, valid UTF-8."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python, python_sql
from pybyzer.engines.sparksql.types import BINARY, BOOLEAN, STRING, VOID, text
from pybyzer.errors import EngineError

# Java writes UTF-16 with a byte order mark and UTF-32 without, both big-endian.
_CHARSETS = {
    "utf-8": ("utf-8", b""),
    "us-ascii": ("ascii", b""),
    "iso-8859-1": ("latin-1", b""),
    "utf-16": ("utf-16-be", b"\xfe\xff"),
    "utf-16be": ("utf-16-be", b""),
    "utf-16le": ("utf-16-le", b""),
    "utf-32": ("utf-32-be", b""),
}


def _charset(call: Call, index: int) -> str:
    name = str(call.constant(index)).lower()
    if name not in _CHARSETS:
        raise EngineError(f"{call.name}: no character set {name}", hint=", ".join(sorted(_CHARSETS)))
    return name


@rule("encode")
def _encode(call: Call) -> Expr:
    call.arity(2)
    if call.args[1].type == VOID or call.args[0].type == VOID:
        return call.result("CAST(NULL AS BLOB)", BINARY)
    name = _charset(call, 1)
    if name == "utf-8":
        return call.result(f"encode({call.as_(0, STRING)})", BINARY)
    codec, mark = _CHARSETS[name]

    def run(value: str) -> bytes:
        try:
            return mark + value.encode(codec)
        except UnicodeEncodeError:
            raise EngineError(f"encode: a text cannot be written in {name}") from None

    sql = python_sql(call, ("encode", name), run, [(call.as_(0, STRING), STRING)], BINARY)
    return call.result(sql, BINARY)


@rule("decode")
def _decode(call: Call) -> Expr:
    call.arity(2, -1)
    if len(call.args) > 2:
        return _choice(call)
    if call.args[1].type == VOID or call.args[0].type == VOID:
        return call.result("CAST(NULL AS VARCHAR)", STRING)
    name = _charset(call, 1)
    if name == "utf-8":
        return call.result(f"decode({call.as_(0, BINARY)})", STRING)
    codec, mark = _CHARSETS[name]

    def run(value: bytes) -> str:
        try:
            if mark and value[:2] in (b"\xfe\xff", b"\xff\xfe"):
                return value.decode("utf-16")
            if name == "utf-32" and value[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
                return value.decode("utf-32")
            return value.decode(codec)
        except UnicodeDecodeError:
            raise EngineError(f"decode: a value is not {name}") from None

    sql = python_sql(call, ("decode", name), run, [(call.as_(0, BINARY), BINARY)], STRING)
    return call.result(sql, STRING)


def _choice(call: Call) -> Expr:
    """``decode(x, 1, 'a', 2, 'b', 'other')``; NULL is equal to NULL here."""
    pairs, rest = call.args[1:], []
    if len(pairs) % 2:
        rest, pairs = [pairs[-1]], pairs[:-1]
    kind = widest_of(arg.type for arg in (*pairs[1::2], *rest))
    if kind is None:
        raise EngineError("decode: the results have types that do not meet")
    branches = " ".join(
        f"WHEN {call.translator.compare('<=>', call.args[0], wanted).sql} THEN {cast(result, kind).sql}"
        for wanted, result in zip(pairs[::2], pairs[1::2], strict=True)
    )
    other = cast(rest[0], kind).sql if rest else "NULL"
    return call.result(f"CASE {branches} ELSE {other} END", kind)


@rule("to_binary", "try_to_binary")
def _to_binary(call: Call) -> Expr:
    call.arity(1, 2)
    form = call.constant(1) if len(call.args) == 2 else "hex"
    trying = call.name == "try_to_binary"
    nothing = call.result("CAST(NULL AS BLOB)", BINARY)
    if form is None or call.args[0].type == VOID:
        return nothing
    form = str(form).lower()
    value = call.as_(0, STRING)
    if form in ("utf-8", "utf8"):
        return call.result(f"encode({value})", BINARY)
    if form not in ("hex", "base64"):
        if trying:
            return nothing
        raise EngineError(f"to_binary: no format {form}", hint="hex, base64, utf-8")
    read = _of_hex if form == "hex" else _of_strict_base64
    wrong = f"error({text(f'to_binary: a text is not {form}')})"
    sql = python_sql(call, ("binary", form), read, [(value, STRING)], BINARY)
    if not trying:
        sql = f"CASE WHEN {value} IS NOT NULL THEN coalesce({sql}, {wrong}) END"
    return call.result(sql, BINARY)


def _of_hex(value: str) -> bytes | None:
    try:
        return bytes.fromhex("0" * (len(value) % 2) + value) if value.isalnum() or not value else None
    except ValueError:
        return None


def _of_strict_base64(value: str) -> bytes | None:
    plain = re.sub(r"\s", "", value)
    digits = plain.rstrip("=")
    padding = len(plain) - len(digits)
    if not re.fullmatch(r"[A-Za-z0-9+/]*", digits) or padding > 2:
        return None
    if len(digits) % 4 == 1 or (padding and len(plain) % 4):
        return None
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


@rule("unbase64")
def _unbase64(call: Call) -> Expr:
    call.arity(1)
    return call_python(call, _of_mime, (STRING,), BINARY)


def _of_mime(value: str) -> bytes:
    """Java's MIME decoder: other characters are skipped, padding may be missing but not wrong."""
    digits, padded, rest = re.sub(r"[^A-Za-z0-9+/=]", "", value).partition("=")
    size = len(digits) % 4
    if size == 1 or rest.strip("=") or (padded and (size == 0 or (size == 2 and not rest))):
        raise EngineError("unbase64: a text is not base 64")
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


@rule("to_base32")
def _to_base32(call: Call) -> Expr:
    call.arity(1)
    return call_python(call, lambda value: base64.b32encode(value).decode(), (BINARY,), STRING)


_BASE32 = {char: index for index, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}


@rule("from_base32")
def _from_base32(call: Call) -> Expr:
    call.arity(1)
    return call_python(call, _of_base32, (STRING,), BINARY)


def _of_base32(value: str) -> bytes:
    """Without regard to case, to what is no digit, and to bits left over."""
    number = size = 0
    for char in value.partition("=")[0].upper():
        if char in _BASE32:
            number, size = number << 5 | _BASE32[char], size + 5
    return (number >> size % 8).to_bytes(size // 8, "big")


def _valid(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@rule("is_valid_utf8")
def _is_valid_utf8(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type == BINARY:
        return call_python(call, _valid, (BINARY,), BOOLEAN)
    return call.result(f"CASE WHEN {call.as_(0, STRING)} IS NOT NULL THEN true END", BOOLEAN)


@rule("make_valid_utf8", "validate_utf8", "try_validate_utf8")
def _of_utf8(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type != BINARY:
        return call.result(call.as_(0, STRING), STRING)
    run: Callable[[bytes], str | None] = {
        "make_valid_utf8": lambda value: value.decode(errors="replace"),
        "try_validate_utf8": lambda value: value.decode() if _valid(value) else None,
        "validate_utf8": _validated,
    }[call.name]
    return call_python(call, run, (BINARY,), STRING)


def _validated(value: bytes) -> str:
    if not _valid(value):
        raise EngineError(f"validate_utf8: not UTF-8: {value[:40].hex().upper()}")
    return value.decode()
