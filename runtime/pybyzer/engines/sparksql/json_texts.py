"""JSON texts as Spark reads them (Jackson): lenient by options, numbers kept as written."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from pybyzer.engines.sparksql.literals import java_text


class Malformed(ValueError):
    """A text is not JSON."""


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a point or an exponent, or one that is none."""

    text: str


@dataclass(frozen=True, slots=True)
class Leniency:
    """What more than the standard is read."""

    single_quotes: bool = True
    unquoted_names: bool = False
    leading_zeros: bool = False
    comments: bool = False


DEFAULT = Leniency()


def parse(text: str, lenient: Leniency = DEFAULT, *, first: bool = False) -> Any:
    """The first value of a text; what follows is not looked at. ``first``: the first of equal names."""
    try:
        decoder = _FIRST if first else _LAST
        return decoded(decoder, text)
    except (ValueError, RecursionError):
        return _Reader(text, lenient, first).read()


def decoded(decoder: json.JSONDecoder, text: str) -> Any:
    """The first value of a text; a number or a word must end there."""
    inner = text.lstrip(" \t\r\n")
    tree, end = decoder.raw_decode(inner)
    if not isinstance(tree, str | list | dict) and inner[end : end + 1].strip():
        raise ValueError("a number or a word goes on")
    return tree


def _firsts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs)) if len(dict(pairs)) < len(pairs) else dict(pairs)


def _decoder(pairs: Any) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=pairs, parse_float=Real, parse_constant=Real)


_LAST, _FIRST = _decoder(dict), _decoder(_firsts)
_TOKEN = re.compile(
    r"""(?P<open>[{}\[\]:,])|(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^'\\]|\\.)*')"""
    r"""|(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])"""
    r"""|(?P<special>[+-]?INF|-?Infinity|NaN)|(?P<word>[A-Za-z_$][\w$-]*)|(?P<space>\s+)""",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}


class _Reader:
    """What the standard reader gave up on."""

    def __init__(self, text: str, lenient: Leniency, first: bool) -> None:
        self.text, self.lenient, self.first = text, lenient, first
        self.at = 0

    def token(self) -> tuple[str, str]:
        while True:
            found = _TOKEN.match(self.text, self.at)
            if found is None or found.lastgroup is None:
                raise Malformed(self.text)
            self.at = found.end()
            if found.lastgroup == "comment" and not self.lenient.comments:
                raise Malformed(self.text)
            if found.lastgroup not in ("space", "comment"):
                return found.lastgroup, found[0]

    def read(self) -> Any:
        return self.value(*self.token())

    def value(self, kind: str, text: str) -> Any:
        if text == "{":
            return self.object()
        if text == "[":
            return self.array()
        if kind in ("double", "single"):
            return self.string(kind, text)
        if kind == "number":
            if re.match(r"-?0\d", text) and not self.lenient.leading_zeros:
                raise Malformed(self.text)
            return Real(text) if re.search("[.eE]", text) else int(text)
        if kind == "special":
            return Real(text)
        if kind == "word" and text in _WORDS:
            return _WORDS[text]
        raise Malformed(self.text)

    def string(self, kind: str, text: str) -> str:
        if kind == "single":
            if not self.lenient.single_quotes:
                raise Malformed(self.text)
            inner = re.sub(r"\\'", "'", text[1:-1])
            text = '"' + re.sub(r'(?<!\\)"', '\\"', inner) + '"'
        try:
            return str(json.loads(text))
        except ValueError:
            raise Malformed(self.text) from None

    def array(self) -> list[Any]:
        out: list[Any] = []
        kind, text = self.token()
        while text != "]":
            out.append(self.value(kind, text))
            _, comma = self.token()
            if comma == "]":
                break
            if comma != ",":
                raise Malformed(self.text)
            kind, text = self.token()
            if text == "]":
                raise Malformed(self.text)
        return out

    def object(self) -> dict[str, Any]:
        pairs: list[tuple[str, Any]] = []
        kind, text = self.token()
        while text != "}":
            if kind in ("double", "single"):
                name = self.string(kind, text)
            elif kind == "word" and self.lenient.unquoted_names:
                name = text
            else:
                raise Malformed(self.text)
            if self.token()[1] != ":":
                raise Malformed(self.text)
            pairs.append((name, self.read()))
            _, comma = self.token()
            if comma == "}":
                break
            if comma != ",":
                raise Malformed(self.text)
            kind, text = self.token()
            if text == "}":
                raise Malformed(self.text)
        return _firsts(pairs) if self.first else dict(pairs)


def written(tree: Any) -> str:
    """A value as Jackson writes it: numbers with a point as Java's doubles."""
    if isinstance(tree, Real):
        return real_text(tree)
    if isinstance(tree, dict):
        return "{" + ",".join(f"{quoted(name)}:{written(item)}" for name, item in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(written(item) for item in tree) + "]"
    return quoted(tree) if isinstance(tree, str) else json.dumps(tree)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def real_text(number: Real) -> str:
    """A number as Java prints its double."""
    value = float(number.text.replace("INF", "inf"))
    if math.isnan(value):
        return '"NaN"'
    if value in (float("inf"), float("-inf")):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return java_text(value)


_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']+)'\]|(\[\*\])")


def steps_of(path: str) -> list[str | int | None] | None:
    """The steps of a path (None is ``[*]``); None if it is none, which finds nothing."""
    if not path.startswith("$"):
        return None
    steps: list[str | int | None] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            return None
        at = found.end()
        steps.append(int(found[2]) if found[2] else None if found[4] else found[1] or found[3])
    return steps


_NOTHING = object()


def at_path(text: str, path: str) -> str | None:
    """``get_json_object``: a text as it is, all else as JSON; several finds of ``[*]`` as an array."""
    steps = steps_of(path)
    if steps is None or steps.count(None) > 1:
        return None
    try:
        tree = parse(text, first=True)
    except Malformed:
        return None
    if None not in steps:
        found = _down(tree, steps)
        if found is _NOTHING or found is None:
            return None
        return found if isinstance(found, str) else written(found)
    star = steps.index(None)
    many = _down(tree, steps[:star])
    if not isinstance(many, list):
        return None
    finds = [found for item in many if (found := _down(item, steps[star + 1 :])) is not _NOTHING]
    if not finds:
        return None
    return written(finds[0]) if len(finds) == 1 else written(finds)


def _down(tree: Any, steps: list[str | int | None]) -> Any:
    for step in steps:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return _NOTHING
            tree = tree[step]
        elif not isinstance(tree, dict) or step not in tree:
            return _NOTHING
        else:
            tree = tree[step]
    return tree
