"""Which front end reads this cell: decided by its header lines, never by its content."""

from __future__ import annotations

from dataclasses import replace

from pybyzer.errors import UnknownName
from pybyzer.lang.ast import Statement
from pybyzer.registry import did_you_mean
from pybyzer_magics.cell import BYZER, Cell, read
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd


def route(text: str, language: str | None = None, name: str = "cell") -> tuple[Cell, FrontEnd]:
    """A cell and the front end for it.

    ``language`` is what a notebook file says about the cell (``python`` of a ``.mlsqlnb`` cell); it counts
    only where the cell itself says nothing. ``name`` is what error messages call the cell.
    ``UnknownName`` for a kind of cell that does not exist.
    """
    cell = read(text, name, frozenset(known.lower() for known in FRONTENDS.names()))
    if cell.kind_span is None and cell.kind == BYZER and language:
        cell = replace(cell, kind=language)
    found = FRONTENDS.find(cell.kind)
    if found is None:
        raise UnknownName(
            f'no cell type "{cell.kind}"',
            span=cell.kind_span,
            hint=did_you_mean(cell.kind, FRONTENDS.names()),
        )
    return cell, found()


def read_statements(text: str, name: str, language: str | None = None) -> list[Statement]:
    """What the session has to run of a cell, for notebooks that are included."""
    cell, front_end = route(text, language, name)
    return front_end.statements(cell)
