"""The front end of a cell language: a pure function from a cell to its statements."""

from __future__ import annotations

from typing import ClassVar

from pybyzer.events import Event
from pybyzer.lang.ast import Statement
from pybyzer.registry import Registry
from pybyzer_magics.cell import Cell


class FrontEnd:
    """A cell language. Nothing runs here, and no text is rewritten into other text.

    ``comment`` is the spelling of a directive line that the language itself takes for a comment.
    ``local`` says that the cell is Python for the process that shows the notebook, not for the session.
    """

    comment: ClassVar[str] = "--%"
    local: ClassVar[bool] = False

    def statements(self, cell: Cell) -> list[Statement]:
        """What the session has to run, in order."""
        raise NotImplementedError

    def shown(self, cell: Cell) -> list[Event]:
        """What is shown before anything runs: a cell of text, a warning about its header."""
        return []


FRONTENDS: Registry[type[FrontEnd]] = Registry("cell type", "pybyzer_magics.frontends")
