"""Java's date patterns (``yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]``), as options of Spark's formats use them."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pybyzer.errors import Unsupported

if TYPE_CHECKING:
    import pyarrow as pa

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(\[)|(\])|([^A-Za-z'\[\]]+)")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PARSED = {
    "yyyy": r"(?P<year>[+-]?\d{4,9})",
    "uuuu": r"(?P<year>[+-]?\d{4,9})",
    "y": r"(?P<year>[+-]?\d{1,9})",
    "yy": r"(?P<short>\d{2})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "MMM": r"(?P<word>[A-Za-z]{3})",
    "MMMM": r"(?P<word>[A-Za-z]{3,9})",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})",
    "H": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<half>\d{2})",
    "h": r"(?P<half>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "m": r"(?P<minute>\d{1,2})",
    "ss": r"(?P<second>\d{2})",
    "s": r"(?P<second>\d{1,2})",
    "a": r"(?P<noon>[AaPp][Mm])",
    "XXX": r"(?P<zone>Z|[+-]\d{2}:\d{2})",
    "XX": r"(?P<zone>Z|[+-]\d{4})",
    "X": r"(?P<zone>Z|[+-]\d{2}(?:\d{2})?)",
    "Z": r"(?P<zone>[+-]\d{4})",
    "E": r"[A-Za-z]{3}",
    "EEE": r"[A-Za-z]{3}",
    "EEEE": r"[A-Za-z]{6,9}",
}


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """A pattern; ``option`` is where it was given, ``zone`` the one of texts without one (None: no zone)."""

    pattern: str
    option: str
    zone: str | None = None

    def __post_init__(self) -> None:
        for kind, text in self._tokens():
            if kind == "letters" and text not in _PARSED and not re.fullmatch("S{1,9}", text):
                raise Unsupported(
                    f'{self.option}: "{text}" in "{self.pattern}" is not known here',
                    hint="known: " + " ".join([*_PARSED, "S"]),
                )

    def _tokens(self) -> list[tuple[str, str]]:
        found = []
        for match in _TOKEN.finditer(self.pattern):
            if match[1] is not None:
                found.append(("text", match[1].replace("''", "'") or "'"))
            elif match[2]:
                found.append(("letters", match[0]))
            elif match[3] or match[4]:
                found.append(("bracket", match[0]))
            else:
                found.append(("text", match[0]))
        return found

    # -- writing ---------------------------------------------------------------------------

    def texts(self, column: pa.Array) -> pa.Array:
        """A date or timestamp column as text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
        pattern = self._strftime(column.type)
        if pattern is not None and self.zone in (None, "UTC"):
            unit = "ms" if "." in pattern or "%S" in pattern else "s"
            moments = column
            if not pa.types.is_date(column.type):
                local = column.cast(pa.timestamp("us", tz="UTC" if zoned else None))
                floored = pc.floor_temporal(local, unit="millisecond" if unit == "ms" else "second")
                moments = floored.cast(pa.timestamp(unit, tz="UTC" if zoned else None), safe=False)
            return pc.strftime(moments, format=pattern)
        zone = ZoneInfo(self.zone) if self.zone and zoned else None
        values = column.to_pylist()
        return pa.array(
            [None if v is None else self.text(v.astimezone(zone) if zone else v) for v in values], pa.string()
        )

    def _strftime(self, dtype: pa.DataType) -> str | None:
        """The pattern for Arrow's fast formatter, where it gives the same text."""
        import pyarrow as pa

        if self.pattern == "yyyy-MM-dd":
            return "%Y-%m-%d"
        if pa.types.is_date(dtype):
            return None
        if self.pattern.startswith("yyyy-MM-dd'T'HH:mm:ss[.SSS]"):
            return "%Y-%m-%dT%H:%M:%S" + ("Z" if self.pattern.endswith("[XXX]") else "")
        return None

    def text(self, value: datetime.date) -> str:
        """One value as text."""
        return "".join(
            text if kind == "text" else "" if kind == "bracket" else _written(text, value)
            for kind, text in self._tokens()
        )

    # -- reading ---------------------------------------------------------------------------

    def regex(self) -> re.Pattern[str]:
        """What a text of this pattern looks like."""
        parts = []
        for kind, text in self._tokens():
            if kind == "bracket":
                parts.append("(?:" if text == "[" else ")?")
            elif kind == "text":
                parts.append(re.escape(text))
            elif text.startswith("S"):
                parts.append(rf"(?P<fraction>\d{{{len(text)}}})")
            else:
                parts.append(_PARSED[text])
        return re.compile("".join(parts) + r"\Z")

    def value(self, text: str, regex: re.Pattern[str] | None = None) -> datetime.datetime | None:
        """The moment a text says (without a zone when it has none); None when it is not of this pattern."""
        found = (regex or self.regex()).match(text)
        if found is None:
            return None
        parts = {key: value for key, value in found.groupdict().items() if value is not None}
        try:
            return _moment(parts)
        except (ValueError, OverflowError):
            return None


def _moment(parts: dict[str, str]) -> datetime.datetime:
    year = int(parts["year"]) if "year" in parts else 2000 + int(parts.get("short", "-30"))
    month = int(parts.get("month", "1"))
    if "word" in parts:
        names = [name[: len(parts["word"])].lower() for name in _MONTHS]
        month = names.index(parts["word"].lower()) + 1
    hour = int(parts.get("hour", "0"))
    if "half" in parts:
        hour = int(parts["half"]) % 12 + (12 if parts.get("noon", "am").lower() == "pm" else 0)
    zone = None
    if "zone" in parts:
        zone = datetime.UTC if parts["zone"] == "Z" else _offset(parts["zone"])
    return datetime.datetime(
        year,
        month,
        int(parts.get("day", "1")),
        hour,
        int(parts.get("minute", "0")),
        int(parts.get("second", "0")),
        int(parts.get("fraction", "0").ljust(6, "0")[:6]),
        tzinfo=zone,
    )


def _offset(text: str) -> datetime.timezone:
    digits = text[1:].replace(":", "").ljust(4, "0")
    delta = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return datetime.timezone(-delta if text[0] == "-" else delta)


def _written(letters: str, value: datetime.date) -> str:
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime(*value.timetuple()[:3])
    kind, width = letters[0], len(letters)
    match kind:
        case "y" | "u":
            return f"{moment.year % 100:02d}" if width == 2 else f"{moment.year:0{width}d}"
        case "M" if width >= 3:
            return _MONTHS[moment.month - 1] if width == 4 else _MONTHS[moment.month - 1][:3]
        case "E":
            return _DAYS[moment.weekday()] if width == 4 else _DAYS[moment.weekday()][:3]
        case "S":
            return f"{moment.microsecond:06d}".ljust(9, "0")[:width]
        case "a":
            return "AM" if moment.hour < 12 else "PM"
        case "X" | "Z":
            return _zone(moment, letters)
        case _:
            number = {
                "M": moment.month,
                "d": moment.day,
                "H": moment.hour,
                "h": moment.hour % 12 or 12,
                "m": moment.minute,
                "s": moment.second,
            }[kind]
            return f"{number:0{width}d}"


def _zone(moment: datetime.datetime, letters: str) -> str:
    offset = moment.utcoffset() or datetime.timedelta()
    if not offset and letters != "Z":
        return "Z"
    minutes = int(offset.total_seconds()) // 60
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    if letters == "X" and not rest:
        return f"{sign}{hours:02d}"
    return f"{sign}{hours:02d}{':' if letters == 'XXX' else ''}{rest:02d}"
