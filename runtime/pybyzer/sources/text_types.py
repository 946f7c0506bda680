"""Types of columns of texts, as Spark's ``inferSchema`` finds them, and the texts as those types.

A type here is Spark's name: ``int``, ``bigint``, ``decimal(20,0)``, ``double``, ``date``, ``timestamp``,
``boolean``, ``string``; ``void`` while only NULLs were seen.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pybyzer.arrow import MOST_DIGITS, parse_type
from pybyzer.sources.java_time import TimeFormat

if TYPE_CHECKING:
    import pyarrow as pa

_INTEGER = re.compile(r"[+-]?\d+\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_DOUBLE = re.compile(r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?)\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MOMENT = re.compile(
    r"(?P<year>[+-]?\d{4,6})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})(?:[ T](?P<time>.*))?)?)?\Z", re.DOTALL
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d{0,9}))?"
    r"\s*(?P<zone>\S.*)?)?)?\Z"
)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?::\d{2})?\Z")
_RANK = ("int", "bigint", "double")
_QUICK_DATE = r"^\d{4}-\d{2}-\d{2}$"
_QUICK_MOMENT = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?$"
_QUICK_INTEGER = r"^[+-]?[0-9]{1,18}$"
_QUICK_NUMBER = r"^[+-]?([0-9]{1,18}|[0-9]{0,18}\.[0-9]+)$"


@dataclass(frozen=True)
class TextTypes:
    """How texts are understood. Formats of None are Spark's defaults."""

    zone: str = "UTC"
    date: TimeFormat | None = None
    timestamp: TimeFormat | None = None
    nan: str = "NaN"
    infinity: str = "Inf"
    negative_infinity: str = "-Inf"

    # -- which type ------------------------------------------------------------------------

    def wider(self, so_far: str, texts: pa.Array) -> str:
        """The type of a column of type ``so_far`` and these further values."""
        import pyarrow.compute as pc

        values = texts.drop_null()
        if so_far == "string" or not len(values):
            return so_far
        quick = self._quickly(so_far, values)
        if quick is not None:
            return quick
        for text in pc.unique(values).to_pylist():
            if text != "":
                so_far = compatible(so_far, self._type(text, so_far))
            if so_far == "string":
                break
        return so_far

    def _quickly(self, so_far: str, values: pa.Array) -> str | None:
        """The answer for columns of plain numbers; None when the values must be looked at one by one."""
        import pyarrow.compute as pc

        if self.date is None and so_far in ("void", "date") and _all(values, _QUICK_DATE):
            return compatible(so_far, "date") if _castable(values, "date32[day]") else None
        if self.timestamp is None and so_far in ("void", "date", "timestamp") and _all(values, _QUICK_MOMENT):
            return "timestamp" if _castable(values, "timestamp[us]") else None
        if so_far not in ("void", *_RANK):
            return None
        if pc.all(pc.match_substring_regex(values, _QUICK_INTEGER)).as_py():
            numbers = pc.cast(_without_plus(values), "int64")
            bounds = pc.min_max(numbers)
            small = bounds["min"].as_py() >= -(1 << 31) and bounds["max"].as_py() < 1 << 31
            return compatible(so_far, "int" if small else "bigint")
        if pc.all(pc.match_substring_regex(values, _QUICK_NUMBER)).as_py():
            return "double"
        return None

    def _type(self, text: str, so_far: str) -> str:
        """The first type, from ``so_far`` on, that a text can be."""
        order = ("void", "int", "bigint", "decimal", "double", "date", "timestamp", "boolean")
        at = order.index("decimal" if so_far.startswith("decimal") else so_far)
        if at <= 2 and _INTEGER.match(text):
            value = int(text)
            if at <= 1 and -(1 << 31) <= value < 1 << 31:
                return "int"
            if -(1 << 63) <= value < 1 << 63:
                return "bigint"
        if at <= 3:
            found = _decimal_type(text)
            if found:
                return found
        if at <= 4 and self.number(text) is not None:
            return "double"
        if at <= 5 and self.day(text) is not None:
            return "date"
        if at <= 6 and self.moment(text) is not None:
            return "timestamp"
        return "boolean" if text.lower() in ("true", "false") else "string"

    # -- values ----------------------------------------------------------------------------

    def column(self, texts: pa.Array, kind: str) -> pa.Array:
        """Texts as values of a type; what is not one becomes NULL."""
        import pyarrow as pa
        import pyarrow.compute as pc

        dtype = parse_type(kind)
        if kind == "string":
            return texts
        texts = pc.if_else(pc.equal(texts, ""), None, texts)
        try:
            if kind in ("int", "bigint", "double"):
                return pc.cast(_without_plus(texts), dtype)
            if kind == "date" and self.date is None and _all(texts, _QUICK_DATE):
                return pc.cast(texts, dtype)
            if kind == "timestamp" and self.timestamp is None and _all(texts, _QUICK_MOMENT):
                local = pc.cast(texts, pa.timestamp("us"))
                if self.zone == "UTC":
                    return local.cast(dtype)
                # Times that the clock leaves out are for the slow way: Java moves them on.
                return pc.assume_timezone(local, self.zone, ambiguous="earliest").cast(dtype)
        except pa.ArrowInvalid:
            pass  # some value is written in a way only Spark knows: one by one
        known: dict[str | None, object] = {None: None}
        reader = self._reader(kind)
        for text in pc.unique(texts).to_pylist():
            if text is not None:
                known[text] = reader(text)
        return pa.array([known[text] for text in texts.to_pylist()], dtype)

    def _reader(self, kind: str) -> Callable[[str], object]:
        if kind.startswith("decimal"):
            return _decimal
        if kind in ("int", "bigint"):
            return int
        return {
            "double": self.number,
            "date": self.day,
            "timestamp": self.moment,
            "boolean": lambda text: {"true": True, "false": False}.get(text.lower()),
        }[kind]

    def number(self, text: str) -> float | None:
        """A double as Java reads it: ``1.5e3``, ``1d``, blanks around it."""
        if text == self.nan:
            return float("nan")
        if text == self.infinity:
            return float("inf")
        if text == self.negative_infinity:
            return float("-inf")
        own = text.strip("".join(map(chr, range(33))))
        return float(own.rstrip("dDfF") if own[-1:] in "dDfF" else own) if _DOUBLE.match(own) else None

    def day(self, text: str) -> datetime.date | None:
        """A date."""
        if self.date is not None:
            found = self.date.value(text, self._date_regex)
            return found.date() if found else None
        if not _DATE.match(text):
            return None
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return None

    def moment(self, text: str) -> datetime.datetime | None:
        """A timestamp: by the format, else anything that Spark's cast accepts."""
        if self.timestamp is not None:
            found = self.timestamp.value(text, self._timestamp_regex)
            return None if found is None else self._zoned(found)
        return self._cast(text.strip())

    def _zoned(self, value: datetime.datetime) -> datetime.datetime:
        own = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(self.zone))
        return own.astimezone(datetime.UTC)

    def _cast(self, text: str) -> datetime.datetime | None:
        day = _MOMENT.match(text)
        clock = _TIME.match((day["time"] or "0:0") if day else text.removeprefix("T"))
        if clock is None or (day is None and clock["minute"] is None):
            return None
        fraction = (clock["fraction"] or "").ljust(6, "0")[:6]
        try:
            zone = _zone(clock["zone"] or self.zone)
            today = datetime.datetime.now(zone)
            return datetime.datetime(
                int(day["year"]) if day else today.year,
                int(day["month"] or 1) if day else today.month,
                int(day["day"] or 1) if day else today.day,
                int(clock["hour"]),
                int(clock["minute"] or 0),
                int(clock["second"] or 0),
                int(fraction),
                tzinfo=zone,
            ).astimezone(datetime.UTC)
        except (ValueError, OverflowError, ZoneInfoNotFoundError):
            return None

    @cached_property
    def _date_regex(self) -> re.Pattern[str] | None:
        return self.date.regex() if self.date else None

    @cached_property
    def _timestamp_regex(self) -> re.Pattern[str] | None:
        return self.timestamp.regex() if self.timestamp else None


