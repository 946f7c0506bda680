"""Cell types of Byzer Notebook that are understood and not done here."""

from __future__ import annotations

from pybyzer.errors import Unsupported
from pybyzer.lang.ast import Statement
from pybyzer_magics.cell import Cell
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd

INSTEAD = {
    "visualize": "draw it in an #%ipython or #%python cell",
    "yaml": "draw it in an #%ipython or #%python cell",
    "raw": "make it a Markdown cell",
    "kylin": "load the table through a format",
    "direct-jdbc": "load the table through a format",
    "openmldb": "load the table through a format",
    "chat": "call the service from a #%python cell",
    "string": "write the text into a Markdown cell",
    "deployScript": "register the function in this session",
    "deployModel": "register the function in this session",
    "deployPythonModel": "register the function in this session",
}


@FRONTENDS.register(*INSTEAD)
class ElsewhereFrontEnd(FrontEnd):
    """Says what to use instead."""

    def statements(self, cell: Cell) -> list[Statement]:
        folded = {kind.lower(): hint for kind, hint in INSTEAD.items()}
        raise Unsupported(
            f"{cell.kind} cells are not supported",
            span=cell.kind_span,
            hint=folded[cell.kind.lower()],
        )
