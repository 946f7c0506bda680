"""``--param k=v``: values from outside, as a cell of ``set`` after the notebook's own parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from pybyzer.errors import BadOption, ByzerError
from pybyzer.lang.ast import Set
from pybyzer.lang.parser import parse
from pybyzer_kernel.notebooks import cells

OWN, INJECTED = "parameters", "injected-parameters"
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def read(pairs: Sequence[str]) -> dict[str, str]:
    """Names and values of ``k=v`` texts; a repeated name counts with its last value."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise BadOption(f'--param must be name=value, not "{pair}"')
        found[name] = value
    return found


def inject(nb: NotebookNode, values: dict[str, str]) -> None:
    """Put the cell that sets the values into a notebook; one from an earlier run is replaced."""
    nb.cells = [cell for cell in nb.cells if INJECTED not in _tags(cell)]
    if not values:
        return
    source = "\n".join(f"set {name}={_quoted(name, value)};" for name, value in values.items())
    made = cells.code_cell(source, {"language": "mlsql"}, _free_id(nb), [])
    made.metadata["tags"] = [INJECTED]
    nb.cells.insert(_place(nb), made)


def _place(nb: NotebookNode) -> int:
    """After the cell tagged ``parameters``, or a first code cell of nothing but ``set``; else at the top."""
    for index, cell in enumerate(nb.cells):
        if OWN in _tags(cell):
            return index + 1
    for index, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            return index + 1 if _only_sets(cell.source) else index
    return len(nb.cells)


def _only_sets(source: str) -> bool:
    if cells.kind_of(source) is not None:
        return False
    try:
        statements = parse(source)
    except ByzerError:
        return False
    return bool(statements) and all(isinstance(statement, Set) for statement in statements)


def _quoted(name: str, value: str) -> str:
    if '"' not in value and "\\" not in value and "\n" not in value:
        return f'"{value}"'
    if "'''" in value or value.endswith("'"):
        raise BadOption(f"--param {name}: a value cannot contain both \" and ''' (or end in ')")
    return f"'''{value}'''"


def _tags(cell: NotebookNode) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return list(tags) if isinstance(tags, list) else []


def _free_id(nb: NotebookNode) -> str:
    ids = cells.Ids()
    for cell in nb.cells:
        ids.take(wish=str(cell.get("id", "")))
    return ids.take(INJECTED, wish=INJECTED)
