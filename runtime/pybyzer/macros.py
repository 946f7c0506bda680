"""Commands of the user: ``set name = '''body'''`` makes ``!name word ...`` run the body.

The words stand in the body as ``{}``, ``{0}``, ``{1:default}``, ``{-1:next(named,uuid())}``, ``{:all}``;
those of the named form ``!name _ -k v`` as ``${k}``. Other braces are left alone.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pybyzer import templates
from pybyzer.errors import BadOption, Span
from pybyzer.lang.ast import Text
from pybyzer.lang.tokens import STATEMENTS
from pybyzer.registry import did_you_mean
from pybyzer.variables import Variables

RUN = "run command as {}.`` where parameters='''{{:all}}'''"
"""The body of a command that stands for an ET."""
NAMED = "_"
"""The first word of the named form."""

_PLACEHOLDER = re.compile(r"(?<!\$)(?<!\$!)\{(?:(?P<all>:all)|(?P<at>-?\d+)(?::(?P<default>[^{}]*))?)?\}")
_NEXT = re.compile(r"next\(\s*([^,()]*?)\s*(?:,\s*(.*?)\s*)?\)", re.DOTALL)
_BODY = re.compile(
    rf"(?:\s++|--[^\n]*+|/\*(?!\+)(?s:.*?)\*/)*+(?:(?:{'|'.join(sorted(STATEMENTS))})\b|!\w|\{{(?:\}}|:all|-?\d)|#(?:if|set|foreach)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\s*(\w+)\s*")
_REFERENCE = re.compile(r"\$!?\{(\w+)")


@dataclass(frozen=True, slots=True)
class Script:
    """Text to run, made from a text of the user; ``locate`` gives the place of a part of it there."""

    text: str
    name: str
    locate: Callable[[int, int], Span | None]


def is_body(text: str) -> bool:
    """Whether a text can be run as a command: it begins like a statement."""
    return _BODY.match(text) is not None


class Macros:
    """The texts that ``set`` statements wrote, as written: ``${}`` in a body is filled in when it runs."""

    def __init__(self) -> None:
        self._written: dict[str, Text] = {}

    def remember(self, key: str, text: Text | None) -> None:
        """A ``set`` has run: its text may be asked for as a command. None for a value from elsewhere."""
        if text is None:
            self._written.pop(key, None)
        else:
            self._written[key] = text

    def names(self) -> list[str]:
        """The variables that can be run as commands."""
        return [name for name, text in self._written.items() if is_body(text.value)]

    def body(self, name: str, variables: Variables) -> Text | str | None:
        """The text of a variable that can be run as a command; None if it is none."""
        value = variables.get(name)
        if value is None:
            return None
        body = self._written.get(name, value)
        if is_body(_value_of(body)):
            return body
        # What begins with a variable is a statement only when that is filled in.
        return value if is_body(value) else None

    def algorithm(self, name: str, variables: Variables) -> str:
        """The one word a variable holds, which may be an ET; empty for any other text."""
        found = _WORD.fullmatch(variables.get(name) or "")
        return found[1] if found else ""

    def expand(self, name: str, body: Text | str, words: Sequence[str], variables: Variables) -> Script:
        """The statements of ``!name word ...``; ``BadOption`` for words the body cannot take."""
        text = _value_of(body)
        if words and words[0] == NAMED:
            made: _Made = _named(name, text, words[1:], variables)
        else:
            made = _positional(name, text, words)
        if not made.text.lstrip().startswith("#"):
            return Script(made.text, f"!{name}", _way_back(body, made.origin))
        # Directives around whole statements are done before there are statements.
        filled = variables.fill_placed(made.text, select=True)

        def origin(start: int, length: int) -> tuple[int, int]:
            start, end = filled.origin(start, length)
            return made.origin(start, end - start)

        return Script(filled.text, f"!{name}", _way_back(body, origin))

    def script(self, text: str, variables: Variables) -> Script:
        """A text to run as it is. What a variable holds is run as its ``set`` wrote it."""
        for name, written in self._written.items():
            if variables.get(name) == text:
                return Script(written.value, "script", _way_back(written))
        return Script(text, "script", _way_back(text))


def _value_of(body: Text | str) -> str:
    return body.value if isinstance(body, Text) else body


def _way_back(
    body: Text | str, origin: Callable[[int, int], tuple[int, int]] | None = None
) -> Callable[[int, int], Span | None]:
    """From a part of the statements made of a body to where the user wrote it; None if that is not known."""

    def locate(start: int, end: int) -> Span | None:
        if not isinstance(body, Text):
            return None
        if origin is not None:
            start, end = origin(start, end - start)
        return body.span.inside(start, end - start)

    return locate


class _Made(Protocol):
    """A text made from another one."""

    @property
    def text(self) -> str: ...

    def origin(self, offset: int, length: int = 1) -> tuple[int, int]:
        """Start and end, in the text it was made from, of what a part of this one came from."""
        ...


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A text with pieces replaced: for each, where the new one begins and ends, and the old one did."""

    text: str
    pieces: tuple[tuple[int, int, int, int], ...]

    def origin(self, offset: int, length: int = 1) -> tuple[int, int]:
        first, last = self._before(offset), self._before(offset + max(length, 1) - 1)
        return first[0], max(first[1], last[1])

    def _before(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if at < 0:
            return offset, offset + 1
        _, end, old_start, old_end = self.pieces[at]
        if offset < end:
            return old_start, old_end
        return offset - end + old_end, offset - end + old_end + 1


def _positional(name: str, body: str, words: Sequence[str]) -> _Made:
    """The body with its placeholders replaced; a place that is read twice has one value."""
    counter = itertools.count()
    made: dict[tuple[str, str], str] = {}

    def value(found: re.Match[str]) -> str:
        if found["all"]:
            return json.dumps(list(words), ensure_ascii=False)
        if found["at"] is None:
            position = next(counter)
            return words[position] if position < len(words) else ""
        default = found["default"]
        key = (found["at"], default or "")
        if key not in made:
            made[key] = _value(name, int(found["at"]), default, words, found[0])
        return made[key]

    return _replaced(body, _PLACEHOLDER, value)


def _value(name: str, position: int, default: str | None, words: Sequence[str], shown: str) -> str:
    """The word at a position, or what stands for it."""
    after = _NEXT.fullmatch(default or "")
    if after:
        found = [words[i + 1] for i, word in enumerate(words[:-1]) if word == after[1]]
        if found:
            return found[0]
        default = after[2] or ""
    elif 0 <= position < len(words):
        return words[position]
    if default is None:
        raise BadOption(
            f"!{name}: word {position + 1} is missing",
            hint=f"its body asks for {shown}; {shown[:-1]}:text}} would give it a default",
        )
    return f"t{uuid.uuid4().hex}" if default.strip() == "uuid()" else default


def _named(name: str, body: str, words: Sequence[str], variables: Variables) -> _Made:
    """The body with the ``${key}`` of ``-key value`` filled in; other references stay."""
    values: dict[str, str] = {}
    rest = iter(words)
    for key in rest:
        value = next(rest, None)
        if not key.startswith("-") or key == "-":
            raise BadOption(f'!{name}: "{key}" is no name of a value', hint=f"write !{name} _ -name value;")
        if value is None:
            raise BadOption(f"!{name}: {key} needs a value")
        values[key.lstrip("-")] = value
    for key in values:
        if not re.search(rf"\b{re.escape(key)}\b", body):
            hint = did_you_mean(key, _REFERENCE.findall(body))
            raise BadOption(f"!{name}: its body has no ${{{key}}}", hint=hint)
    made = templates.fill(body, values.get, patient=True)
    if made.lacking:
        # Directives that also need other variables are done with all that is known now.
        with variables.block() as names:
            names.update(values)
            made = variables.fill_placed(body, select=True)
    return made


def _replaced(text: str, pattern: re.Pattern[str], value: Callable[[re.Match[str]], str]) -> _Made:
    """A text with every match replaced, and the way back."""
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    read = written = 0
    for found in pattern.finditer(text):
        new = value(found)
        begin = written + found.start() - read
        parts += [text[read : found.start()], new]
        read, written = found.end(), begin + len(new)
        pieces.append((begin, written, found.start(), found.end()))
    return _Replaced("".join([*parts, text[read:]]), tuple(pieces))
