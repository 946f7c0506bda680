"""Inspection: what the word at the cursor is, for Shift-Tab and ``?``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import type_name
from pybyzer.errors import ByzerError
from pybyzer_magics.frontends.python import DIRECTIVES, STICKY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pybyzer.context import Parameter
    from pybyzer.session import Session

_WORD = re.compile(r"\w+")


def inspect(code: str, cursor: int, session: Session | None) -> str | None:
    """A text on the word at the cursor: a table, command, format, algorithm or function; None if unknown."""
    word, start = _word_at(code, cursor)
    if not word:
        return None
    line = code[code.rfind("\n", 0, start) + 1 : start].strip()
    if line in ("#%", "--%") and word in DIRECTIVES:
        sticky = "\nIt stays in force for later cells." if word in STICKY else ""
        return f"#%{word}=...\n{DIRECTIVES[word]}{sticky}"
    if session is None:
        return None
    if code[:start].endswith("!"):
        return _command(word, session)
    found = [_table(word, session), *(_plug_in(kind, word, session) for kind in ("format", "ET", "function"))]
    texts = [text for text in found if text]
    return "\n\n".join(texts) or None


def _word_at(code: str, cursor: int) -> tuple[str, int]:
    for found in _WORD.finditer(code):
        if found.start() <= cursor <= found.end():
            return found[0], found.start()
    return "", cursor


def _table(name: str, session: Session) -> str | None:
    if name not in session.catalog:
        return None
    entry = session.catalog.get(name)
    try:
        schema = session.engine.schema(name)
    except ByzerError:
        return None
    width = max((len(column) for column in schema.names), default=0)
    lines = [f"  {field.name:<{width}}  {type_name(field.type)}" for field in schema]
    origin = f"\nmade by: {entry.origin}" if entry.origin else ""
    return "\n".join([f"table {entry.name}", *lines]) + origin


def _command(name: str, session: Session) -> str | None:
    found = session.registries["command"].find(name)
    return None if found is None else f"{found.usage}\n{found.description}".strip()


def _plug_in(kind: str, name: str, session: Session) -> str | None:
    found: Any = session.registries[kind].find(name)
    if found is None:
        return None
    description = getattr(found, "description", "") or (found.__doc__ or "" if kind != "function" else "")
    if kind == "function":
        return f"{found.name}({', '.join(found.parameters)})\n{description}".strip()
    return "\n".join([f"{kind} {found.name}", description.strip(), *_options(found.parameters)]).strip()


def _options(parameters: Sequence[Parameter]) -> Iterator[str]:
    if parameters:
        yield "options:"
    for parameter in parameters:
        notes = ["required"] if parameter.required else []
        notes += [f"default {parameter.default}"] if parameter.default else []
        notes += ["one of " + ", ".join(parameter.choices)] if parameter.choices else []
        tail = f" ({'; '.join(notes)})" if notes else ""
        yield f"  {parameter.name}: {parameter.description}{tail}"
