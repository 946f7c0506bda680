"""``#%ipython`` cells: Python in the notebook's own process. They are no statements of the session."""

from __future__ import annotations

from pybyzer.errors import Unsupported
from pybyzer.lang.ast import Statement
from pybyzer_magics.cell import Cell
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd


@FRONTENDS.register("ipython")
class LocalFrontEnd(FrontEnd):
    """Run by whoever has an IPython namespace: the kernel."""

    comment = "#%"
    local = True

    def statements(self, cell: Cell) -> list[Statement]:
        raise Unsupported(
            "an #%ipython cell runs in the notebook's kernel, and there is none here",
            span=cell.kind_span,
            hint="run the file with pybyzer run, or make it a #%python cell",
        )
