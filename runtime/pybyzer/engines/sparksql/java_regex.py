"""Java's regular expressions: for RE2 (inside the database) where it means the same, else for Python.

RE2 differs from Java in what ends a line (for ``.``, ``$`` and ``(?m)``), in what a word is (``\\b``) and
in empty matches; it has no look-around, no back references and no possessive quantifiers. ``read`` says
which of that a pattern uses, so that only texts for which it matters take the slow way.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from pybyzer.errors import EngineError, Unsupported

_ENDS = r"\n\r\x85\u2028\u2029"
_RE2_ENDS = r"\n\r\x{85}\x{2028}\x{2029}"
LINES = f"[{_RE2_ENDS}]"
"""What ends a line, for RE2."""

_DOLLAR = r"(?:(?=\r\n\Z)|(?=[\r\x85\u2028\u2029]\Z)|(?<!\r)(?=\n\Z)|\Z)"
_LINE_END = r"(?:(?=\r\n)|(?=[\r\x85\u2028\u2029])|(?<!\r)(?=\n)|\Z)"
_LINE_START = r"(?:\A|(?<=[\n\x85\u2028\u2029])(?!\Z)|(?<=\r)(?!\n)(?!\Z))"
_ANCHORS = {
    "A": (r"\A", r"\A"),
    "z": (r"\z", r"\Z"),
    "Z": (r"\z", _DOLLAR),
    "R": (rf"(?:\r\n|[{_RE2_ENDS}\v\f])", rf"(?:\r\n|[{_ENDS}\x0B\f])"),
}
_BLANK = r" \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_POSIX = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": r"\x00-\x7F", "Alpha": "a-zA-Z", "Digit": "0-9",
    "Alnum": "a-zA-Z0-9", "Punct": r"!-/:-@\[-`{-~", "Graph": "!-~", "Print": " -~", "Blank": r" \t",
    "Cntrl": r"\x00-\x1F\x7F", "XDigit": "0-9a-fA-F", "Space": r" \t\n\x0B\f\r",
}  # fmt: skip
_LETTERS = {
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "Nl", "No", "P", "S", "Sc", "Z", "Zs", "C", "Cc",
    "Han", "Latin", "Greek", "Cyrillic", "Hiragana", "Katakana",
}  # fmt: skip
_SPECIAL = set("\\^$.|?*+()[]{}")


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern read. ``re2`` is None when RE2 has nothing like it; ``python`` when Python has not.

    ``lines``, ``words``: texts with line ends, with letters beyond ASCII, must take the way of Python.
    ``empty``: it may match nothing, which RE2 counts differently.
    """

    java: str
    re2: str | None
    python: re.Pattern[str] | None
    groups: int
    lines: bool
    words: bool

    @property
    def empty(self) -> bool:
        return self.python is None or self.python.search("") is not None

    def compiled(self) -> re.Pattern[str]:
        """The pattern for Python; ``Unsupported`` where there is none."""
        if self.python is None:
            raise _unsupported(self.java)
        return self.python


@functools.lru_cache(512)
def read(java: str) -> Regex:
    """Read a pattern; ``EngineError`` if Java could not, ``Unsupported`` if neither RE2 nor Python can."""
    reader = _Reader(java)
    reader.run()
    python = None
    if reader.python_can:
        try:
            python = re.compile("".join(reader.python), re.ASCII | reader.flags)
        except re.error as error:
            raise EngineError(f"the regular expression {java}: {error}") from None
    re2 = "".join(reader.re2) if reader.re2_can else None
    if python is None and re2 is None:
        raise _unsupported(java)
    return Regex(java, re2, python, reader.groups, reader.lines, reader.words)


def _unsupported(java: str) -> Unsupported:
    return Unsupported(f"the regular expression {java}", hint="write it with simpler parts")


