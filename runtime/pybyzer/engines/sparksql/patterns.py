"""Patterns of Java in DuckDB's spelling: regular expressions, their replacements, dates and times."""

from __future__ import annotations

import re

from pybyzer.errors import Unsupported

_SPECIAL = set("\\^$.|?*+()[]{}")


def literal_of_regex(regex: str) -> str | None:
    """The plain text a regular expression stands for, or None when it is a real pattern."""
    out, index = [], 0
    while index < len(regex):
        char = regex[index]
        if char == "\\" and index + 1 < len(regex) and not regex[index + 1].isalnum():
            index += 1
            char = regex[index]
        elif char in _SPECIAL:
            inner = re.match(r"\[([^\\\]^])\]", regex[index:])
            if inner is None:
                return None
            char = inner[1]
            index += inner.end() - 1
        out.append(char)
        index += 1
    return "".join(out)


def java_regex(regex: str) -> str:
    """A regular expression of Java for RE2; ``Unsupported`` where RE2 has nothing like it."""
    if re.search(r"(?<!\\)(\\\\)*\(\?(=|!|<=|<!|>)", regex) or re.search(r"(?<!\\)(\\\\)*\\[1-9]", regex):
        raise Unsupported(
            f"the regular expression {regex}",
            hint="look-around, atomic groups and back references are not available on this engine",
        )
    if re.search(r"(?<!\\)(\\\\)*[*+?}]\+", regex):
        raise Unsupported(f"the regular expression {regex}", hint="possessive quantifiers are not available")
    out, index, in_class = [], 0, False
    while index < len(regex):
        char = regex[index]
        if char == "\\" and index + 1 < len(regex):
            pair = regex[index : index + 2]
            # Java's \s has the vertical tab, RE2's has not; \h and \R are Java's own.
            known = {"\\s": "\\s\\v", "\\h": " \\t", "\\Z": "\\z"}.get(pair)
            if known is not None and pair in ("\\s", "\\h"):
                out.append(known if in_class else f"[{known}]")
            else:
                out.append(known or pair)
            index += 2
            continue
        in_class = (in_class or char == "[") and char != "]"
        out.append(char)
        index += 1
    return "".join(out)


def replacement(text: str) -> str:
    r"""Java's replacement text (``$1``, ``\$``) as RE2's (``\1``)."""
    out, index = [], 0
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            index += 1
            out.append("\\\\" if text[index] == "\\" else text[index])
        elif char == "$":
            group = re.match(r"\$(\d)", text[index:])
            if group is None:
                raise Unsupported(f"the replacement {text}", hint="$ must be followed by a group's number")
            out.append("\\" + group[1])
            index += 1
        else:
            out.append("\\\\" if char == "\\" else char)
        index += 1
    return "".join(out)


# Letters of Java's date patterns: strftime's, and a regular expression for reading.
_LETTERS: dict[str, tuple[str, str]] = {
    "y": ("%Y", r"\d{4,}"),
    "yy": ("%y", r"\d{2}"),
    "yyyy": ("%Y", r"\d{4}"),
    "u": ("%Y", r"\d{4}"),
    "uuuu": ("%Y", r"\d{4}"),
    "M": ("%-m", r"\d{1,2}"),
    "MM": ("%m", r"\d{2}"),
    "MMM": ("%b", r"[A-Za-z]{3}"),
    "MMMM": ("%B", r"[A-Za-z]+"),
    "L": ("%-m", r"\d{1,2}"),
    "LL": ("%m", r"\d{2}"),
    "d": ("%-d", r"\d{1,2}"),
    "dd": ("%d", r"\d{2}"),
    "D": ("%-j", ""),
    "DDD": ("%j", ""),
    "H": ("%-H", r"\d{1,2}"),
    "HH": ("%H", r"\d{2}"),
    "h": ("%-I", r"\d{1,2}"),
    "hh": ("%I", r"\d{2}"),
    "m": ("%-M", r"\d{1,2}"),
    "mm": ("%M", r"\d{2}"),
    "s": ("%-S", r"\d{1,2}"),
    "ss": ("%S", r"\d{2}"),
    "SSS": ("%g", r"\d{3}"),
    "SSSSSS": ("%f", r"\d{6}"),
    "a": ("%p", r"[AaPp][Mm]"),
    "E": ("%a", r"[A-Za-z]{3}"),
    "EE": ("%a", r"[A-Za-z]{3}"),
    "EEE": ("%a", r"[A-Za-z]{3}"),
    "EEEE": ("%A", r"[A-Za-z]+"),
}


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """The runs of one letter (True) and the plain texts (False) of a date pattern."""
    out: list[tuple[str, bool]] = []
    for match in re.finditer(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", pattern):
        if match[0] == "''":
            out.append(("'", False))
        elif match[0].startswith("'"):
            out.append((match[1].replace("''", "'"), False))
        else:
            out.append((match[0], match[2] is not None))
    return out


def strftime(pattern: str) -> str:
    """A date pattern for writing."""
    return "".join(_letter(piece, pattern)[0] if is_letter else piece.replace("%", "%%")
                   for piece, is_letter in _pieces(pattern))  # fmt: skip


def strptime(pattern: str) -> tuple[str, str]:
    """A date pattern for reading: strptime's, and the regular expression a text must match as a whole."""
    formats, expressions = [], []
    for piece, is_letter in _pieces(pattern):
        if not is_letter:
            formats.append(piece.replace("%", "%%"))
            expressions.append(re.escape(piece))
            continue
        letter, expression = _letter(piece, pattern)
        if not expression:
            raise Unsupported(f"reading dates by {piece} in the pattern {pattern}")
        formats.append(letter.replace("%-", "%"))
        expressions.append(expression)
    return "".join(formats), "".join(expressions)


def _letter(piece: str, pattern: str) -> tuple[str, str]:
    if piece not in _LETTERS:
        raise Unsupported(f"{piece} in the date pattern {pattern}")
    return _LETTERS[piece]
