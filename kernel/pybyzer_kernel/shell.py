"""The shell: a Byzer cell becomes a call of the session, everything else stays IPython's."""

from __future__ import annotations

import contextvars
import re
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ipykernel.zmqshell import ZMQInteractiveShell

from pybyzer.errors import ByzerError
from pybyzer.settings import Settings
from pybyzer_kernel.outbox import Outbox, Send
from pybyzer_magics.inspection import inspect
from pybyzer_magics.router import read_statements, route
from pybyzer_magics.running import Waiter

if TYPE_CHECKING:
    from pybyzer.session import Session
    from pybyzer_kernel.tables import TableHandle

ASKED: contextvars.ContextVar[str | None] = contextvars.ContextVar("asked", default=None)
"""The text of the execute request: the only text that is routed. What magics run is Python."""

PYTHON = ("python", "ipython")
"""Kinds of cells that IPython can complete, and tell whether they are finished."""

_HELP = re.compile(r"\?(!?\w+)|(!?\w+)\?")
_EXIT = ("exit", "quit", "exit()", "quit()")


class ByzerShell(ZMQInteractiveShell):  # type: ignore[misc]  # ipykernel has no types
    """One namespace for ``#%ipython`` cells, one session for all others."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session: Session | None = None
        self._opening = threading.Lock()
        self._closed = False
        self._outbox: Outbox | None = None
        self._waiter = Waiter(self._cancel, self._tick)
        self.user_ns["table"] = self.table
        self.user_ns_hidden["table"] = self.table

    # -- cells -----------------------------------------------------------------------------

    def transform_cell(self, raw_cell: str) -> str:
        """Python source for a cell; for a Byzer cell, a call of ``run_byzer`` with its text."""
        if raw_cell != ASKED.get() or raw_cell.strip() in _EXIT:
            return str(super().transform_cell(raw_cell))
        if _HELP.fullmatch(raw_cell.strip()):
            return f"get_ipython().show_help({raw_cell.strip()!r})\n"
        try:
            cell, front_end = route(raw_cell)
        except ByzerError:
            # Raised again, and shown, when the cell runs.
            return f"get_ipython().run_byzer({raw_cell!r})\n"
        if front_end.local:
            return str(super().transform_cell(_under_header(cell.body(front_end.comment))))
        return f"get_ipython().run_byzer({raw_cell!r})\n"

    def run_byzer(self, text: str) -> None:
        """Run a cell in the session. Shows its results in the cell that is being executed."""
        outbox = Outbox(self._sender())
        self._outbox = outbox
        try:
            cell, front_end = route(text)
            for event in front_end.shown(cell):
                outbox.emit(event)
            statements = front_end.statements(cell)
            if statements:
                self._waiter.call(lambda: self._run(statements, outbox))
        except ByzerError as error:
            # Its message says where; our own frames would only be kept, and formatted for the history.
            raise error.with_traceback(None) from None
        finally:
            outbox.close()
            self._outbox = None

    def show_help(self, text: str) -> None:
        """``name?``: what a table, format, algorithm, command or function is, in the pager."""
        name = text.strip("?")
        found = inspect(name, len(name), self.open_session())
        self.payloadpage_page(found or f"nothing is known of {name}")

    def is_python(self, text: str) -> bool:
        """Whether a cell is Python, here or in a worker."""
        try:
            return route(text)[0].kind.lower() in PYTHON
        except ByzerError:
            return False

    def _run(self, statements: list[Any], outbox: Outbox) -> None:
        from pybyzer_kernel.tables import share_frames

        session = self.open_session()
        outbox.zone = session.settings.timezone
        share_frames(session, self.user_ns, statements)
        session.run(statements, outbox.emit)

    # -- the session -----------------------------------------------------------------------

    def open_session(self) -> Session:
        """The session, opened at the first call."""
        with self._opening:
            if self._closed:
                raise ByzerError("the kernel is shutting down")
            if self._session is None:
                from pybyzer.session import Session
                from pybyzer_kernel.tables import frame_source

                opened = Session(Settings.load(), read_statements)
                opened.registries["format"].register("dataframe")(frame_source(self.user_ns))
                self._session = opened
            return self._session

    def opened(self) -> Session | None:
        """The session if there is one already; never waits."""
        return self._session

    def close(self) -> None:
        """Stop the engine, the workers and all they started. Calling it twice is fine."""
        with self._opening:
            self._closed = True
            session, self._session = self._session, None
        if session is not None:
            session.cancel()
            session.close()

    def table(self, name: str) -> TableHandle:
        """A table of the notebook: ``table("t").df()``, ``.arrow()``, or as it is to an Arrow reader."""
        from pybyzer_kernel.tables import TableHandle

        return TableHandle(self.open_session(), name, self._waiter.call)

    def _cancel(self) -> None:
        if self._session is not None:
            self._session.cancel()

    def _tick(self) -> None:
        if self._outbox is not None:
            self._outbox.tick(self._progress)

    def _progress(self) -> float | None:
        """The share of the running query that is done; None when nobody knows."""
        return None if self._session is None else self._session.progress()

    # -- messages --------------------------------------------------------------------------

    def _sender(self) -> Send:
        """Sends to iopub as children of the request being executed, from any thread, also later."""
        kernel = self.kernel
        parent = kernel.get_parent("shell")

        def send(kind: str, content: dict[str, Any]) -> None:
            kernel.session.send(kernel.iopub_socket, kind, content, parent=parent, ident=kernel._topic(kind))

        def mute(kind: str, content: dict[str, Any]) -> None:
            """A silent request shows nothing."""

        return mute if parent.get("content", {}).get("silent") else send

    def showtraceback(
        self,
        exc_tuple: tuple[type[BaseException], BaseException, TracebackType | None] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Show an error: one of ours as its message with the place, any other with its traceback."""
        kind, value, _ = self._get_exc_info(exc_tuple)
        if isinstance(value, ByzerError):
            self._showtraceback(kind, value.message, value.render().split("\n"))
        else:
            super().showtraceback(exc_tuple, *args, **kwargs)


def _under_header(text: str) -> str:
    """The text from its ``%%magic`` line on, when only a header stands above it."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith("%%"):
            return "".join(lines[number:])
        if line.strip() and not line.startswith("#"):
            break
    return text