@dataclass
class _Reader:
    java: str
    at: int = 0
    re2: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    re2_can: bool = True
    python_can: bool = True
    lines: bool = False
    words: bool = False
    groups: int = 0
    flags: int = 0
    dotall: bool = False
    multiline: bool = False

    def both(self, re2: str, python: str | None = None) -> None:
        self.re2.append(re2)
        self.python.append(re2 if python is None else python)

    def run(self) -> None:
        self._flags()
        while self.at < len(self.java):
            char = self.java[self.at]
            self.at += 1
            match char:
                case "\\":
                    self._escape()
                case "[":
                    self._class()
                case "(":
                    self._group()
                case ".":
                    self.lines = self.lines or not self.dotall
                    every = "(?s:.)"
                    self.both(
                        every if self.dotall else f"[^{_RE2_ENDS}]", every if self.dotall else f"[^{_ENDS}]"
                    )
                case "$":
                    self.lines = True
                    self.both(*(("(?m:$)", _LINE_END) if self.multiline else (r"\z", _DOLLAR)))
                case "^":
                    self.lines = self.lines or self.multiline
                    self.both(*(("(?m:^)", _LINE_START) if self.multiline else (r"\A", r"\A")))
                case ")" | "|":
                    self.both(char)
                case "*" | "+" | "?" | "{":
                    self._quantifier(char)
                case _:
                    # A bare ] or } is itself in Java.
                    self.both(_plain(char), re.escape(char))

    def _flags(self) -> None:
        found = re.match(r"\(\?([a-zA-Z]+)\)", self.java)
        if found is None:
            return
        self.at = found.end()
        for flag in found[1]:
            if flag not in "ism":
                raise _unsupported(self.java)
            self.dotall = self.dotall or flag == "s"
            self.multiline = self.multiline or flag == "m"
            if flag == "i":
                self.flags = re.IGNORECASE
                self.re2.append("(?i)")
                # RE2 folds the case of every letter, Java of ASCII ones.
                self.words = True

    def _quantifier(self, char: str) -> None:
        size = char
        if char == "{":
            found = re.match(r"\{\d+(,\d*)?\}", self.java[self.at - 1 :])
            if found is None:
                raise EngineError(f"the regular expression {self.java}: {{ must be escaped, or count")
            size = found[0]
            self.at += len(size) - 1
            self.re2_can = self.re2_can and all(int(n) <= 1000 for n in re.findall(r"\d+", size))
        more = self.java[self.at : self.at + 1]
        if more in ("?", "+") and more:
            self.at += 1
            self.re2_can = self.re2_can and more == "?"
            size += more
        self.both(size)

    def _group(self) -> None:
        rest = self.java[self.at :]
        if not rest.startswith("?"):
            self.groups += 1
            self.both("(")
            return
        if rest.startswith("?:"):
            self.at += 2
            self.both("(?:")
            return
        named = re.match(r"\?<([A-Za-z][A-Za-z0-9]*)>", rest)
        if named is not None:
            self.groups += 1
            self.at += named.end()
            self.both(f"(?P<{named[1]}>")
            return
        for opening in ("?=", "?!", "?<=", "?<!", "?>"):
            if rest.startswith(opening):
                self.at += len(opening)
                self.re2_can = False
                self.python.append("(" + opening)
                return
        raise _unsupported(self.java)

    def _escape(self) -> None:
        if self.at >= len(self.java):
            raise EngineError(f"the regular expression {self.java} ends with a backslash")
        char = self.java[self.at]
        known = _class_escape(char)
        if known is not None:
            self.at += 1
            self.both(*(f"[{inner}]" for inner in known))
            return
        match char:
            case "b" | "B":
                self.at += 1
                self.words = True
                self.both("\\" + char, f"(?u:\\{char})")
            case "A" | "z" | "Z" | "R":
                self.at += 1
                self.lines = self.lines or char == "Z"
                self.both(*_ANCHORS[char])
            case "Q":
                text, _, _ = self.java[self.at + 1 :].partition("\\E")
                self.at += 1 + len(text) + 2
                self.both("".join(_plain(one) for one in text), re.escape(text))
            case "k":
                found = re.match(r"k<(\w+)>", self.java[self.at :])
                if found is None:
                    raise _unsupported(self.java)
                self.at += found.end()
                self.re2_can = False
                self.python.append(f"(?P={found[1]})")
            case "p" | "P":
                self._property(inside=False)
            case _ if char in "123456789":
                self.at += 1
                self.re2_can = False
                self.python.append(f"(?:\\{char})")
            case _:
                one = self._character()
                self.both(_plain(one), re.escape(one))

    def _character(self) -> str:
        """The character an escape stands for; ``at`` is behind the backslash."""
        rest = self.java[self.at :]
        for pattern, base in ((r"x([0-9a-fA-F]{2})", 16), (r"x\{([0-9a-fA-F]+)\}", 16),
                              (r"u([0-9a-fA-F]{4})", 16), (r"0([0-3]?[0-7]{1,2})", 8)):  # fmt: skip
            found = re.match(pattern, rest)
            if found is not None:
                self.at += found.end()
                return chr(int(found[1], base))
        self.at += 1
        char = rest[0]
        controls = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
        if char in controls:
            return controls[char]
        if char.isalnum() and char.isascii():
            raise _unsupported(self.java)
        return char

    def _property(self, *, inside: bool) -> tuple[str, str | None]:
        """``\\p{...}``: ASCII classes for both, others (letters of a script) for RE2 alone."""
        found = re.match(r"([pP])(?:\{(\^?\w+)\}|([A-Z]))", self.java[self.at :])
        if found is None:
            raise _unsupported(self.java)
        self.at += found.end()
        name = found[2] or found[3]
        ranges = _POSIX.get(name)
        if ranges is not None:
            sign = "^" if found[1] == "P" else ""
            if inside and sign:
                raise _unsupported(self.java)
            if not inside:
                self.both(f"[{sign}{ranges}]")
            return ranges, ranges
        plain = name.removeprefix("Is")
        if plain not in _LETTERS:
            raise _unsupported(self.java)
        made = f"\\{found[1]}{{{plain}}}"
        self.python_can = False
        if not inside:
            self.both(made)
        return made, None

    def _class(self) -> None:
        re2, python = ["["], ["["]
        if self.java[self.at : self.at + 1] == "^":
            self.at += 1
            re2.append("^")
            python.append("^")
        first = True
        while True:
            if self.at >= len(self.java):
                raise EngineError(f"the regular expression {self.java}: [ is not closed")
            char = self.java[self.at]
            self.at += 1
            if char == "]" and not first:
                break
            first = False
            if char == "[" or self.java[self.at - 1 : self.at + 1] == "&&":
                raise _unsupported(self.java)
            if char != "\\":
                inner = char if char == "-" else _inside(char)
                re2.append(inner)
                python.append(inner)
                continue
            if self.at >= len(self.java):
                raise EngineError(f"the regular expression {self.java} ends with a backslash")
            known = _class_escape(self.java[self.at])
            if known is not None:
                if known[0].startswith("^"):
                    known = _NEGATED.get(self.java[self.at]) or self._refuse()
                self.at += 1
                re2.append(known[0])
                python.append(known[1])
            elif self.java[self.at] in "pP":
                one, other = self._property(inside=True)
                re2.append(one)
                python.append(other or "")
            else:
                one = _inside(self._character())
                re2.append(one)
                python.append(one)
        self.both("".join(re2) + "]", "".join(python) + "]")

    def _refuse(self) -> tuple[str, str]:
        raise _unsupported(self.java)


_NEGATED = {"D": (r"\D", r"\D"), "W": (r"\W", r"\W"), "S": (r"\x00-\x08\x0E-\x1F\x21-\x{10FFFF}", r"\S")}


def _class_escape(char: str) -> tuple[str, str] | None:
    """The inside of a class for ``\\d`` and its like: for RE2, for Python."""
    space = r" \t\n\x0B\f\r"
    found = {
        "d": "0-9", "D": "^0-9", "w": "a-zA-Z_0-9", "W": "^a-zA-Z_0-9", "s": space, "S": "^" + space,
    }.get(char)  # fmt: skip
    if found is not None:
        return found, found
    if char in "hH":
        sign = "^" if char == "H" else ""
        return sign + re.sub(r"\\u(....)", r"\\x{\1}", _BLANK), sign + _BLANK
    if char in "vV":
        sign = "^" if char == "V" else ""
        return sign + _RE2_ENDS + r"\x0B\f", sign + _ENDS + r"\x0B\f"
    return None


def _plain(char: str) -> str:
    return "\\" + char if char in _SPECIAL else char


def _inside(char: str) -> str:
    return "\\" + char if char in "\\]^-[&~|" else char
