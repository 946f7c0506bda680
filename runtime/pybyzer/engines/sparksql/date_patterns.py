"""Java's date patterns as Spark takes them: writing a moment as a text, reading a text as a moment.

Both are SQL: a pattern is known when a query is translated, so each of its letters becomes an expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pybyzer.engines.sparksql.types import text
from pybyzer.errors import EngineError, Unsupported

_PLAIN = {
    "yyyy": "%Y", "yy": "%y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "L": "%-m", "LL": "%m",
    "LLL": "%b", "LLLL": "%B", "d": "%-d", "dd": "%d", "D": "%-j", "DDD": "%j", "H": "%-H", "HH": "%H",
    "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g", "SSSSSS": "%f",
    "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A",
}  # fmt: skip
"""Letters that DuckDB's strftime writes as Java does."""

_OWN = {
    "G": "CASE WHEN year({t}) > 0 THEN 'AD' ELSE 'BC' END",
    "y": "CAST(year({t}) AS VARCHAR)",
    "yyy": "lpad(CAST(year({t}) AS VARCHAR), 3, '0')",
    "yyyyy": "lpad(CAST(year({t}) AS VARCHAR), 5, '0')",
    "yyyyyy": "lpad(CAST(year({t}) AS VARCHAR), 6, '0')",
    "Q": "CAST(quarter({t}) AS VARCHAR)",
    "QQ": "'0' || CAST(quarter({t}) AS VARCHAR)",
    "QQQ": "'Q' || CAST(quarter({t}) AS VARCHAR)",
    "QQQQ": "['1st', '2nd', '3rd', '4th'][quarter({t})] || ' quarter'",
    "q": "CAST(quarter({t}) AS VARCHAR)",
    "qq": "'0' || CAST(quarter({t}) AS VARCHAR)",
    "DD": "lpad(CAST(dayofyear({t}) AS VARCHAR), 2, '0')",
    "F": "CAST((day({t}) - 1) % 7 + 1 AS VARCHAR)",
    "K": "CAST(hour({t}) % 12 AS VARCHAR)",
    "KK": "lpad(CAST(hour({t}) % 12 AS VARCHAR), 2, '0')",
    "k": "CAST((hour({t}) + 23) % 24 + 1 AS VARCHAR)",
    "kk": "lpad(CAST((hour({t}) + 23) % 24 + 1 AS VARCHAR), 2, '0')",
    "VV": "current_setting('TimeZone')",
    "X": "spark_offset({o}, '', 0, 'Z')",
    "XX": "spark_offset({o}, '', 1, 'Z')",
    "XXX": "spark_offset({o}, ':', 1, 'Z')",
    "x": "spark_offset({o}, '', 0, '+00')",
    "xx": "spark_offset({o}, '', 1, '+0000')",
    "xxx": "spark_offset({o}, ':', 1, '+00:00')",
    "Z": "spark_offset({o}, '', 1, '+0000')",
    "ZZ": "spark_offset({o}, '', 1, '+0000')",
    "ZZZ": "spark_offset({o}, '', 1, '+0000')",
    "ZZZZ": "CASE WHEN {o} = 0 THEN 'GMT' ELSE 'GMT' || spark_offset({o}, ':', 1, '') END",
    "ZZZZZ": "spark_offset({o}, ':', 1, 'Z')",
    "OOOO": "CASE WHEN {o} = 0 THEN 'GMT' ELSE 'GMT' || spark_offset({o}, ':', 1, '') END",
}  # fmt: skip
"""Letters that are written by SQL of their own: ``{t}`` is the local time, ``{o}`` its offset in seconds."""

