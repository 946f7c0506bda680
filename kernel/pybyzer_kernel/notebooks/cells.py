"""What the formats share: cell ids, languages and headers, and what a format has no place for.

A notebook in memory is an nbformat 4.5 ``NotebookNode``; facts of the file it came from are in
``metadata.byzer`` (of notebook, cell and output). The other way round, what a Byzer file has no place
for is kept under the extra key ``ipynb`` of a cell, which Byzer programs ignore.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import NotebookNode, from_dict

from pybyzer_magics.cell import read as read_cell
from pybyzer_magics.frontends.base import FRONTENDS

EXTRA = "ipynb"
"""The key of a Byzer cell that holds what only a Jupyter notebook has."""

PYTHON_HEADER = "#%python\n"

KERNELSPEC = {"name": "pybyzer", "display_name": "Byzer", "language": "byzer"}
LANGUAGE_INFO = {
    "name": "byzer",
    "file_extension": ".mlsql",
    "mimetype": "text/x-sql",
    "codemirror_mode": {"name": "byzer", "mime": "text/x-sql"},
    "pygments_lexer": "sql",
}

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What changes by running or looking at a notebook, and what the file format says itself.
_PASSING = ("byzer", "execution", "collapsed", "scrolled", "trusted", "vscode")
_OWN_FIELDS = ("id", "execution_count", "outputs")


def notebook(cells: list[NotebookNode], byzer: dict[str, Any]) -> NotebookNode:
    """A notebook for our kernel; ``byzer`` are the facts of its file."""
    metadata = {"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO, "byzer": byzer}
    made = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": []})
    made.cells = cells
    return made


def code_cell(source: str, byzer: dict[str, Any], id: str, outputs: list[dict[str, Any]]) -> NotebookNode:
    """A code cell that was not run by us."""
    fields = {"execution_count": None, "outputs": outputs, "metadata": {"byzer": byzer}}
    return from_dict({"cell_type": "code", "id": id, "source": source, **fields})


def markdown_cell(source: str, byzer: dict[str, Any], id: str) -> NotebookNode:
    """A cell of text."""
    return from_dict({"cell_type": "markdown", "id": id, "source": source, "metadata": {"byzer": byzer}})


class Ids:
    """Ids that are the same at each reading: a hash of the content, and a counter for repeats."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, *content: str, wish: str = "") -> str:
        """An id for that content; ``wish`` itself when it may be an id and is free."""
        base = wish
        if not _ID.fullmatch(wish) or wish in self._used:
            text = "\0".join(content).encode("utf-8", "surrogatepass")
            base = hashlib.sha256(text).hexdigest()[:12]
        found, repeat = base, 1
        while found in self._used:
            repeat += 1
            found = f"{base}-{repeat}"
        self._used.add(found)
        return found


def kind_of(source: str) -> str | None:
    """The kind of cell its header names (``python``, ``visualize`` ...); None without a header."""
    cell = read_cell(source, kinds=frozenset(name.lower() for name in FRONTENDS.names()))
    return cell.kind if cell.kind_span is not None else None


def origin(nb: NotebookNode) -> str:
    """The format of the file a notebook came from; empty for a Jupyter notebook."""
    byzer = nb.metadata.get("byzer")
    return str(byzer.get("format", "")) if isinstance(byzer, dict) else ""


def facts(node: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``metadata.byzer`` of a notebook, cell or output; empty when there is none."""
    found = node.get("metadata", {}).get("byzer")
    return plain(found) if isinstance(found, dict) else {}


def plain(value: Any) -> Any:
    """A JSON value without nbformat's classes, so that comparing and writing see the same thing."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


# -- what only a Jupyter notebook has ----------------------------------------------------------


def extra(cell: Mapping[str, Any], derived: Mapping[str, Any], *, native: bool, kin: bool) -> dict[str, Any]:
    """What to keep of a cell besides what its Byzer form gives back (``derived``); empty for nothing.

    ``native`` cells came from a file of the same format: traces of running them (ids, counts, timings) are
    dropped, tags and attachments are kept. Any other cell is kept exactly, but for the ids that we made
    ourselves for a ``kin`` one, from another Byzer format.
    """
    if native:
        kept = {key: plain(value) for key, value in cell["metadata"].items() if key not in _PASSING}
        found: dict[str, Any] = {"metadata": kept} if kept else {}
        for key in cell.keys() - derived.keys() - set(_OWN_FIELDS):
            found[key] = plain(cell[key])
        if cell["cell_type"] != derived["cell_type"]:
            found["cell_type"] = cell["cell_type"]
        return found
    differing = {
        key: plain(cell[key]) for key in cell if key not in derived or not same(cell[key], derived[key])
    }
    if kin:
        differing.pop("id", None)
        if differing.get("metadata") == {"byzer": {}}:
            del differing["metadata"]
    absent = sorted(derived.keys() - cell.keys())
    if not differing and not absent:
        return {}
    return {"exact": True, **differing, **({"absent": absent} if absent else {})}


def keep(item: dict[str, Any], found: Mapping[str, Any]) -> None:
    """Put what was found into the extra key of a Byzer cell (or file), keys in one order."""
    if found:
        everything = {**item.get(EXTRA, {}), **found}
        item[EXTRA] = json.loads(json.dumps(everything, sort_keys=True))


def restore(cell: NotebookNode, kept: Mapping[str, Any]) -> NotebookNode:
    """The cell with what ``extra`` kept."""
    fields = {**cell, **{k: v for k, v in kept.items() if k not in ("exact", "absent", "notebook")}}
    for key in kept.get("absent", ()):
        fields.pop(key, None)
    if not kept.get("exact"):
        fields["metadata"] = {**cell["metadata"], **kept.get("metadata", {})}
        if fields["cell_type"] != "code":
            fields.pop("outputs", None)
            fields.pop("execution_count", None)
    return from_dict(fields)


def notebook_extra(nb: NotebookNode, derived: Mapping[str, Any]) -> dict[str, Any]:
    """What to keep of the notebook itself, for a file of another format."""
    found: dict[str, Any] = {}
    if facts(nb) == {"format": "script"}:
        return found
    if not same(nb.metadata, derived["metadata"]):
        found["metadata"] = plain(nb.metadata)
    if nb.nbformat_minor != derived["nbformat_minor"]:
        found["nbformat_minor"] = nb.nbformat_minor
    return found


def restore_notebook(nb: NotebookNode, kept: Mapping[str, Any]) -> NotebookNode:
    """The notebook with what ``notebook_extra`` kept."""
    if "metadata" in kept:
        nb.metadata = from_dict(kept["metadata"])
    if "nbformat_minor" in kept:
        nb.nbformat_minor = kept["nbformat_minor"]
    return nb


def packed(value: Any) -> str:
    """A JSON value as text: the order of its keys survives an ``.ipynb``, which sorts them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: object) -> Any:
    """The value of a packed text; None for anything else (somebody edited it)."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: ``1``, ``1.0`` and ``true`` are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def in_order(fields: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    """The fields in a wanted order, those it does not name at the end."""
    wanted = [key for key in order if key in fields]
    return {key: fields[key] for key in (*wanted, *(k for k in fields if k not in wanted))}
