"""``.ipynb`` as Jupyter writes it: nbformat 4, one blank of indent, sorted keys, a line end at the end."""

from __future__ import annotations

import warnings
from typing import Any

import nbformat
from nbformat import NotebookNode

from pybyzer.errors import ParseError
from pybyzer_kernel.notebooks import cells, layout

FORMAT = "ipynb"


def read(text: str, name: str = "notebook.ipynb") -> NotebookNode:
    """The notebook of a file's text, brought to nbformat 4; ``ParseError`` for a malformed one."""
    value = layout.read(text, name)
    layout.need(isinstance(value, dict), name, f"must be an object, not {layout.kind_of(value)}")
    layout.need(isinstance(value.get("nbformat"), int), name, "is not a notebook: it has no nbformat")
    if value["nbformat"] == 4:
        _check(value, name)
        nb = nbformat.v4.to_notebook(value)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                nb = nbformat.reads(text, as_version=4)
            except Exception as error:
                raise ParseError(f"{name}: not a notebook: {error}") from None
    _name_cells(nb)
    return nb


def write(nb: NotebookNode) -> str:
    """The file's text for a notebook."""
    text: str = nbformat.v4.writes(nb)
    return layout.escape_surrogates(text) + "\n"


def _check(value: dict[str, Any], name: str) -> None:
    items: Any = value.get("cells")
    layout.need(isinstance(items, list), name, f"cells must be a list, not {layout.kind_of(items)}")
    layout.need(isinstance(value.get("metadata"), dict), name, "has no metadata")
    for number, cell in enumerate(items, 1):
        where = f"{name}, cell {number}"
        layout.need(isinstance(cell, dict), where, f"must be an object, not {layout.kind_of(cell)}")
        kind = cell.get("cell_type")
        layout.need(kind in ("code", "markdown", "raw"), where, f"no cell_type {kind!r}")
        layout.need(isinstance(cell.get("metadata"), dict), where, "has no metadata")
        source = cell.get("source")
        lines = isinstance(source, list) and all(isinstance(line, str) for line in source)
        layout.need(isinstance(source, str) or lines, where, "source must be text or a list of lines")
        if kind == "code":
            _check_outputs(cell, where)


def _check_outputs(cell: dict[str, Any], where: str) -> None:
    found: Any = cell.get("outputs")
    layout.need(isinstance(found, list), where, f"outputs must be a list, not {layout.kind_of(found)}")
    needed = {
        "stream": ("name", "text"),
        "error": ("ename", "evalue", "traceback"),
        "display_data": ("data",),
        "execute_result": ("data",),
    }
    for number, output in enumerate(found, 1):
        place = f"{where}, output {number}"
        layout.need(isinstance(output, dict), place, f"must be an object, not {layout.kind_of(output)}")
        kind = output.get("output_type")
        layout.need(kind in needed, place, f"no output_type {kind!r}")
        for key in needed[kind]:
            layout.need(key in output, place, f"has no {key}")


def _name_cells(nb: NotebookNode) -> None:
    """Ids for cells that should have one: the same at each reading, unlike nbformat's own."""
    if nb.nbformat_minor < 5:
        return
    ids = cells.Ids()
    for cell in nb.cells:
        given = str(cell.get("id", ""))
        cell.id = ids.take(cell.cell_type, cell.source, wish=given)