def _zone(text: str) -> datetime.tzinfo:
    if text in ("Z", "UTC", "GMT"):
        return datetime.UTC
    found = _OFFSET.match(text)
    if found is None:
        return ZoneInfo(text)
    delta = datetime.timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return datetime.timezone(-delta if found["sign"] == "-" else delta)


def _without_plus(texts: pa.Array) -> pa.Array:
    """Numbers as Arrow reads them: without a plus sign."""
    import pyarrow.compute as pc

    if not pc.any(pc.starts_with(texts, "+")).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"^\+", "")


def _castable(texts: pa.Array, dtype: str) -> bool:
    """Whether all texts are values of a type, not only written like ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.cast(texts, pa.type_for_alias(dtype))
    except pa.ArrowInvalid:
        return False
    return bool(pc.min(pc.year(values)).as_py() > 0)


def _all(texts: pa.Array, pattern: str) -> bool:
    import pyarrow.compute as pc

    return pc.all(pc.match_substring_regex(texts, pattern)).as_py() is not False


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _decimal_type(text: str) -> str | None:
    """``decimal(p,0)`` for a whole number beyond 64 bits."""
    if not _DECIMAL.match(text):
        return None
    _, digits, exponent = Decimal(text).as_tuple()
    precision = len(str(int("".join(map(str, digits)))))
    return f"decimal({precision},0)" if exponent == 0 and precision <= MOST_DIGITS else None


def compatible(a: str, b: str) -> str:
    """The type of a column with values of both types."""
    if b in (a, "void"):
        return a
    if a == "void":
        return b
    if a in _RANK and b in _RANK:
        return max(a, b, key=_RANK.index)
    digits = {"int": 10, "bigint": 20}
    decimals = [side for side in (a, b) if side.startswith("decimal")]
    if decimals:
        if "double" in (a, b):
            return "double"
        precisions = [digits.get(side) or _precision(side) for side in (a, b)]
        known = [precision for precision in precisions if precision]
        return f"decimal({max(known)},0)" if len(known) == 2 else "string"
    return "timestamp" if {a, b} == {"date", "timestamp"} else "string"


def _precision(kind: str) -> int | None:
    found = re.match(r"decimal\((\d+),0\)", kind)
    return int(found[1]) if found else None
