"""A user's Python function for SQL (``ScriptUDF``) in processes of its own: they may loop or crash."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pybyzer.errors import Interrupted, WorkerError

if TYPE_CHECKING:
    import pyarrow as pa

COMPAT = Path(__file__).parents[1] / "compat"


@dataclass(frozen=True, slots=True)
class Script:
    """The code of a function. ``filename`` is what a traceback calls it."""

    name: str
    code: str
    filename: str = "code"
    class_name: str = ""
    method: str = "apply"


class ScriptProcesses:
    """Processes that hold one user function, as many as there are callers at a time."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._lock = threading.Lock()
        weakref.finalize(self, _end_all, self._idle, self._busy)

    def signature(self) -> tuple[list[tuple[str, str | None]], str | None]:
        """Parameters with their Spark types, and the result's; None where the code does not say."""
        with self._borrowed() as process:
            found = process.signature
        return [(name, kind) for name, kind in found["parameters"]], found["returns"]

    def call(self, returns: pa.DataType, *columns: pa.Array) -> pa.Array:
        """The function on each row; ``WorkerError`` with the user's traceback."""
        with self._borrowed() as process:
            return process.call(returns, columns)

    def stop(self) -> None:
        """Kill what is running, from any thread; the next call starts anew."""
        with self._lock:
            for process in self._busy:
                process.stop()

    @contextlib.contextmanager
    def _borrowed(self) -> Any:
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None:
            process = _Process(self._script)
        with self._lock:
            self._busy.add(process)
        try:
            process.ready()
            yield process
        finally:
            with self._lock:
                self._busy.discard(process)
                if process.alive:
                    self._idle.append(process)
            if not process.alive:
                process.end()


def _end_all(*groups: Any) -> None:
    for group in groups:
        for process in list(group):
            process.end()


class _Process:
    """One process and the socket to it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.alive = True
        self.signature: dict[str, Any] = {}
        self._stopped = False
        mine, theirs = socket.socketpair()
        self._socket = mine
        path = os.pathsep.join([str(COMPAT), *filter(None, [os.environ.get("PYTHONPATH")])])
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pybyzer_worker.script", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # The function's own prints: not ours to parse, shown where the kernel logs.
                stdout=sys.__stderr__.fileno() if sys.__stderr__ else None,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        finally:
            theirs.close()

    def ready(self) -> None:
        """Load the code, once."""
        if self.signature:
            return
        order = {
            "name": self._script.name,
            "code": self._script.code,
            "filename": self._script.filename,
            "class": self._script.class_name,
            "method": self._script.method,
        }
        self.signature = json.loads(self._ask(b"J", json.dumps(order).encode()))

    def call(self, returns: pa.DataType, columns: tuple[pa.Array, ...]) -> pa.Array:
        import pyarrow as pa

        # The last column is empty: it carries the wanted type.
        arrays = [*columns, pa.nulls(len(columns[0]), returns)]
        names = [f"a{i}" for i in range(len(columns))]
        answer = self._ask(b"A", _wire().pack(arrays, [*names, "result"]))
        return pa.ipc.open_stream(pa.py_buffer(answer)).read_next_batch().column(0)

    def stop(self) -> None:
        """Kill it; whoever waits for it gets ``Interrupted``."""
        self._stopped = True
        self._process.kill()

    def end(self) -> None:
        """Release everything."""
        self.alive = False
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _ask(self, kind: bytes, body: Any) -> bytearray:
        wire = _wire()
        name = self._script.name
        try:
            wire.send(self._socket, kind, body)
            answer = wire.receive(self._socket)
        except OSError:
            answer = None
        if answer is None:
            self.alive = False
            if self._stopped:
                raise Interrupted(f"{name} was stopped")
            code = self._process.wait()
            raise WorkerError(
                f"the process of {name} died ({_reason(code)})",
                hint="the next call starts it anew",
            )
        if answer[0] == b"E":
            failure = json.loads(answer[1])
            raise WorkerError(failure["headline"], traceback=failure["traceback"])
        return answer[1]  # type: ignore[no-any-return]


def _wire() -> Any:
    """The other end's module: ``send``, ``receive``, ``pack``."""
    return importlib.import_module("pybyzer.compat.pybyzer_worker.script")


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
