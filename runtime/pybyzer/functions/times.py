"""Functions over milliseconds and durations such as ``5m``."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from pybyzer.errors import BadOption
from pybyzer.functions.base import batch, macro

if TYPE_CHECKING:
    import pyarrow as pa

_DURATION = re.compile(r"\s*(-?\d+)\s*([a-z]*)\s*\Z", re.IGNORECASE)
_MILLISECONDS = {
    "": 1,
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "min": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
}

macro(
    "parseDateAsLong",
    "s, pattern",
    "unix_millis(to_timestamp(s, pattern))",
    "the milliseconds since 1970 of a time written in a pattern",
)
macro(
    "parseLongAsDate",
    "ms, pattern",
    "date_format(timestamp_millis(cast(ms as bigint)), pattern)",
    "a time given as milliseconds, written in a pattern",
)


@batch("timeAgo", {"duration": "string"}, "bigint", "the milliseconds of the time so long ago")
def time_ago(duration: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.subtract(time.time_ns() // 1_000_000, _durations("timeAgo", duration))


@batch("timePlus", {"ms": "bigint", "duration": "string"}, "bigint", "milliseconds and a duration more")
def time_plus(ms: pa.Array, duration: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.add(ms, _durations("timePlus", duration))


@batch("timeMinus", {"ms": "bigint", "duration": "string"}, "bigint", "milliseconds and a duration less")
def time_minus(ms: pa.Array, duration: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.subtract(ms, _durations("timeMinus", duration))


@batch("sleep", {"ms": "bigint"}, "string", "an empty text, after so many milliseconds", costly=True)
def sleep(ms: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    time.sleep(max(0, pc.sum(ms).as_py() or 0) / 1000)
    return pc.if_else(pc.is_valid(ms), "", pa.scalar(None, pa.string()))


def _durations(name: str, texts: pa.Array) -> pa.Array:
    """Durations in milliseconds; each different text is read once."""
    import pyarrow as pa

    coded = texts.dictionary_encode()
    known = [_milliseconds(name, text) for text in coded.dictionary.to_pylist()]
    return pa.array(known, pa.int64()).take(coded.indices)


def _milliseconds(name: str, text: str) -> int:
    found = _DURATION.match(text)
    unit = found[2].lower() if found else None
    if found is None or unit not in _MILLISECONDS:
        raise BadOption(
            f'{name}: "{text}" is not a duration', hint="a whole number and ms, s, m, h or d, as in 5m"
        )
    return int(found[1]) * _MILLISECONDS[unit]
