"""Byzer-lang cells, the default: the parser does it all."""

from __future__ import annotations

from pybyzer.lang.ast import Statement
from pybyzer.lang.parser import parse
from pybyzer_magics.cell import BYZER, Cell
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd


@FRONTENDS.register(BYZER, "byzer", "sql")
class SqlFrontEnd(FrontEnd):
    """SQL, load, save, train and ``!commands``."""

    def statements(self, cell: Cell) -> list[Statement]:
        return parse(cell.body(self.comment), cell.source.name)
