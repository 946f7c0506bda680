"""The code of a file: a script is one cell, a notebook has many. What ``include`` reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pybyzer.errors import BadOption

MARKDOWN = "--%markdown"
"""What text cells of Byzer Notebook begin with."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of code. ``number`` counts all cells of the notebook from 1, text too; 0 is a whole script.

    ``language`` is what the notebook says of a cell that says nothing itself.
    """

    text: str
    number: int = 0
    language: str | None = None

    def name(self, file: str) -> str:
        """What errors call it."""
        return f"{file}, cell {self.number}" if self.number else file


def read(text: str, name: str) -> list[Cell]:
    """The cells of code of a file's text, in order; ``BadOption`` for a notebook that is none."""
    reader = _READERS.get(name.rpartition(".")[2].lower())
    if reader is None:
        return [Cell(text.removeprefix("\ufeff"))]
    if not text.strip():
        return []
    try:
        return reader(json.loads(text.removeprefix("\ufeff"), strict=False))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadOption(f"{name} is no notebook", option="path") from None


def _from_mlsqlnb(value: Any) -> list[Cell]:
    return [
        Cell(_text(item["value"]), number, item.get("language"))
        for number, item in enumerate(value, 1)
        if item["kind"] == 2
    ]


def _from_bznb(value: Any) -> list[Cell]:
    found = [(number, _text(item["content"])) for number, item in enumerate(value["cell_list"], 1)]
    return [Cell(text, number) for number, text in found if not text.startswith(MARKDOWN)]


def _from_ipynb(value: Any) -> list[Cell]:
    return [
        Cell(_text(item["source"]), number)
        for number, item in enumerate(value["cells"], 1)
        if item["cell_type"] == "code"
    ]


def _text(value: Any) -> str:
    """The text of a cell; Jupyter may keep it as lines."""
    if isinstance(value, list):
        return "".join(value)
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


_READERS: dict[str, Callable[[Any], list[Cell]]] = {
    "mlsqlnb": _from_mlsqlnb,
    "byzernb": _from_mlsqlnb,
    "bznb": _from_bznb,
    "mlnb": _from_bznb,
    "ipynb": _from_ipynb,
}

SUFFIXES = ("mlsql", "byzer", "byz", "by", *_READERS)
"""Of the files that may be included without saying so, in the order they are tried."""
