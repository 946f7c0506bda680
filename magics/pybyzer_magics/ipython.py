"""``%load_ext pybyzer_magics``: Byzer-lang in any IPython. The only file here that binds IPython."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class

from pybyzer.errors import ByzerError
from pybyzer.events import Displayed, Event, Printed, TableReady
from pybyzer.session import Session
from pybyzer_magics.render import render
from pybyzer_magics.router import read_statements, route
from pybyzer_magics.running import Waiter

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell


@magics_class
class ByzerMagics(Magics):  # type: ignore[misc]  # IPython's base has no types
    """``%%byzer`` and ``%byzer``; one session for each IPython, opened at the first use.

    ``open_session`` gives the session: in our own kernel, the one that its cells use.
    """

    def __init__(self, shell: InteractiveShell, open_session: Callable[[], Session]) -> None:
        super().__init__(shell)
        self._open_session = open_session
        self._session: Session | None = None
        self._waiter = Waiter(self._cancel)

    @line_cell_magic  # type: ignore[untyped-decorator]  # IPython's decorators have no types
    def byzer(self, line: str, cell: str | None = None) -> pd.DataFrame | None:
        """Run Byzer-lang: ``%%byzer`` a cell, which shows its result; ``%byzer name`` gives a table.

        ``%byzer select ...;`` runs one line. The cell may begin with ``#%python`` and its directives.
        """
        text = line.strip() if cell is None else cell
        if cell is None and text in self.session.catalog:
            return self._waiter.call(partial(_read, self.session, text))
        read, front_end = route(text)
        for event in front_end.shown(read):
            self._show(event)
        statements = front_end.statements(read)
        self._waiter.call(lambda: self.session.run(statements, self._show))
        return None

    @property
    def session(self) -> Session:
        """The session behind the magics."""
        if self._session is None:
            self._session = self._open_session()
        return self._session

    def close(self) -> None:
        """Stop the engine and the workers."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _cancel(self) -> None:
        if self._session is not None:
            self._session.cancel()

    def _show(self, event: Event) -> None:
        match event:
            case Printed():
                print(event.text, end="", file=sys.stderr if event.stream == "stderr" else sys.stdout)
            case TableReady():
                zone = self.session.settings.timezone
                self.shell.display_pub.publish(render(event, zone))
            case Displayed():
                self.shell.display_pub.publish(dict(event.data), dict(event.metadata))
            case _:
                pass


def _read(session: Session, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = session.table(name).reader.read_all().to_pandas()
    return frame


def load(shell: InteractiveShell) -> None:
    """Register the magics; errors of ours are shown as their message, without a traceback."""
    magics = ByzerMagics(shell, getattr(shell, "open_session", lambda: Session(read_cell=read_statements)))
    shell.register_magics(magics)
    shell.set_custom_exc((ByzerError,), _show_error)
    # A session holds processes, which must not outlive this one.
    atexit.register(magics.close)


def _show_error(
    shell: Any,
    kind: type[BaseException],
    value: ByzerError,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> list[str]:
    lines = value.render().split("\n")
    shell._showtraceback(kind, value.message, lines)
    return lines
