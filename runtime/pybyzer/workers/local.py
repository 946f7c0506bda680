"""A worker process: started with a socket and two pipes, told what to run, heard, killed with its group."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pybyzer
from pybyzer.compat.pybyzer_worker import wire
from pybyzer.errors import WorkerError
from pybyzer.workers.environments import Interpreter

ROOT = os.path.dirname(os.path.abspath(pybyzer.__file__))
COMPAT = os.path.join(ROOT, "compat")
BOOTSTRAP = os.path.join(ROOT, "workers", "bootstrap.py")
PATIENCE = 60.0
"""Seconds for an environment to start; conda's activation can take several."""
CHUNK = 1 << 16


class Died(Exception):
    """The process has ended; ``why`` says how."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Process:
    """One Python process, in a process group of its own. Used by one thread; ``kill`` from any.

    ``roots`` are directories that it removes when the session is gone, ``extra`` more environment.
    """

    def __init__(self, interpreter: Interpreter, roots: Sequence[str], extra: Mapping[str, str]) -> None:
        self.interpreter = interpreter
        self.hello: wire.Message = {}
        self._roots = list(roots)
        ours, theirs = socket.socketpair()
        words = interpreter.command([BOOTSTRAP, str(theirs.fileno()), COMPAT])
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env=interpreter.environment() | dict(extra),
            )
        except OSError as error:
            ours.close()
            raise WorkerError(f"cannot start {words[0]}: {error.strerror}") from None
        finally:
            theirs.close()
        self._channel = wire.Channel(ours)
        self._selector = selectors.DefaultSelector()
        self._selector.register(ours, selectors.EVENT_READ, "message")
        for name, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, name)
        self._lock = threading.Lock()
        self._ended = False

    @property
    def pid(self) -> int:
        """The process id, also that of its group."""
        return self._process.pid

    @property
    def has_arrow(self) -> bool:
        """Whether it takes Arrow files."""
        return self.hello.get("pyarrow") is not None

    @property
    def alive(self) -> bool:
        """Whether it can be told to run something."""
        return not self._ended and self._process.poll() is None

    def greet(self) -> None:
        """Wait until it says what it is; ``WorkerError`` when the environment does not start."""
        if self.hello:
            return
        said: list[str] = []
        deadline = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < deadline:
                for kind, content in self.hear(0.5):
                    if kind == "message" and content["type"] == "hello":
                        self.hello = content
                        self.send({"type": "hi", "roots": self._roots})
                        return
                    if kind != "message":
                        said.append(bytes(content).decode("utf-8", "replace"))
            why = f"did not start within {PATIENCE:.0f} s"
        except Died as died:
            why = died.why
        self.kill()
        name = self.interpreter.name or self.interpreter.python
        text = "".join(said).strip()
        raise WorkerError(
            f'the Python environment "{name}" did not start: {text or why}',
            hint=f"this was run: {self.interpreter.prefix}" if self.interpreter.prefix else None,
        )

    def send(self, message: wire.Message) -> None:
        """Tell it something; ``Died`` when it is gone."""
        try:
            self._channel.send(message)
        except OSError:
            raise Died(self._how()) from None

    def hear(self, timeout: float) -> Iterator[tuple[str, Any]]:
        """What it says within ``timeout`` seconds: ``("stdout", bytes)`` or ``("message", dict)``.

        Prints come before the message that follows them. ``Died`` when it is gone.
        """
        ready = self._selector.select(timeout)
        gone = False
        messages: list[wire.Message] = []
        for key, _ in ready:
            if key.data == "message":
                arrived = self._channel.arrived()
                gone = arrived is None
                messages += arrived or []
        yield from self._prints()
        for message in messages:
            yield "message", message
        if gone:
            how = self._how()
            yield from self._prints()
            raise Died(how)

    def kill(self) -> None:
        """End the process and all it started, at once. From any thread, any number of times."""
        with self._lock:
            if not self._ended:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it and release what it held."""
        self.kill()
        self._process.wait()
        with self._lock:
            self._ended = True
        self._selector.close()
        self._channel.connection.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _prints(self) -> Iterator[tuple[str, bytes]]:
        """All that is in the pipes now."""
        for name, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr)):
            while pipe is not None and not pipe.closed:
                data = pipe.read(CHUNK)
                if data:
                    yield name, data
                if data == b"" and pipe in {key.fileobj for key in self._selector.get_map().values()}:
                    self._selector.unregister(pipe)
                if not data or len(data) < CHUNK:
                    break

    def _how(self) -> str:
        """How the process ended, in words."""
        try:
            status = self._process.wait(2)
        except subprocess.TimeoutExpired:
            return "closed its connection"
        if status < 0:
            name = signal.Signals(-status).name
            more = " (out of memory, perhaps)" if name == "SIGKILL" else ""
            return f"was killed by {name}{more}"
        return f"ended with status {status}"
