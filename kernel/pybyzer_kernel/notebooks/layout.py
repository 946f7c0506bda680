"""JSON texts of notebook files: read with a place for every mistake, written back byte for byte.

Each program that writes notebooks has its own habits (JavaScript's ``JSON.stringify``, Java's Jackson,
editors that indent). ``detect`` finds the habit that reproduces a text; ``write`` follows it. A text
that follows none of them comes back in the usual layout of its format, with the same content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pybyzer.errors import ParseError, SourceText, Span

Layout = dict[str, Any]
"""How a text is laid out: ``style`` (compact, jackson, or an indent), ``ascii``, ``bom``, ``end``."""

COMPACT: Layout = {"style": "compact"}
JACKSON: Layout = {"style": "jackson"}
EMPTY: Layout = {"style": "empty"}

_STYLES: tuple[object, ...] = ("compact", "jackson", 2, 4, 1, "\t", "spaced")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EXCERPT = 200


def read(text: str, name: str, *, lenient: bool = False) -> Any:
    """The value of a JSON text; ``ParseError`` with the place otherwise.

    ``lenient`` also takes comments, single quotes and keys without quotes, as Byzer Notebook does.
    """
    body = text.removeprefix("\ufeff")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if lenient:
            strict = _strict(body)
            if strict != body:
                return read(strict, name)
        raise _misplaced(body, error, name) from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{name}: not a notebook: {error}") from None


def write(value: Any, layout: Mapping[str, Any]) -> str:
    """The JSON text of a value in a layout."""
    style = layout.get("style", "compact")
    if style == "empty":
        return str(layout.get("end", ""))
    ascii_only = bool(layout.get("ascii", False))
    if style == "jackson":
        text = _jackson(value, "", ascii_only)
    else:
        separators = (",", ":") if style == "compact" else (", ", ": ") if style == "spaced" else (",", ": ")
        indent = None if style in ("compact", "spaced") else style
        text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, indent=indent)
    bom = "\ufeff" if layout.get("bom") else ""
    return bom + escape_surrogates(text, upper=style == "jackson") + str(layout.get("end", ""))


def detect(value: Any, text: str, usual: Layout) -> Layout:
    """The layout in which ``write`` gives back ``text``; ``usual`` when there is none."""
    body = text.removeprefix("\ufeff")
    stripped = body.rstrip()
    frame: Layout = {}
    if body is not text and len(body) < len(text):
        frame["bom"] = True
    if end := body[len(stripped) :]:
        frame["end"] = end
    for style in (usual["style"], *_STYLES):
        for ascii_only in (False, True):
            layout: Layout = {"style": style, **frame}
            if ascii_only:
                layout["ascii"] = True
            if write(value, layout) == text:
                return layout
    return usual


def escape_surrogates(text: str, *, upper: bool = False) -> str:
    r"""Lone surrogates, which UTF-8 cannot hold, as the escapes ``\ud800`` that JSON has for them."""
    form = "\\u{:04X}" if upper else "\\u{:04x}"
    return _LONE_SURROGATE.sub(lambda found: form.format(ord(found[0])), text)


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _misplaced(text: str, error: json.JSONDecodeError, name: str) -> ParseError:
    """The error at its place; a long line is not shown, only counted."""
    line = text[text.rfind("\n", 0, error.pos) + 1 :].partition("\n")[0]
    if text.strip() and len(line) <= _EXCERPT:
        start = min(error.pos, len(text) - 1)
        return ParseError(
            f"{name}: not JSON: {error.msg}", span=Span(SourceText(text, name), start, start + 1)
        )
    return ParseError(f"{name}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}")


# -- Jackson's pretty printer ----------------------------------------------------------------


def _jackson(value: Any, margin: str, ascii_only: bool) -> str:
    """Two blanks for each object, `` : `` after keys, lists in one line with their first brace."""
    if isinstance(value, dict):
        if not value:
            return "{ }"
        inner = margin + "  "
        items = (
            f"{inner}{_jackson_text(key, ascii_only)} : {_jackson(item, inner, ascii_only)}"
            for key, item in value.items()
        )
        return "{\n" + ",\n".join(items) + f"\n{margin}}}"
    if isinstance(value, list):
        return (
            "[ " + ", ".join(_jackson(item, margin, ascii_only) for item in value) + " ]" if value else "[ ]"
        )
    if isinstance(value, str):
        return _jackson_text(value, ascii_only)
    return json.dumps(value)


def _jackson_text(text: str, ascii_only: bool) -> str:
    r"""A string with Java's capital hexadecimal digits (``\u001B``)."""
    written = json.dumps(text, ensure_ascii=ascii_only)
    return re.sub(
        r"(\\\\)|\\u([0-9a-f]{4})",
        lambda found: found[0] if found[1] else f"\\u{found[2].upper()}",
        written,
    )


# -- reading what Jackson's lenient reader takes -----------------------------------------------

_LENIENT = re.compile(
    r"""
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<single>'(?:[^'\\]|\\.)*')
    | (?P<comment>/\*.*?\*/|//[^\n]*|\#[^\n]*)
    | (?P<key>[A-Za-z_$][\w$]*)(?=\s*:)
    """,
    re.VERBOSE | re.DOTALL,
)


def _strict(text: str) -> str:
    """The text with comments as blanks, and all strings and keys in double quotes."""

    def replace(found: re.Match[str]) -> str:
        if found["single"]:
            content = found["single"][1:-1].replace("\\'", "'")
            return '"' + re.sub(r'(\\.)|"', lambda inner: inner[1] or '\\"', content, flags=re.DOTALL) + '"'
        if found["comment"]:
            return re.sub(r"[^\n]", " ", found["comment"])
        return f'"{found["key"]}"' if found["key"] else found[0]

    return _LENIENT.sub(replace, text)


# -- checks with a place -----------------------------------------------------------------------


def need(condition: bool, where: str, what: str) -> None:
    """``ParseError`` at ``where`` (``a.mlsqlnb, cell 3``) unless the condition holds."""
    if not condition:
        raise ParseError(f"{where}: {what}")


def kind_of(value: object) -> str:
    """What a JSON value is, in the words of a message."""
    names: Iterable[tuple[type, str]] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((word for kind, word in names if isinstance(value, kind)), "null")
