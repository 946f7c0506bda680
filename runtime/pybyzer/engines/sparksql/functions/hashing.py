"""Spark's ``hash`` (Murmur3, 32 bits) and ``xxhash64``: the same numbers for the same values."""

from __future__ import annotations

import datetime
import functools
import struct
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from pybyzer.engines.sparksql.types import SqlType
from pybyzer.errors import EngineError, Unsupported

_MASK32, _MASK64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
SEED = 42


def hash_columns(kinds: tuple[SqlType, ...], *, wide: bool) -> Callable[..., int]:
    """A function of a row's values: each value's hash is the seed of the next; NULL changes nothing."""
    folds = [_fold(kind, _xxhash64 if wide else _murmur3) for kind in kinds]
    bits = 64 if wide else 32

    def run(*values: Any) -> int:
        seed = SEED
        for value, fold in zip(values, folds, strict=True):
            seed = fold(value, seed)
        return seed - (1 << bits) if seed >> (bits - 1) else seed

    return run


Fold = Callable[[Any, int], int]


def _fold(kind: SqlType, one: Callable[[bytes, int], int]) -> Fold:
    """The hash of a value from a seed; items and fields one after the other."""
    if kind.kind == "array":
        item = _fold(kind.element, one)
        return lambda value, seed: functools.reduce(
            lambda so_far, part: item(part, so_far), value or (), seed
        )
    if kind.kind == "struct":
        fields = [(name, _fold(part, one)) for name, part in zip(kind.names, kind.parts, strict=True)]

        def all_of(value: Any, seed: int) -> int:
            for name, fold in fields if value is not None else ():
                seed = fold(value[name], seed)
            return seed

        return all_of
    encode = _encoder(kind)
    return lambda value, seed: seed if value is None else one(encode(value), seed)


_EPOCH = datetime.datetime(1970, 1, 1)
_MICRO = datetime.timedelta(microseconds=1)


def _encoder(kind: SqlType) -> Callable[[Any], bytes]:
    """Bytes to hash: 4 for small whole numbers, 8 for large ones, texts as UTF-8 (marked by length)."""
    made = _ENCODERS.get(kind.kind)
    if made is not None:
        return made
    if kind.kind == "decimal":
        if kind.precision <= 18:
            return lambda value: struct.pack("<q", int(Decimal(value).scaleb(kind.scale)))
        return lambda value: _Text(_two_complement(int(Decimal(value).scaleb(kind.scale, _WIDE))))
    if kind.kind == "map":
        raise EngineError("hash: a map has no hash", hint="map_entries(m)")
    raise Unsupported(f"hash of {kind.spark}", hint="cast it to string")


_WIDE = Context(prec=60)


def _two_complement(number: int) -> bytes:
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True)


class _Text(bytes):
    """Bytes of a text: hashed byte by byte at the end, as Spark does."""


def _micros(value: datetime.datetime) -> bytes:
    local = value if value.tzinfo is None else value.astimezone(datetime.UTC).replace(tzinfo=None)
    return struct.pack("<q", (local - _EPOCH) // _MICRO)


_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "boolean"), lambda value: struct.pack("<i", int(value))),
    "void": bytes,
    "bigint": lambda value: struct.pack("<q", value),
    # Zero has no sign here, and there is one NaN.
    "float": lambda value: struct.pack("<f", value if value != 0 else 0.0),
    "double": lambda value: struct.pack("<d", value if value != 0 else 0.0),
    "string": lambda value: _Text(value.encode()),
    "binary": _Text,
    "date": lambda value: struct.pack("<i", (value - datetime.date(1970, 1, 1)).days),
    "timestamp": _micros,
    "timestamp_ntz": _micros,
}


def _murmur3(data: bytes, seed: int) -> int:
    h = seed & _MASK32
    whole = len(data) - len(data) % 4
    for index in range(0, whole, 4):
        h = _mix(h, int.from_bytes(data[index : index + 4], "little"))
    for byte in data[whole:]:
        # Spark mixes each byte left over as a (signed) word of its own.
        h = _mix(h, byte - 256 if byte > 127 else byte)
    h ^= len(data)
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _MASK32
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _MASK32
    return h ^ (h >> 16)


def _mix(h: int, word: int) -> int:
    k = (word * 0xCC9E2D51) & _MASK32
    k = _rotate(k, 15, 32)
    k = (k * 0x1B873593) & _MASK32
    return (_rotate(h ^ k, 13, 32) * 5 + 0xE6546B64) & _MASK32


def _rotate(value: int, by: int, bits: int) -> int:
    mask = (1 << bits) - 1
    return ((value << by) | (value >> (bits - by))) & mask


_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _xxhash64(data: bytes, seed: int) -> int:
    seed &= _MASK64
    size, at = len(data), 0
    if size >= 32:
        lanes = [seed + _P1 + _P2, seed + _P2, seed, seed - _P1]
        while at <= size - 32:
            for lane in range(4):
                word = int.from_bytes(data[at : at + 8], "little")
                lanes[lane] = (_rotate((lanes[lane] + word * _P2) & _MASK64, 31, 64) * _P1) & _MASK64
                at += 8
        h = (
            sum(_rotate(lane & _MASK64, by, 64) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True))
            & _MASK64
        )
        for lane in lanes:
            h = ((h ^ _round(lane)) * _P1 + _P4) & _MASK64
    else:
        h = (seed + _P5) & _MASK64
    h = (h + size) & _MASK64
    while at + 8 <= size:
        h ^= _round(int.from_bytes(data[at : at + 8], "little"))
        h = (_rotate(h, 27, 64) * _P1 + _P4) & _MASK64
        at += 8
    if at + 4 <= size:
        h ^= (int.from_bytes(data[at : at + 4], "little") * _P1) & _MASK64
        h = (_rotate(h, 23, 64) * _P2 + _P3) & _MASK64
        at += 4
    for byte in data[at:]:
        h ^= (byte * _P5) & _MASK64
        h = (_rotate(h, 11, 64) * _P1) & _MASK64
    h = ((h ^ (h >> 33)) * _P2) & _MASK64
    h = ((h ^ (h >> 29)) * _P3) & _MASK64
    return h ^ (h >> 32)


def _round(word: int) -> int:
    return (_rotate((word * _P2) & _MASK64, 31, 64) * _P1) & _MASK64
