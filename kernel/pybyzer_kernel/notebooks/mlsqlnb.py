"""``.mlsqlnb`` and ``.byzernb``, the notebooks of the VS Code extension.

The file is a JSON list of cells: ``kind`` (1 text, 2 code), ``language``, ``value``, ``outputs``. It
comes back byte for byte; what a Jupyter notebook has beyond that is kept under the key ``ipynb`` of its cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from pybyzer_kernel.notebooks import cells, layout, outputs

FORMAT = "mlsqlnb"
KEYS = ("kind", "language", "value", "outputs")
TEXT, CODE = 1, 2

_YAML_KINDS = ("visualize",)
_PYTHON_KINDS = ("python", "ipython")


def read(text: str, name: str = "notebook.mlsqlnb") -> NotebookNode:
    """The notebook of a file's text; ``ParseError`` naming the cell for a malformed one."""
    if not text.removeprefix("\ufeff").strip():
        return cells.notebook([], {"format": FORMAT, "layout": {**layout.EMPTY, "end": text}})
    value = layout.read(text, name)
    layout.need(isinstance(value, list), name, f"must be a list of cells, not {layout.kind_of(value)}")
    ids = cells.Ids()
    read_cells = [_read_cell(item, f"{name}, cell {number}", ids) for number, item in enumerate(value, 1)]
    facts: dict[str, Any] = {"format": FORMAT}
    found = layout.detect(value, text, layout.COMPACT)
    if found != layout.COMPACT:
        facts["layout"] = found
    nb = cells.notebook(read_cells, facts)
    kept = value[0].get(cells.EXTRA) if value else None
    return cells.restore_notebook(nb, kept.get("notebook", {})) if isinstance(kept, dict) else nb


def write(nb: NotebookNode) -> str:
    """The file's text for a notebook."""
    native = cells.origin(nb) == FORMAT
    kin = not native and bool(cells.origin(nb))
    spec = nb.metadata.get("kernelspec", {})
    python = isinstance(spec, dict) and spec.get("language") == "python"
    ids = cells.Ids()
    written = [_write_cell(cell, native, kin, python, ids) for cell in nb.cells]
    if written and not native:
        derived = cells.notebook([], {"format": FORMAT})
        if kept := cells.notebook_extra(nb, derived):
            cells.keep(written[0], {"notebook": kept})
    style = cells.facts(nb).get("layout", layout.COMPACT) if native else layout.COMPACT
    if style.get("style") == "empty" and written:
        style = layout.COMPACT
    return layout.write(written, style)


# -- one cell --------------------------------------------------------------------------------


def _read_cell(item: Any, where: str, ids: cells.Ids) -> NotebookNode:
    layout.need(isinstance(item, dict), where, f"must be an object, not {layout.kind_of(item)}")
    kind, language, value = item.get("kind"), item.get("language"), item.get("value")
    known = type(kind) is int and kind in (TEXT, CODE)
    layout.need(known, where, f"kind must be 1 (text) or 2 (code), not {kind!r}")
    layout.need(isinstance(language, str), where, f"language must be text, not {layout.kind_of(language)}")
    layout.need(isinstance(value, str), where, f"value must be text, not {layout.kind_of(value)}")
    items = item.get("outputs", [])
    layout.need(isinstance(items, list), where, f"outputs must be a list, not {layout.kind_of(items)}")
    for number, output in enumerate(items, 1):
        _check_item(output, f"{where}, output {number}")
    cell = _made(item, items, ids)
    kept = item.get(cells.EXTRA)
    return cells.restore(cell, kept) if isinstance(kept, dict) else cell


def _check_item(item: Any, where: str) -> None:
    layout.need(isinstance(item, dict), where, f"must be an object, not {layout.kind_of(item)}")
    for key in ("mime", "value"):
        layout.need(
            isinstance(item.get(key), str), where, f"{key} must be text, not {layout.kind_of(item.get(key))}"
        )


def _made(item: Mapping[str, Any], items: list[dict[str, Any]], ids: cells.Ids) -> NotebookNode:
    """The notebook cell of a checked item, without what was kept beside it."""
    kind, language, value = item["kind"], item["language"], item["value"]
    facts: dict[str, Any] = {"language": language}
    order = [key for key in item if key != cells.EXTRA]
    if order != list(KEYS):
        facts["keys"] = order
        unknown = {key: item[key] for key in order if key not in KEYS}
        if unknown:
            facts["unknown"] = cells.packed(unknown)
    chosen = ids.take(str(kind), language, value)
    if kind == TEXT:
        if items:
            facts["outputs"] = cells.packed(items)
        return cells.markdown_cell(value, facts, chosen)
    source = value
    if language == "python" and cells.kind_of(value) is None:
        facts["header"] = cells.PYTHON_HEADER
        source = cells.PYTHON_HEADER + value
    shown = [outputs.from_item(output) for output in items]
    unfaithful = {
        str(index): cells.packed(output)
        for index, output in enumerate(items)
        if not _identical(outputs.to_item(shown[index]), output)
    }
    if unfaithful:
        facts["items"] = unfaithful
    return cells.code_cell(source, facts, chosen, shown)


def _write_cell(cell: NotebookNode, native: bool, kin: bool, python: bool, ids: cells.Ids) -> dict[str, Any]:
    facts = cells.facts(cell)
    item = _native_item(cell, facts, python)
    derived = _made(item, item.get("outputs", []), ids)
    cells.keep(item, cells.extra(cell, derived, native=native, kin=kin))
    return item


def _native_item(cell: NotebookNode, facts: Mapping[str, Any], python: bool) -> dict[str, Any]:
    code = cell.cell_type != "markdown"
    source = cell.source
    header = facts.get("header", "")
    if header and source.startswith(header):
        source = source[len(header) :]
    else:
        header = ""
    fields: dict[str, Any] = {
        "kind": CODE if code else TEXT,
        "language": _language(cell, facts, python, bool(header)),
        "value": source,
    }
    items = _items(cell, facts) if cell.cell_type == "code" else cells.unpacked(facts.get("outputs")) or []
    order = facts.get("keys", KEYS)
    if items or "outputs" in order:
        fields["outputs"] = items
    unknown = cells.unpacked(facts.get("unknown")) or {}
    return cells.in_order({**fields, **{k: v for k, v in unknown.items() if k not in fields}}, order)


def _items(cell: NotebookNode, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items of a cell's outputs; an output still as it was read is written as it was."""
    remembered = facts.get("items", {})
    items = []
    for index, output in enumerate(cell.outputs):
        old = cells.unpacked(remembered.get(str(index)))
        unchanged = old is not None and cells.same(outputs.from_item(old), output)
        items.append(old if unchanged else outputs.to_item(output))
    return items


def _language(cell: NotebookNode, facts: Mapping[str, Any], python: bool, headed: bool) -> str:
    """The language of a cell: as in its file, unless its header now says something else."""
    known = facts.get("language")
    if cell.cell_type == "markdown":
        return known if isinstance(known, str) else "markdown"
    if cell.cell_type == "raw":
        return "raw"
    kind = cells.kind_of(cell.source)
    usual = "python" if kind in _PYTHON_KINDS else "yaml" if kind in _YAML_KINDS else "mlsql"
    if not isinstance(known, str):
        return "python" if kind is None and python else usual
    # The reader put a header before a Python cell without one: gone, somebody made it another cell.
    if known == "python" and kind is None and not headed:
        return usual
    return known


def _identical(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return list(one.items()) == list(other.items())
