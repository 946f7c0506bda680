"""Numbers and times as a workbook shows them: Excel's number formats (``#,##0.00``, ``yyyy-mm-dd``) as text.

The codes are those of ECMA-376, part 1, 18.8.31; the text is that of Apache POI's DataFormatter, which the
original uses.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_BRACKETS = re.compile(r"\[\$([^\]-]*)[^\]]*\]|\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_PIECES = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|([#0?.,]+(?:[Ee][+-][0#]+)?)|(%)|(.)', re.DOTALL)
_TIMES = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[(h+|m+|s+)\]|(am/pm|a/p)|(y+|m+|d+|h+|s+)|\.(0+)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GENERAL = ("General", "@", "")


def number_text(value: float, code: str, *, plain: bool = False) -> str:
    """A number in a cell's format; ``plain``: all its digits where the format is General."""
    if code in GENERAL:
        return plain_text(value) if plain else general(value)
    sections = _sections(code)
    section = sections[0]
    shown = value
    if value < 0 and len(sections) > 1:
        section, shown = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if section in GENERAL:
        return general(shown)
    return _placed(Decimal(shown), section)


def plain_text(value: float) -> str:
    """All digits, no exponent; as in the original ``1.0``, but ``10000000`` (where Java has exponents)."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0") if abs(value) >= 1e7 else text


def general(value: float) -> str:
    """The General format: at most ten digits, an exponent from 1E11 on."""
    size = abs(value)
    if size >= 1e11 or 0 < size <= 1e-10:
        mantissa, _, exponent = f"{_half_up(Decimal(value), 6):e}".partition("e")
        return f"{_trimmed(mantissa)}E{int(exponent)}"
    if size >= 1e10 or value == int(value):
        return str(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))
    return _trimmed(format(_half_up(Decimal(value), 10).quantize(Decimal("1e-10"), ROUND_HALF_UP), "f"))


def _half_up(value: Decimal, digits: int) -> Decimal:
    """Rounded to so many significant digits."""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_UP)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sections(code: str) -> list[str]:
    """The parts for positive, negative and zero values; colours and conditions left out."""
    own = _BRACKETS.sub(lambda found: f'"{found[1]}"' if found[1] else "", code)
    parts, quoted, current = [], False, ""
    for character in own:
        quoted = quoted != (character == '"')
        if character == ";" and not quoted:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


@dataclass(frozen=True, slots=True)
class _Number:
    """Where digits go in a section: literals around one placeholder."""

    before: str
    digits: str
    after: str
    percents: int


@lru_cache(maxsize=256)
def _number(section: str) -> _Number | None:
    """None when a section has no place for digits, or more than one (a fraction)."""
    before, digits, after, percents = "", "", "", 0
    for quoted, escaped, place, percent, other in _PIECES.findall(section):
        if place and not digits:
            digits = place
            continue
        if place and place.strip(",."):
            return None
        text = quoted or escaped or percent or other or place
        percents += bool(percent)
        if digits:
            after += text
        else:
            before += text
    return _Number(before, digits, after, percents)


def _placed(value: Decimal, section: str) -> str:
    parts = _number(section)
    if parts is None:
        return general(float(value))
    if not parts.digits:
        return parts.before
    value = value * 100**parts.percents
    digits, _, exponent = parts.digits.partition("E") if "E" in parts.digits else parts.digits.partition("e")
    whole, _, fraction = digits.partition(".")
    thousands = len(whole) - len(whole.rstrip(","))
    value = value.scaleb(-3 * thousands)
    sign = "-" if value < 0 else ""
    if exponent:
        text = _scientific(abs(value), whole, fraction, exponent)
    else:
        text = _fixed(abs(value), whole.rstrip(","), fraction)
    if not text.strip("0.,"):
        sign = ""
    return f"{sign}{parts.before}{text}{parts.after}"


def _fixed(value: Decimal, whole: str, fraction: str) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    left, _, right = format(rounded, "f").partition(".")
    left = left.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole and left:
        left = f"{int(left):,}".rjust(len(left), "0")
    least = len(fraction.rstrip("#"))
    right = right.rstrip("0").ljust(least, "0")
    return f"{left}.{right}" if right else left


def _scientific(value: Decimal, whole: str, fraction: str, exponent: str) -> str:
    width = len(exponent.lstrip("+-"))
    power = value.adjusted() if value else 0
    mantissa = _fixed(value.scaleb(-power), whole, fraction)
    if len(mantissa.partition(".")[0]) > 1:
        power += 1
        mantissa = _fixed(value.scaleb(-power), whole, fraction)
    sign = "-" if power < 0 else "+" if exponent[0] == "+" else ""
    return f"{mantissa}E{sign}{abs(power):0{width}d}"


# -- times ---------------------------------------------------------------------------------


def time_text(moment: datetime.datetime, serial: float, code: str) -> str:
    """A date or time in a cell's format. ``serial`` is the cell's number, for elapsed times (``[h]``)."""
    pieces = _TIMES.findall(_sections(code)[0].removesuffix(";@"))
    noon = any(piece[3] for piece in pieces)
    out, before_hour = "", False
    for index, (quoted, escaped, elapsed, half, letters, fraction, other) in enumerate(pieces):
        if letters:
            kind = letters[0].lower()
            minutes = (
                kind == "m" and len(letters) < 3 and (before_hour or _seconds_follow(pieces[index + 1 :]))
            )
            out += _letters(moment, kind, len(letters), minutes=minutes, noon=noon)
            before_hour = kind == "h" or (before_hour and kind not in "ydm")
        elif elapsed:
            unit = {"h": 24, "m": 1440, "s": 86400}[elapsed[0].lower()]
            out += f"{int(round(serial * 86400) * unit // 86400):0{len(elapsed)}d}"
            before_hour = elapsed[0].lower() == "h"
        elif half:
            out += "AM" if moment.hour < 12 else "PM"
        elif fraction:
            out += "." + f"{moment.microsecond:06d}"[: len(fraction)].ljust(len(fraction), "0")
        else:
            out += quoted or escaped or other
    return out


def _seconds_follow(pieces: list[tuple[str, ...]]) -> bool:
    """Whether the next field is one of seconds: then ``m`` are minutes."""
    fields = (piece[4] or piece[2] for piece in pieces if piece[4] or piece[2])
    return next(fields, " ")[0].lower() == "s"


def _letters(moment: datetime.datetime, kind: str, width: int, *, minutes: bool, noon: bool) -> str:
    if kind == "y":
        return f"{moment.year:04d}" if width > 2 else f"{moment.year % 100:02d}"
    if kind == "d" and width > 2:
        name = _DAYS[moment.weekday()]
        return name if width > 3 else name[:3]
    if kind == "m" and not minutes and width > 2:
        name = _MONTHS[moment.month - 1]
        return {3: name[:3], 5: name[0]}.get(width, name)
    hour = (moment.hour % 12 or 12) if noon else moment.hour
    number = {"m": moment.minute if minutes else moment.month, "d": moment.day, "h": hour, "s": moment.second}
    return f"{number[kind]:0{min(width, 2)}d}"