_READ = {
    "yyyy": ("year", r"\d{4}"), "y": ("year", r"\d{1,6}"), "yy": ("short", r"\d{2}"),
    "M": ("month", r"\d{1,2}"), "MM": ("month", r"\d{2}"), "MMM": ("named", "(?:{short})"),
    "MMMM": ("named", "(?:{long})"), "L": ("month", r"\d{1,2}"), "LL": ("month", r"\d{2}"),
    "LLL": ("named", "(?:{short})"), "LLLL": ("named", "(?:{long})"),
    "d": ("day", r"\d{1,2}"), "dd": ("day", r"\d{2}"), "D": ("yearday", r"\d{1,3}"),
    "DDD": ("yearday", r"\d{3}"), "H": ("hour", r"\d{1,2}"), "HH": ("hour", r"\d{2}"),
    "h": ("half", r"\d{1,2}"), "hh": ("half", r"\d{2}"), "K": ("zerohalf", r"\d{1,2}"),
    "KK": ("zerohalf", r"\d{2}"), "k": ("onehour", r"\d{1,2}"), "kk": ("onehour", r"\d{2}"),
    "m": ("minute", r"\d{1,2}"), "mm": ("minute", r"\d{2}"), "s": ("second", r"\d{1,2}"),
    "ss": ("second", r"\d{2}"), "a": ("noon", "(?i:am|pm)"),
    "X": ("offset", r"Z|[+-]\d{2}(?:\d{2})?"), "XX": ("offset", r"Z|[+-]\d{4}"),
    "XXX": ("offset", r"Z|[+-]\d{2}:\d{2}"), "x": ("offset", r"[+-]\d{2}(?:\d{2})?"),
    "xx": ("offset", r"[+-]\d{4}"), "xxx": ("offset", r"[+-]\d{2}:\d{2}"), "Z": ("offset", r"[+-]\d{4}"),
    "ZZ": ("offset", r"[+-]\d{4}"), "ZZZ": ("offset", r"[+-]\d{4}"),
    "ZZZZZ": ("offset", r"Z|[+-]\d{2}:\d{2}"), "VV": ("zone", r"[A-Za-z]+(?:/[A-Za-z_]+)+|UTC|GMT|Z"),
}  # fmt: skip
"""What a letter reads, and the regular expression of it."""
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of one letter, a plain text, or a bracket."""

    body: str
    kind: str


def _pieces(pattern: str) -> list[_Piece]:
    out = []
    for found in re.finditer(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[\[\]]|[^A-Za-z'\[\]]+|'", pattern):
        body = found[0]
        if body == "''":
            out.append(_Piece("'", "text"))
        elif body == "'" or (not found[2] and set(body) & set("#{}")):
            raise EngineError(f"the date pattern {pattern} is not complete", hint="quote texts: yyyy'T'HH")
        elif body.startswith("'"):
            out.append(_Piece(found[1].replace("''", "'"), "text"))
        else:
            out.append(_Piece(body, "letter" if found[2] else "bracket" if body in "[]" else "text"))
    return out


def _unknown(letter: str, pattern: str) -> Exception:
    if letter[0] in "YwWuec":
        return EngineError(f"{letter[0]} in the date pattern {pattern}: weeks are none of Spark's")
    return Unsupported(f"{letter} in the date pattern {pattern}")


def written(pattern: str, local: str, offset: str) -> str:
    """The SQL that writes a local time (SQL) by a pattern; ``offset`` is that of the zone, in seconds."""
    parts: list[str] = []
    plain = ""
    for piece in _pieces(pattern):
        if piece.kind == "bracket":
            continue
        if piece.kind == "text":
            plain += piece.body.replace("%", "%%")
            continue
        letter = piece.body
        if letter in _PLAIN:
            plain += _PLAIN[letter]
            continue
        if re.fullmatch("S{1,9}", letter):
            made = f"left(strftime({{t}}, '%f') || '000', {len(letter)})"
        elif letter in _OWN:
            made = _OWN[letter]
        else:
            raise _unknown(letter, pattern)
        if plain:
            parts.append(f"strftime({local}, {text(plain)})")
            plain = ""
        parts.append(made.replace("{t}", local).replace("{o}", offset))
    if plain or not parts:
        parts.append(f"strftime({local}, {text(plain)})")
    return parts[0] if len(parts) == 1 else f"({' || '.join(f'({part})' for part in parts)})"


def read(pattern: str, value: str) -> tuple[str, bool]:
    """The SQL that reads a text (SQL) by a pattern as a text of a local time, NULL where it does not match.

    True: the text ends with an offset or a zone.
    """
    names: list[str] = []
    expression = ""
    for piece in _pieces(pattern):
        if piece.kind == "text":
            expression += re.escape(piece.body)
        elif piece.kind == "bracket":
            expression += "(?:" if piece.body == "[" else ")?"
        else:
            name, body = _reading(piece.body, pattern)
            names.append(name)
            expression += f"({body})"
    try:
        re.compile(expression)
    except re.error:
        raise EngineError(f"the date pattern {pattern} is not complete") from None
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise Unsupported(f"a date pattern that reads the {repeated[0]} twice: {pattern}")
    return _built(names, expression, value), bool({"offset", "zone"} & set(names))


def _reading(letter: str, pattern: str) -> tuple[str, str]:
    if re.fullmatch("S{1,9}", letter):
        # Spark reads fewer digits than there are letters.
        return "fraction", rf"\d{{1,{len(letter)}}}"
    if letter not in _READ:
        raise _unknown(letter, pattern)
    name, body = _READ[letter]
    short, long = "|".join(month[:3] for month in _MONTHS), "|".join(_MONTHS)
    return name, body.replace("{short}", short).replace("{long}", long)


def _built(names: list[str], expression: str, value: str) -> str:
    """A text of date and time from the groups of a match."""
    if not names:
        return "CAST(NULL AS VARCHAR)"
    groups = ", ".join(text(name) for name in names)
    has = set(names)

    def number(name: str, default: str) -> str:
        return f"coalesce(nullif(p.{name}, ''), '{default}')" if name in has else f"'{default}'"

    year = number("year", "1970")
    if "short" in has:
        year = f"CAST(2000 + CAST({number('short', '0')} AS INTEGER) AS VARCHAR)"
    month, day = number("month", "1"), number("day", "1")
    if "named" in has:
        places = ", ".join(text(month_name[:3]) for month_name in _MONTHS)
        month = f"CAST(list_position([{places}], left(p.named, 3)) AS VARCHAR)"
    date = f"{year} || '-' || {month} || '-' || {day}"
    if "yearday" in has:
        first = f"CAST({year} || '-01-01' AS DATE) + CAST(p.yearday AS INTEGER) - 1"
        date = f"CASE WHEN year({first}) = CAST({year} AS INTEGER) THEN CAST({first} AS VARCHAR) END"
    clock = f"{_hour(has)} || ':' || {number('minute', '0')} || ':' || {number('second', '0')}"
    if "fraction" in has:
        clock += " || '.' || coalesce(nullif(left(p.fraction, 6), ''), '0')"
    zone = ""
    if "offset" in has:
        zone = " || CASE WHEN p.offset IN ('Z', '') THEN '+00:00' ELSE p.offset END"
    elif "zone" in has:
        zone = " || ' ' || p.zone"
    bounds = " AND ".join(f"CAST({number(n, '0')} AS INTEGER) < {m}" for n, m in _bounds(has)) or "true"
    made = f"CASE WHEN {bounds} THEN {date} || ' ' || {clock}{zone} END"
    matched = f"regexp_extract({value}, {text(f'^(?s:{expression})$')}, [{groups}])"
    whole = f"regexp_full_match({value}, {text(expression)})"
    return f"CASE WHEN {whole} THEN list_transform([{matched}], lambda p: {made})[1] END"


def _hour(has: set[str]) -> str:
    if "hour" in has:
        return "coalesce(nullif(p.hour, ''), '0')"
    if "onehour" in has:
        return "CAST(CAST(p.onehour AS INTEGER) % 24 AS VARCHAR)"
    for name in ("half", "zerohalf"):
        if name in has:
            afternoon = " + CASE WHEN upper(p.noon) = 'PM' THEN 12 ELSE 0 END" if "noon" in has else ""
            return f"CAST(CAST(p.{name} AS INTEGER) % 12{afternoon} AS VARCHAR)"
    return "'0'"


def _bounds(has: set[str]) -> list[tuple[str, int]]:
    limits = {"hour": 24, "half": 13, "zerohalf": 12, "onehour": 25, "minute": 60, "second": 60}
    return [(name, limit) for name, limit in limits.items() if name in has]
