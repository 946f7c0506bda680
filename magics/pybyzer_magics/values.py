"""One value as a reader sees it, and as JSON: numbers, times, bytes, nested values."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pyarrow as pa

NULL = "NULL"

SHOWN_BYTES = 16
KEPT_BYTES = 64 * 1024
"""Of a longer binary value, the machine-readable form of a preview holds this many bytes."""


def python_values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column, maps as dicts; single-precision numbers keep their short spelling."""
    import pyarrow as pa

    if pa.types.is_float32(column.type):
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    return list(column.to_pylist(maps_as_pydicts="lossy"))


def is_number(dtype: pa.DataType) -> bool:
    """Whether a column is aligned to the right."""
    from pyarrow import types

    return bool(types.is_integer(dtype) or types.is_floating(dtype) or types.is_decimal(dtype))


def shown(value: object, zone: str = "UTC") -> str:
    """A value as text for a reader; ``NULL`` for None."""
    match value:
        case None:
            return NULL
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            return _bytes_text(value)
        case datetime.datetime():
            return _local(value, zone).isoformat(sep=" ")
        case dict() | list():
            return json.dumps(plain(value, zone, _bytes_text), ensure_ascii=False)
        case float() if not math.isfinite(value):
            return str(plain(value))
        case _:
            return str(value)


def plain(value: Any, zone: str = "UTC", binary: Callable[[bytes], str] | None = None) -> Any:
    """A value as JSON can hold it, the way Spark writes rows: binary in base64, times in ISO form.

    Numbers that JSON lacks are texts (``NaN``, ``Infinity``), decimals too unless a number is exact.
    """
    match value:
        case bytes():
            return (binary or _base64)(value)
        case float() if math.isnan(value) or math.isinf(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case decimal.Decimal():
            number = float(value)
            return number if decimal.Decimal(repr(number)) == value else str(value)
        case datetime.datetime():
            return _iso(value, zone)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return str(value)
        case dict():
            return {str(key): plain(item, zone, binary) for key, item in value.items()}
        case list():
            return [plain(item, zone, binary) for item in value]
        case _:
            return value


def size_text(count: int) -> str:
    """A number of bytes for a reader: ``812 bytes``, ``1.5 kB``."""
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{count} bytes" if count < 1000 else f"{size:.1f} {unit}"
    return f"{size:.1f} GB"


def image_type(value: bytes) -> str | None:
    """The MIME type of a picture that every browser shows; None for other bytes."""
    if value.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if value.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if value.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return None


def _bytes_text(value: bytes) -> str:
    start = value[:SHOWN_BYTES].hex(" ")
    more = " …" if len(value) > SHOWN_BYTES else ""
    return f"{size_text(len(value))}: {start}{more}" if value else "0 bytes"


def _base64(value: bytes) -> str:
    return base64.b64encode(value[:KEPT_BYTES]).decode("ascii")


def _local(value: datetime.datetime, zone: str) -> datetime.datetime:
    """The wall clock of the session's time zone; times without a zone stay as they are."""
    return value if value.tzinfo is None else value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _iso(value: datetime.datetime, zone: str) -> str:
    if value.tzinfo is None:
        return value.isoformat(timespec="auto")
    text = value.astimezone(ZoneInfo(zone)).isoformat(timespec="auto")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
