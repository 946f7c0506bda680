"""``date`` in templates: a moment with the methods and patterns of Joda's DateTime.

The patterns are those of ``org.joda.time.format.DateTimeFormat``, in English: ``yyyyMMdd``,
``yyyy-MM-dd'T'HH:mm:ss.SSSZZ``, ``EEE d MMM``. Not those of Java's own formatter: ``Y`` is a year here.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pybyzer.errors import BadOption

ISO_DAY = "yyyy-MM-dd"
ISO = "yyyy-MM-dd'T'HH:mm:ss.SSSZZ"
LETTERS = "G C y Y x M w e E D d a K h H k m s S z Z"
"""What a pattern may be made of."""

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)|(')")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EXACT_UNITS = ("hours", "minutes", "seconds", "milliseconds")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time in a zone. Calendar units move the clock on the wall, hours and less move time."""

    at: datetime.datetime

    def plus(self, unit: str, amount: int) -> Moment:
        """This moment moved by whole ``years`` ... ``milliseconds``; days that a month lacks become its last.

        ``BadOption`` beyond the years 1 to 9999.
        """
        try:
            if unit in ("years", "months"):
                return self._plus_months(amount * 12 if unit == "years" else amount)
            delta = datetime.timedelta(**{unit: amount})
            if unit in _EXACT_UNITS:
                return Moment((self.at.astimezone(datetime.UTC) + delta).astimezone(self.at.tzinfo))
            return self._on_the_wall(self.at + delta)
        except (ValueError, OverflowError):
            raise BadOption(f"{amount:+} {unit}: that date is beyond the years 1 to 9999") from None

    def change(self, **parts: int) -> Moment:
        """This moment with some of its parts (``year``, ``day``, ``hour`` ...) replaced."""
        try:
            return self._on_the_wall(self.at.replace(**parts))  # type: ignore[arg-type]
        except (ValueError, OverflowError) as error:
            raise BadOption(f"there is no such date: {error}") from None

    @property
    def days_in_month(self) -> int:
        return calendar.monthrange(self.at.year, self.at.month)[1]

    def text(self, pattern: str = ISO) -> str:
        """The moment as a Joda pattern says; ``BadOption`` for a letter that is none of Joda's."""
        return "".join(self._piece(found, pattern) for found in _PIECE.finditer(pattern))

    def _plus_months(self, months: int) -> Moment:
        year, month = divmod(self.at.year * 12 + self.at.month - 1 + months, 12)
        if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
            raise ValueError
        day = min(self.at.day, calendar.monthrange(year, month + 1)[1])
        return self._on_the_wall(self.at.replace(year=year, month=month + 1, day=day))

    def _on_the_wall(self, at: datetime.datetime) -> Moment:
        """A time that the clocks skip is the one an hour later."""
        return Moment(at.astimezone(datetime.UTC).astimezone(at.tzinfo))

    def _piece(self, found: re.Match[str], pattern: str) -> str:
        quoted, letter, between, quote = found.groups()
        if quote:
            raise BadOption(f"a quote in the date pattern {pattern} is never closed")
        if quoted is not None:
            return quoted.replace("''", "'") or "'"
        if between is not None:
            return str(between)
        if letter not in LETTERS.split():
            raise BadOption(
                f'"{found[0]}" in the date pattern "{pattern}" means nothing',
                hint="letters that are only text stand in quotes; the others are " + LETTERS,
            )
        return self._field(letter, len(found[0]))

    def _field(self, letter: str, width: int) -> str:
        at = self.at
        match letter:
            case "G":
                return "AD"
            case "y" | "Y" | "x":
                year = at.isocalendar().year if letter == "x" else at.year
                return f"{year % 100:02d}" if width == 2 else f"{year:0{width}d}"
            case "M" if width >= 3:
                return _MONTHS[at.month - 1][: None if width >= 4 else 3]
            case "E":
                return _DAYS[at.weekday()][: None if width >= 4 else 3]
            case "a":
                return "AM" if at.hour < 12 else "PM"
            case "S":
                return f"{at.microsecond // 1000:03d}".ljust(width, "0")[:width]
            case "z":
                return at.tzname() or "UTC"
            case "Z":
                return self._zone(width)
            case _:
                return f"{self._number(letter):0{width}d}"

    def _number(self, letter: str) -> int:
        at = self.at
        numbers: dict[str, int] = {
            "C": at.year // 100,
            "M": at.month,
            "w": at.isocalendar().week,
            "e": at.isoweekday(),
            "D": at.timetuple().tm_yday,
            "d": at.day,
            "K": at.hour % 12,
            "h": at.hour % 12 or 12,
            "H": at.hour,
            "k": at.hour or 24,
            "m": at.minute,
            "s": at.second,
        }
        return numbers[letter]

    def _zone(self, width: int) -> str:
        if width >= 3:
            return str(self.at.tzinfo)
        offset = self.at.utcoffset() or datetime.timedelta()
        minutes = int(offset.total_seconds()) // 60
        if width == 2 and not minutes:
            return "Z"
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        return f"{sign}{hours:02d}{':' if width == 2 else ''}{rest:02d}"


def now(zone: str) -> Moment:
    """This moment in a zone with an IANA name; ``BadOption`` for another name."""
    try:
        return Moment(datetime.datetime.now(ZoneInfo(zone)))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadOption(f'there is no time zone "{zone}"', hint="a name as Europe/Berlin") from None


def days(clock: Callable[[], Moment]) -> dict[str, Callable[[], Moment | str]]:
    """The names that are always there: ``date`` and the days around it as ``yyyy-MM-dd``."""

    def day(offset: int) -> Callable[[], str]:
        return lambda: clock().plus("days", offset).text(ISO_DAY)

    return {
        "date": clock,
        "today": day(0),
        "yesterday": day(-1),
        "tomorrow": day(1),
        "theDayBeforeYesterday": day(-2),
    }
