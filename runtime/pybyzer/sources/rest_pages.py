"""How the next page of an answer is found: values from the answer, a counter or an offset."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pybyzer.errors import BadOption, CommandError

_PLACE = re.compile(r"\{(\d+)\}")
_VALUES, _NEXT, _STOP = "config.page.values", "config.page.next", "config.page.stop"

Find = Callable[[Any], Any]
"""The value at a JSON path of a document; ``_MISSING`` where there is none."""

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Pages:
    """``template`` is the URL with ``{0}``; ``paths`` or ``start`` and ``step`` give what is put there."""

    template: str
    paths: tuple[Find, ...]
    start: int
    step: int
    stops: Callable[[Any], bool] | None

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Pages | None:
        """From checked options; None when only one request is wanted."""
        template, values = options.get(_NEXT), options.get(_VALUES)
        if not template and not values:
            return None
        if not template or not values:
            given, lacking = (_NEXT, _VALUES) if template else (_VALUES, _NEXT)
            raise BadOption(f"Rest: {given} needs {lacking}", option=given)
        stops = _stop(options[_STOP]) if options.get(_STOP) else None
        kind, _, rest = values.strip().partition(":")
        if kind.strip().lower() == "auto-increment":
            return cls(template, (), *_numbers(rest, 1), stops)
        if kind.strip().lower() == "offset":
            return cls(template, (), *_numbers(rest, 2), stops)
        paths = tuple(_path(part, _VALUES) for part in _split(values))
        highest = max((int(found[1]) for found in _PLACE.finditer(template)), default=-1)
        if highest >= len(paths):
            raise BadOption(f"Rest: config.page.values has no value for {{{highest}}}", option=_NEXT)
        return cls(template, paths, 0, 0, stops)

    def following(self, content: bytes, number: int) -> str | None:
        """The URL after the page with this content, the ``number``-th; None when it was the last."""
        document: Any = None
        if self.paths or self.stops:
            try:
                document = json.loads(content)
            except (ValueError, RecursionError):
                raise CommandError(
                    f"Rest: page {number} is not JSON, so it does not say what comes after it: "
                    + content[:80].decode("utf-8", "replace"),
                    hint="config.page.values are looked up in each page",
                ).about(_VALUES) from None
        if self.stops and self.stops(document):
            return None
        if not self.paths:
            return _filled(self.template, [str(self.start + self.step * number)])
        values = [find(document) for find in self.paths]
        if any(value is _MISSING or value is None or value in ("", [], {}) for value in values):
            return None
        return _filled(self.template, [_text(value) for value in values])


def _numbers(text: str, count: int) -> tuple[int, int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != count or not all(re.fullmatch(r"-?\d+", part) for part in parts):
        raise BadOption(
            f'Rest: config.page.values: "{text}" does not fit',
            option=_VALUES,
            hint="auto-increment:1, offset:0,10",
        )
    return int(parts[0]), int(parts[1]) if count == 2 else 1


def _split(text: str) -> list[str]:
    """Paths separated by commas; those in brackets and quotes belong to a path."""
    parts = re.findall(r"""(?:\[(?:'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^\]'"])*\]|\([^)]*\)|[^,\[(])+""", text)
    return [part.strip() for part in parts if part.strip()]


def _path(text: str, option: str) -> Find:
    from jsonpath_ng.ext.parser import parse

    try:
        path = parse(text.strip())
    except Exception as error:  # the library raises its lexer's, its parser's and plain ones
        raise BadOption(
            f'Rest: "{text}" is not a JSON path: {error}', option=option, hint="$.data.next"
        ) from None

    def find(document: Any) -> Any:
        found = [match.value for match in path.find(document)]
        return found[0] if len(found) == 1 else found if found else _MISSING

    return find


def _stop(text: str) -> Callable[[Any], bool]:
    kind, _, rest = text.partition(":")
    word = kind.strip().lower().replace("-", "")
    if word == "equals":
        path, comma, wanted = rest.rpartition(",")
        if comma:
            find = _path(path, _STOP)
            return lambda document: _text(find(document)) == wanted.strip()
    elif word in ("sizezero", "notexists") and rest.strip():
        find = _path(rest, _STOP)
        if word == "notexists":
            return lambda document: find(document) is _MISSING
        return lambda document: _is_empty(find(document))
    raise BadOption(
        f'Rest: config.page.stop: "{text}" is not known',
        option=_STOP,
        hint="sizeZero:$.data, notExists:$.next, equals:$.more,false",
    )


def _is_empty(value: Any) -> bool:
    return value is _MISSING or value is None or (isinstance(value, (list, dict, str)) and not value)


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else ""
        if value is _MISSING
        else json.dumps(value, ensure_ascii=False)
    )


def _filled(template: str, values: Sequence[str]) -> str:
    return _PLACE.sub(
        lambda found: values[int(found[1])] if int(found[1]) < len(values) else found[0], template
    )
