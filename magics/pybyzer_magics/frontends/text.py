"""Cells that only show a text: Markdown."""

from __future__ import annotations

from pybyzer.events import Displayed, Event
from pybyzer.lang.ast import Statement
from pybyzer_magics.cell import Cell
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd


@FRONTENDS.register("markdown", "md")
class MarkdownFrontEnd(FrontEnd):
    """``#%markdown`` in a code cell: shown as written, without its header."""

    comment = ""

    def statements(self, cell: Cell) -> list[Statement]:
        return []

    def shown(self, cell: Cell) -> list[Event]:
        text = cell.body(self.comment).strip()
        return [Displayed({"text/markdown": text, "text/plain": text})]
