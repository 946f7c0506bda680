"""Spark's variant as bytes: a value, and the dictionary of its keys (Parquet's variant encoding, version 1).

In Python a variant is None (a variant's null), a bool, an int, a Decimal, a float, ``Single``, a text,
bytes, a date, a datetime (with a zone: an instant), a list, or a dict.
"""

from __future__ import annotations

import datetime
import itertools
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_EPOCH_DAY = datetime.date(1970, 1, 1)
_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICRO = datetime.timedelta(microseconds=1)
(_NULL, _TRUE, _FALSE, _INT1, _INT2, _INT4, _INT8, _DOUBLE, _DECIMAL4, _DECIMAL8, _DECIMAL16, _DATE, _INSTANT,
 _LOCAL, _FLOAT, _BINARY, _LONG_TEXT) = range(17)  # fmt: skip
_BASIC, _SHORT_TEXT, _OBJECT, _ARRAY = range(4)


@dataclass(frozen=True, slots=True)
class Single:
    """A float of 32 bits."""

    value: float


def encode(tree: Any, dictionary: bytes | None = None) -> dict[str, bytes]:
    """A value as Spark stores it: ``value`` and ``metadata`` (a dictionary that has all keys, or its own)."""
    if dictionary is not None:
        known = {key: index for index, key in enumerate(_keys(dictionary))}
        return {"value": _encoded(tree, known), "metadata": dictionary}
    keys: dict[str, int] = {}
    value = _encoded(tree, keys)
    names = [key.encode() for key in keys]
    size = _width(max(sum(map(len, names)), len(names)))
    offsets, at = [0], 0
    for name in names:
        at += len(name)
        offsets.append(at)
    parts = [bytes([1 | (size - 1) << 6]), len(names).to_bytes(size, "little")]
    parts += [offset.to_bytes(size, "little") for offset in offsets]
    return {"value": value, "metadata": b"".join([*parts, *names])}


