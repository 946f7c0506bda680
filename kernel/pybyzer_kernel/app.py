"""The kernel: the wire in, the wire out. What a cell means is the shell's affair."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import socket
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

import pybyzer
from pybyzer.errors import ByzerError
from pybyzer_kernel import starting
from pybyzer_kernel.shell import ASKED, ByzerShell
from pybyzer_magics.complete import complete, complete_header
from pybyzer_magics.finished import status
from pybyzer_magics.inspection import inspect

if TYPE_CHECKING:
    from pybyzer.session import Session

CLOSING = 4.0
"""Seconds for the session to close; Jupyter kills a kernel 5 seconds after asking it to end."""

OPENING = 5.0
"""Seconds that completion waits for the session at the start of a kernel."""


class ByzerKernel(IPythonKernel):  # type: ignore[misc]  # ipykernel has no types
    """Byzer-lang cells by default; ``#%python`` in workers; ``#%ipython`` here."""

    shell_class = ByzerShell
    implementation = "pybyzer"
    implementation_version = pybyzer.__version__
    language_info: ClassVar[dict[str, Any]] = {
        "name": "byzer",
        "version": pybyzer.__version__,
        "mimetype": "text/x-sql",
        "file_extension": ".mlsql",
        # By name where the JupyterLab extension is there, by MIME type as SQL elsewhere.
        "codemirror_mode": {"name": "byzer", "mime": "text/x-sql"},
        "pygments_lexer": "sql",
        "nbconvert_exporter": "script",
    }
    help_links: ClassVar[list[dict[str, str]]] = [
        {"text": "Byzer-lang", "url": "https://docs.byzer.org/#/byzer-lang/en-us/"},
        {"text": "Spark SQL functions", "url": "https://spark.apache.org/docs/latest/api/sql/"},
        {"text": "DuckDB", "url": "https://duckdb.org/docs/"},
        {"text": "Ray", "url": "https://docs.ray.io/"},
    ]

    @property
    def banner(self) -> str:
        return (
            f"pybyzer {pybyzer.__version__}: SQL and !commands, #%python in workers, #%ipython here. "
            "!show tables; lists what there is."
        )

    @property
    def kernel_info(self) -> dict[str, Any]:
        info = dict(super().kernel_info)
        # Byzer cells have no steps to debug; offering a debugger would promise them.
        info["supported_features"] = [f for f in info["supported_features"] if f != "debugger"]
        return info

    def start(self) -> None:
        """Start, and open the session meanwhile, so that the first query finds it open."""
        super().start()
        self._wake_on_signals()
        atexit.register(self._close)
        self._opener = threading.Thread(target=self._warm_up, name="byzer-open", daemon=True)
        self._opener.start()

    async def do_execute(self, code: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a cell: the shell routes this text, and no other."""
        token = ASKED.set(code)
        try:
            reply: dict[str, Any] = await super().do_execute(code, *args, **kwargs)
        finally:
            ASKED.reset(token)
        error = getattr(self.shell.last_execution_result, "error_in_exec", None)
        if reply["status"] == "error" and isinstance(error, ByzerError):
            # The message alone, as in the error output; the traceback has the whole text.
            reply["evalue"] = error.message
        return reply

    async def do_complete(self, code: str, cursor_pos: int | None) -> dict[str, Any]:
        """Complete by the kind of the cell: Byzer-lang by ours, Python by IPython, headers in both."""
        at = len(code) if cursor_pos is None else cursor_pos
        found = complete_header(code, at)
        if found is None and self.shell.is_python(code):
            reply: dict[str, Any] = super().do_complete(code, cursor_pos)
            return reply
        if found is None:
            found = complete(code, at, self._session())
        typed = [
            {"text": i.text, "type": i.type, "start": found.start, "end": found.end} for i in found.items
        ]
        return {
            "status": "ok",
            "matches": [item.text for item in found.items],
            "cursor_start": found.start,
            "cursor_end": found.end,
            "metadata": {"_jupyter_types_experimental": typed},
        }

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        """Explain the word at the cursor."""
        python = self.shell.is_python(code)
        text = inspect(code, cursor_pos, None if python else self._session())
        if text is None and python:
            reply: dict[str, Any] = super().do_inspect(code, cursor_pos, detail_level, omit_sections)
            return reply
        data = {} if text is None else {"text/plain": text}
        return {"status": "ok", "found": text is not None, "data": data, "metadata": {}}

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        """Whether a console should run what was typed."""
        if self.shell.is_python(code):
            reply: dict[str, Any] = super().do_is_complete(code)
            return reply
        state = status(code)
        return {"status": state, "indent": ""} if state == "incomplete" else {"status": state}

    async def do_history(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What was run before, as it was typed; this session by its number, which IPython calls 0."""
        reply: dict[str, Any] = super().do_history(*args, **kwargs)
        now = self.shell.history_manager.session_number
        reply["history"] = [(session or now, line, text) for session, line, text in reply["history"]]
        return reply

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """Close the session, then end."""
        await asyncio.to_thread(self._close)
        reply: dict[str, Any] = super().do_shutdown(restart)
        return reply

    def _wake_on_signals(self) -> None:
        """Let every signal wake the event loop, so that a stopped ``await`` ends at once.

        ipykernel's handler only notes the signal in the loop, which then sleeps on until something else
        wakes it (ipykernel issue 881).
        """
        self._waker = socket.socketpair()
        ours, theirs = self._waker
        ours.setblocking(False)
        theirs.setblocking(False)
        self.io_loop.add_handler(ours, lambda *_: ours.recv(4096), self.io_loop.READ)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def _warm_up(self) -> None:
        try:
            self.shell.open_session()
        except Exception:
            # Whatever it is: the first cell asks again, and shows it.
            self.log.debug("the session could not be opened", exc_info=True)
        finally:
            starting.end()

    def _session(self) -> Session | None:
        """The session to ask about names; None if it could not be opened, or not in time."""
        self._opener.join(OPENING)
        session: Session | None = self.shell.opened()
        return session

    def _close(self) -> None:
        """Close the session, but never wait for it longer than Jupyter waits for us."""
        closer = threading.Thread(target=self.shell.close, name="byzer-close", daemon=True)
        closer.start()
        closer.join(CLOSING)


class ByzerKernelApp(IPKernelApp):  # type: ignore[misc]  # ipykernel has no types
    """The process of a kernel."""

    name = "pybyzer-kernel"
    kernel_class = ByzerKernel

    def init_signal(self) -> None:
        """Signals: SIGTERM closes the session first, or its processes would outlive it."""
        super().init_signal()
        signal.signal(signal.SIGTERM, self._terminated)

    def _terminated(self, signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self.kernel._close()
        os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run a kernel until it is told to end."""
    ByzerKernelApp.launch_instance()
