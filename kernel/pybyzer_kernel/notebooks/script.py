"""``.mlsql`` and ``.byzer`` scripts as notebooks: one cell, or several parted by lines ``-- %%``.

A cell after ``-- %% [markdown]`` is text, each of its lines behind ``--``. Scripts hold no results.
"""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode

from pybyzer.errors import ParseError
from pybyzer_kernel.notebooks import cells

FORMAT = "script"
SEPARATOR = "-- %%"
MARKDOWN = "-- %% [markdown]"

_SEPARATOR = re.compile(r"^-- %%(?:[ \t]*\[markdown\])?[ \t]*\r?$", re.MULTILINE)
_COMMENTED = re.compile(r"^--(?: |$)", re.MULTILINE)


def read(text: str, name: str = "script.mlsql") -> NotebookNode:
    """The notebook of a script's text."""
    if not text:
        return cells.notebook([], {"format": FORMAT})
    ids = cells.Ids()
    found: list[NotebookNode] = []
    separators = list(_SEPARATOR.finditer(text))
    starts = [0, *(min(s.end() + 1, len(text)) for s in separators)]
    ends = [*(s.start() for s in separators), len(text)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        separator = separators[number - 1][0] if number else ""
        if number == 0 and separators and start == end:
            continue
        last = number == len(separators)
        found.append(_read_cell(text[start:end], separator, last, not found, ids))
    if separators and separators[-1].end() == len(text):
        found[-1].metadata.byzer["open"] = True
    return cells.notebook(found, {"format": FORMAT})


def write(nb: NotebookNode) -> str:
    """The script of a notebook: its code, its text as comments; ``ParseError`` if a cell would be cut."""
    parts = []
    count = len(nb.cells)
    for number, cell in enumerate(nb.cells, 1):
        facts = cells.facts(cell) if cells.origin(nb) == FORMAT else {}
        source = cell.source
        text = cell.cell_type == "markdown"
        if _SEPARATOR.search(source) and not text:
            raise ParseError(f"cell {number} contains a line {SEPARATOR}, which parts cells in a script")
        if text and not facts.get("bare"):
            source = _comment(source)
        usual = MARKDOWN if text else SEPARATOR
        separator = facts.get("separator", usual if number > 1 or text or not source else "")
        if separator or number > 1:
            parts.append((separator or usual) + ("" if facts.get("open") and not source else "\n"))
        parts.append(source)
        if number < count:
            parts.append(facts.get("end", "\n"))
    return "".join(parts)


def _read_cell(body: str, separator: str, last: bool, first: bool, ids: cells.Ids) -> NotebookNode:
    facts: dict[str, Any] = {}
    if not last:
        end = "\r\n" if body.endswith("\r\n") else "\n" if body.endswith("\n") else ""
        body = body[: len(body) - len(end)]
        if end != "\n":
            facts["end"] = end
    text = separator.rstrip().endswith("[markdown]")
    usual = MARKDOWN if text else "" if first and body else SEPARATOR
    if separator != usual:
        facts["separator"] = separator
    if not text:
        return cells.code_cell(body, facts, ids.take("code", body), [])
    source = _COMMENTED.sub("", body)
    if _comment(source) != body:
        source = body
        facts["bare"] = True
    return cells.markdown_cell(source, facts, ids.take("markdown", source))


def _comment(source: str) -> str:
    return "\n".join(f"-- {line}" if line else "--" for line in source.split("\n"))
