"""``.bznb`` and ``.mlnb``, the notebooks of Byzer Notebook.

The file is a JSON object with ``id``, ``name``, ``user`` and ``cell_list``, as Java's Jackson prints
it. It comes back byte for byte; what a Jupyter notebook has beyond that (outputs above all) is kept under
the key ``ipynb``.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from pybyzer_kernel.notebooks import cells, layout

FORMAT = "bznb"
MARKDOWN = "--%markdown"
KEYS = ("id", "content", "job_id")
ROOT_KEYS = ("id", "name", "user", "cell_list", "is_demo")


def read(text: str, name: str = "notebook.bznb") -> NotebookNode:
    """The notebook of a file's text; ``ParseError`` naming the cell for a malformed one."""
    value = layout.read(text, name, lenient=True)
    layout.need(isinstance(value, dict), name, f"must be an object, not {layout.kind_of(value)}")
    items = value.get("cell_list")
    layout.need(isinstance(items, list), name, f"cell_list must be a list, not {layout.kind_of(items)}")
    for key in ("id", "name", "user"):
        known = value.get(key) is None or isinstance(value[key], str)
        layout.need(known, name, f"{key} must be text, not {layout.kind_of(value.get(key))}")
    ids = cells.Ids()
    read_cells = [_read_cell(item, f"{name}, cell {number}", ids) for number, item in enumerate(items, 1)]
    facts: dict[str, Any] = {"format": FORMAT}
    facts |= _facts(value, ROOT_KEYS)
    facts["keys"] = [key for key in value if key != cells.EXTRA]
    found = layout.detect(value, text, layout.JACKSON)
    if found != layout.JACKSON:
        facts["layout"] = found
    nb = cells.notebook(read_cells, facts)
    kept = value.get(cells.EXTRA)
    return cells.restore_notebook(nb, kept) if isinstance(kept, dict) else nb


def write(nb: NotebookNode) -> str:
    """The file's text for a notebook."""
    native = cells.origin(nb) == FORMAT
    kin = not native and bool(cells.origin(nb))
    facts = cells.facts(nb) if native else {}
    ids = cells.Ids()
    root: dict[str, Any] = {"id": "", "name": "", "user": "", "is_demo": None}
    if native:
        root = _fields(facts, ROOT_KEYS)
    root["cell_list"] = [
        _write_cell(cell, native, kin, number, ids) for number, cell in enumerate(nb.cells, 1)
    ]
    root = cells.in_order(root, facts.get("keys", ROOT_KEYS))
    if not native:
        cells.keep(root, cells.notebook_extra(nb, cells.notebook([], _derived_facts(root))))
    return layout.write(root, facts.get("layout", layout.JACKSON))


def _derived_facts(root: dict[str, Any]) -> dict[str, Any]:
    """``metadata.byzer`` as ``read`` would make it."""
    return {"format": FORMAT, **_facts(root, ROOT_KEYS), "keys": list(root)}


def _facts(item: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """The keys of a file or cell besides its content: the known ones by name, others packed."""
    content = ("cell_list", "content", cells.EXTRA)
    found = {key: item[key] for key in known if key in item and key not in content}
    unknown = {key: value for key, value in item.items() if key not in known and key not in content}
    return found | ({"unknown": cells.packed(unknown)} if unknown else {})


def _fields(facts: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """The keys of a file or cell from its facts."""
    found = {key: facts[key] for key in known if key in facts}
    return found | (cells.unpacked(facts.get("unknown")) or {})


def _read_cell(item: Any, where: str, ids: cells.Ids) -> NotebookNode:
    layout.need(isinstance(item, dict), where, f"must be an object, not {layout.kind_of(item)}")
    content = item.get("content")
    layout.need(isinstance(content, str), where, f"content must be text, not {layout.kind_of(content)}")
    cell = _made(item, ids)
    kept = item.get(cells.EXTRA)
    return cells.restore(cell, kept) if isinstance(kept, dict) else cell


def _made(item: dict[str, Any], ids: cells.Ids) -> NotebookNode:
    """The notebook cell of a checked item, without what was kept beside it."""
    content = item["content"]
    order = [key for key in item if key != cells.EXTRA]
    facts = _facts(item, KEYS)
    if order != list(KEYS):
        facts["keys"] = order
    wish = str(item.get("id") or "")
    if content.startswith(MARKDOWN):
        text = content[len(MARKDOWN) :]
        return cells.markdown_cell(text, facts, ids.take("markdown", text, wish=wish))
    return cells.code_cell(content, facts, ids.take("code", content, wish=wish), [])


def _write_cell(cell: NotebookNode, native: bool, kin: bool, number: int, ids: cells.Ids) -> dict[str, Any]:
    facts = cells.facts(cell) if native else {}
    order = facts.pop("keys", KEYS)
    prefix = MARKDOWN if cell.cell_type == "markdown" else ""
    fields: dict[str, Any] = {"id": str(number), "content": prefix + cell.source, "job_id": None}
    if native and "byzer" in cell.metadata:
        fields = {"content": prefix + cell.source, **_fields(facts, KEYS)}
    item = cells.in_order(fields, order)
    # A Byzer Notebook file holds no results, unless they came from a file that does.
    cells.keep(item, cells.extra(cell, _made(item, ids), native=native, kin=kin))
    return item
