"""Rows as lines of JSON, for a Python that has no pyarrow. Values JSON lacks are ``{"$kind": text}``."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
from typing import Any, Dict, Iterable, Iterator

Row = Dict[str, Any]


def dump(rows: Iterable[Row], path: str) -> int:
    """Write rows into a file; how many there were."""
    count = 0
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, default=_encode, ensure_ascii=False) + "\n")
            count += 1
    return count


def load(path: str, first: int = 0, count: int = -1) -> Iterator[Row]:
    """The rows of a file, or ``count`` of them from ``first`` on."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if count >= 0 and number >= first + count:
                return
            if number >= first:
                yield json.loads(line, object_hook=_decode)


def _encode(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, datetime.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"$date": value.isoformat()}
    if isinstance(value, decimal.Decimal):
        return {"$decimal": str(value)}
    if hasattr(value, "tolist"):
        return value.tolist()
    kind = type(value).__name__
    raise TypeError("a value of type %s cannot leave a Python without pyarrow: %r" % (kind, value))


def _decode(found: Dict[str, Any]) -> Any:
    if len(found) == 1:
        ((key, value),) = found.items()
        if key == "$bytes":
            return base64.b64decode(value)
        if key == "$datetime":
            return datetime.datetime.fromisoformat(value)
        if key == "$date":
            return datetime.date.fromisoformat(value)
        if key == "$decimal":
            return decimal.Decimal(value)
    return found
