"""Patterns of Java in DuckDB's spelling: regular expressions and their replacements."""

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