def _width(number: int) -> int:
    return max(1, (number.bit_length() + 7) // 8)


def _head(kind: int) -> bytes:
    return bytes([kind << 2])


def _encoded(tree: Any, keys: dict[str, int]) -> bytes:  # noqa: PLR0912 (a branch for each type)
    match tree:
        case None:
            return _head(_NULL)
        case bool():
            return _head(_TRUE if tree else _FALSE)
        case int():
            for kind, code, bits in ((_INT1, "b", 8), (_INT2, "<h", 16), (_INT4, "<i", 32)):
                if -(1 << bits - 1) <= tree < 1 << bits - 1:
                    return _head(kind) + struct.pack(code, tree)
            return _head(_INT8) + struct.pack("<q", tree)
        case float():
            return _head(_DOUBLE) + struct.pack("<d", tree)
        case Single():
            return _head(_FLOAT) + struct.pack("<f", tree.value)
        case Decimal():
            return _decimal(tree)
        case str():
            data = tree.encode()
            if len(data) < 64:
                return bytes([len(data) << 2 | _SHORT_TEXT]) + data
            return _head(_LONG_TEXT) + len(data).to_bytes(4, "little") + data
        case bytes():
            return _head(_BINARY) + len(tree).to_bytes(4, "little") + tree
        case datetime.datetime():
            local = tree.tzinfo is None
            micros = (tree - (_EPOCH if local else _EPOCH_UTC)) // _MICRO
            return _head(_LOCAL if local else _INSTANT) + struct.pack("<q", micros)
        case datetime.date():
            return _head(_DATE) + struct.pack("<i", (tree - _EPOCH_DAY).days)
        case list():
            parts = [_encoded(item, keys) for item in tree]
            return _container(_ARRAY, None, parts, list(range(len(parts))))
        case dict():
            ids, parts = [], []
            for key, item in tree.items():
                ids.append(keys.setdefault(key, len(keys)))
                parts.append(_encoded(item, keys))
            # In the order of their names, as Java compares them; the values stay where they are.
            names = list(tree)
            order = sorted(range(len(names)), key=lambda place: names[place].encode("utf-16-be"))
            return _container(_OBJECT, ids, parts, order)
    raise TypeError(f"no variant of {type(tree).__name__}")


def _decimal(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    scale = max(-int(exponent), 0)
    number = int("".join(map(str, digits)) or "0") * 10 ** max(int(exponent), 0)
    number = -number if sign else number
    precision = len(str(abs(number)))
    for kind, most, size in ((_DECIMAL4, 9, 4), (_DECIMAL8, 18, 8), (_DECIMAL16, 38, 16)):
        if precision <= most and scale <= most:
            stored: bytes = number.to_bytes(size, "little", signed=True)
            return _head(kind) + bytes([scale]) + stored
    raise ValueError(f"{value} has more than 38 digits")


def _container(kind: int, ids: list[int] | None, parts: list[bytes], order: list[int]) -> bytes:
    count = len(parts)
    large = count > 255
    total = sum(map(len, parts))
    offset_size = _width(total)
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part)
    out = [count.to_bytes(4 if large else 1, "little")]
    if ids is None:
        head = large << 2 | offset_size - 1
    else:
        id_size = _width(max(ids, default=0))
        head = large << 4 | id_size - 1 << 2 | offset_size - 1
        out += [ids[place].to_bytes(id_size, "little") for place in order]
    out += [starts[place].to_bytes(offset_size, "little") for place in order]
    out.append(total.to_bytes(offset_size, "little"))
    return bytes([head << 2 | kind]) + b"".join([*out, *parts])


def decode(stored: dict[str, bytes]) -> Any:
    """The value that Spark stored; the fields of an object in the order of their names."""
    return _decoded(stored["value"], 0, _keys(stored["metadata"]))


def _keys(metadata: bytes) -> list[str]:
    size = (metadata[0] >> 6) + 1
    count = _number(metadata, 1, size)
    offsets = [_number(metadata, 1 + size * (index + 1), size) for index in range(count + 1)]
    start = 1 + size * (count + 2)
    return [metadata[start + a : start + b].decode() for a, b in itertools.pairwise(offsets)]


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _decoded(data: bytes, at: int, keys: list[str]) -> Any:
    basic, info = data[at] & 3, data[at] >> 2
    at += 1
    if basic == _SHORT_TEXT:
        return data[at : at + info].decode()
    if basic == _BASIC:
        return _scalar(data, at, info)
    offset_size = (info & 3) + 1
    is_array = basic == _ARRAY
    size_bytes = 4 if info >> (2 if is_array else 4) & 1 else 1
    count = _number(data, at, size_bytes)
    at += size_bytes
    id_size = 0 if is_array else (info >> 2 & 3) + 1
    offsets_at = at + id_size * count
    data_at = offsets_at + offset_size * (count + 1)
    items = [
        _decoded(data, data_at + _number(data, offsets_at + offset_size * index, offset_size), keys)
        for index in range(count)
    ]
    if is_array:
        return items
    names = [keys[_number(data, at + id_size * index, id_size)] for index in range(count)]
    return dict(zip(names, items, strict=True))


def _scalar(data: bytes, at: int, kind: int) -> Any:
    match kind:
        case 0:
            return None
        case 1 | 2:
            return kind == _TRUE
        case 3 | 4 | 5 | 6:
            size = 1 << kind - _INT1
            return int.from_bytes(data[at : at + size], "little", signed=True)
        case 7:
            return struct.unpack_from("<d", data, at)[0]
        case 8 | 9 | 10:
            size = 4 << kind - _DECIMAL4
            number = int.from_bytes(data[at + 1 : at + 1 + size], "little", signed=True)
            return Decimal(number).scaleb(-data[at]) if data[at] else Decimal(number)
        case 11:
            return _EPOCH_DAY + datetime.timedelta(days=struct.unpack_from("<i", data, at)[0])
        case 12 | 13:
            micros = datetime.timedelta(microseconds=struct.unpack_from("<q", data, at)[0])
            return (_EPOCH_UTC if kind == _INSTANT else _EPOCH) + micros
        case 14:
            return Single(struct.unpack_from("<f", data, at)[0])
        case 15 | 16:
            found = data[at + 4 : at + 4 + _number(data, at, 4)]
            return found if kind == _BINARY else found.decode()
    raise ValueError(f"variant type {kind}")
