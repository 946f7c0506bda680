"""JSON text to Python values, with the leniency of Spark's reader and the text of every number.

Python's own decoder does the work; this scanner takes over where Spark accepts more (single quotes,
comments ...) or where the exact text of an object is wanted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LOOSE_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CONSTANT = re.compile(r"NaN|[+-]?INF(?:INITY)?\b|[+-]?Infinity|true|false|null")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_SPACE_AND_COMMENTS = re.compile(r"(?:[ \t\r\n]|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
_PLAIN = {quote: re.compile(rf"[^{quote}\\\x00-\x1f]*") for quote in "\"'"}
_PLAIN_LOOSE = {quote: re.compile(rf"[^{quote}\\]*", re.DOTALL) for quote in "\"'"}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_LITERALS = {"true": True, "false": False, "null": None}


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class Object(dict[str, Any]):
    """An object that knows its text."""

    text = ""


class Array(list[Any]):
    """An array that knows its text."""

    text = ""


class RepeatedKey(ValueError):
    """An object has a key twice; the argument is the key."""


@dataclass(frozen=True, slots=True)
class Leniency:
    """What is accepted beyond JSON; the defaults are Spark's."""

    comments: bool = False
    unquoted_names: bool = False
    single_quotes: bool = True
    leading_zeros: bool = False
    non_numbers: bool = True
    any_escape: bool = False
    control_characters: bool = False

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        def flag(name: str) -> bool:
            return options[name].lower() == "true"

        return cls(
            flag("allowComments"),
            flag("allowUnquotedFieldNames"),
            flag("allowSingleQuotes"),
            flag("allowNumericLeadingZeros"),
            flag("allowNonNumericNumbers"),
            flag("allowBackslashEscapingAnyCharacter"),
            flag("allowUnquotedControlChars"),
        )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise RepeatedKey(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


_DECODER = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=Number, object_pairs_hook=_pairs
)


def parse(text: str, leniency: Leniency, *, keep_text: bool = False) -> Any:
    """The first value in ``text``; what follows it is ignored, as Spark does. ``ValueError`` if malformed.

    Numbers are ``Number``; with ``keep_text`` objects and arrays are ``Object`` and ``Array``.
    """
    start = _SPACE.match(text).end()  # type: ignore[union-attr]
    if not keep_text and leniency.non_numbers:
        try:
            return _DECODER.raw_decode(text, start)[0]
        except RepeatedKey:
            raise
        except (ValueError, RecursionError):
            pass  # perhaps only too strict: the scanner decides
    try:
        return _Scanner(text, leniency).value(start)[0]
    except RecursionError:
        raise ValueError("nested too deeply") from None


class _Scanner:
    """Recursive descent over one text; every method gives a value and where it ends."""

    def __init__(self, text: str, leniency: Leniency) -> None:
        self._text, self._leniency = text, leniency
        self._space = _SPACE_AND_COMMENTS if leniency.comments else _SPACE
        self._number = _LOOSE_NUMBER if leniency.leading_zeros else _NUMBER

    def value(self, at: int) -> tuple[Any, int]:
        at = self._skip(at)
        first = self._text[at : at + 1]
        if first == "{":
            return self._object(at)
        if first == "[":
            return self._array(at)
        if first == '"' or (first == "'" and self._leniency.single_quotes):
            return self._string(at)
        constant = _CONSTANT.match(self._text, at)
        if constant and constant[0] in _LITERALS:
            return _LITERALS[constant[0]], self._ended(constant.end())
        if constant and self._leniency.non_numbers:
            return Number(constant[0].replace("INF", "Infinity")), self._ended(constant.end())
        number = self._number.match(self._text, at)
        if number:
            return Number(number[0]), self._ended(number.end())
        raise ValueError(f"no value at {at}")

    def _ended(self, at: int) -> int:
        """Numbers and words must not run into other characters."""
        if self._text[at : at + 1].strip(" \t\r\n,]}/:"):
            raise ValueError(f"unexpected character at {at}")
        return at

    def _object(self, start: int) -> tuple[Object, int]:
        found = Object()
        at = self._skip(start + 1)
        while self._text[at : at + 1] != "}":
            key, at = self._key(at)
            at = self._skip(at)
            if self._text[at : at + 1] != ":":
                raise ValueError(f": expected at {at}")
            if key in found:
                raise RepeatedKey(key)
            found[key], at = self.value(at + 1)
            at = self._separator(at, "}")
        found.text = self._text[start : at + 1]
        return found, at + 1

    def _array(self, start: int) -> tuple[Array, int]:
        found = Array()
        at = self._skip(start + 1)
        while self._text[at : at + 1] != "]":
            value, at = self.value(at)
            found.append(value)
            at = self._separator(at, "]")
        found.text = self._text[start : at + 1]
        return found, at + 1

    def _separator(self, at: int, closing: str) -> int:
        """After an element: the start of the next one, or the closing bracket."""
        at = self._skip(at)
        if self._text[at : at + 1] == closing:
            return at
        if self._text[at : at + 1] != ",":
            raise ValueError(f", or {closing} expected at {at}")
        at = self._skip(at + 1)
        if self._text[at : at + 1] == closing:
            raise ValueError(f"an element expected at {at}")
        return at

    def _key(self, at: int) -> tuple[str, int]:
        if self._text[at : at + 1] == '"' or (
            self._text[at : at + 1] == "'" and self._leniency.single_quotes
        ):
            return self._string(at)
        name = _NAME.match(self._text, at) if self._leniency.unquoted_names else None
        if name is None:
            raise ValueError(f"a name expected at {at}")
        return name[0], name.end()

    def _string(self, at: int) -> tuple[str, int]:
        quote = self._text[at]
        plain = (_PLAIN_LOOSE if self._leniency.control_characters else _PLAIN)[quote]
        parts: list[str] = []
        at += 1
        while True:
            piece = plain.match(self._text, at)
            parts.append(piece[0])  # type: ignore[index]
            at = piece.end()  # type: ignore[union-attr]
            character = self._text[at : at + 1]
            if character == quote:
                text = "".join(parts)
                return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), at + 1
            if character != "\\":
                raise ValueError(f"unfinished string at {at}")
            escape = self._text[at + 1 : at + 2]
            if escape == "u":
                parts.append(chr(int(self._text[at + 2 : at + 6], 16)))
                at += 6
            elif escape in _ESCAPES or (escape and (self._leniency.any_escape or escape == quote)):
                parts.append(_ESCAPES.get(escape, escape))
                at += 2
            else:
                raise ValueError(f"bad escape at {at}")

    def _skip(self, at: int) -> int:
        return self._space.match(self._text, at).end()  # type: ignore[union-attr]
