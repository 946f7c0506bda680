"""A session that runs texts and remembers what it showed."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.events import Event, Printed, TableReady


class Notebook:
    """Runs cells; ``printed`` and ``shown`` are what the last one left."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.printed = ""
        self.shown: pa.Table | None = None

    def run(self, text: str) -> list[dict[str, object]]:
        """Run a cell; the rows of its result, shown or printed."""
        self.printed, self.shown = "", None
        name = self.session.run_text(text, self._emit)
        return [] if name is None else self.session.table(name).reader.read_all().to_pylist()

    def _emit(self, event: Event) -> None:
        if isinstance(event, Printed):
            self.printed += event.text
        elif isinstance(event, TableReady):
            self.shown = event.rows


@pytest.fixture
def notebook(session: Session) -> Notebook:
    return Notebook(session)
