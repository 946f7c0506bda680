"""Programs of the machine: run one, show its output as it comes, stop it with all its children."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

from pybyzer.events import Emit, Printed

TICK = 0.1
"""Seconds without output after which an unfinished line is shown too."""
PATIENCE = 0.5
"""Seconds between asking a program to stop and killing it; and how long to wait for the output of
children that a program left behind."""
CHUNK = 1 << 16
WIDTH = 500
"""Characters that count as one line when a program writes none of its own."""
TAIL = 20
"""Lines shown from the end of an output that was too long."""
LARGEST_FILE = 1 << 30
"""Characters of an output that are kept in a file; what follows is dropped, and this is said."""


def run_program(
    words: Sequence[str],
    emit: Emit,
    on_cancel: list[Callable[[], None]],
    limit: int,
) -> Output:
    """Run a program in a process group of its own until it ends; its output goes to ``emit`` live.

    While it runs, ``on_cancel`` holds a function that stops the whole group from any thread; a
    KeyboardInterrupt in this thread does the same. ``limit`` lines are shown and kept, all of a longer
    output is in a file that is named. ``OSError`` when the program cannot be started.
    """
    group = _Group()
    output = Output(emit, limit)
    on_cancel.append(group.stop)
    atexit.register(group.kill)  # a group of its own would outlive this process
    try:
        with group.start(words) as process:
            try:
                _follow(process, group, output)
            except BaseException:
                group.end(process)
                raise
            output.status = process.wait()
    finally:
        atexit.unregister(group.kill)
        on_cancel.remove(group.stop)
        output.close()
    output.cancelled = group.stopping is not None
    return output


class Output:
    """What a program wrote: shown while it came, the first ``limit`` lines kept."""

    def __init__(self, emit: Emit, limit: int) -> None:
        self.status = 0
        self.cancelled = False
        self._emit = emit
        self._limit = limit
        self._lines = 0
        self._characters = 0
        self._kept: list[tuple[str, str]] = []
        self._file: IO[str] | None = None
        self._path = ""
        self._in_file = 0
        self._hidden = 0
        self._tail: deque[str] = deque(maxlen=TAIL)

    def write(self, stream: str, text: str) -> None:
        """Show and keep a piece of text; beyond the limit it goes to the file."""
        if self._file is None:
            text = self._show(stream, text)
        if text and self._file is None:
            self._open_file(stream)
        if text:
            self._store(text)

    def close(self) -> None:
        """Show the end of a long output, and say where all of it is."""
        if self._file is None:
            return
        self._file.close()
        path, size = self._path, self._in_file
        where = f"its first {LARGEST_FILE >> 30} GB is in" if size > LARGEST_FILE else "all of it is in"
        left_out = f"... {self._hidden} more lines; {where} {path}"
        self.notice(left_out)
        self._emit(Printed("\n".join(self._tail) + "\n", "stdout"))
        self._kept.append(("stdout", left_out))

    def notice(self, text: str) -> None:
        """Tell the user something about the output; it is no part of it."""
        self._emit(Printed(f"{text}\n", "stderr"))

    def text(self, stream: str) -> str:
        """What was kept of one stream."""
        return "".join(text for name, text in self._kept if name == stream)

    def lines(self, stream: str) -> list[str]:
        """The lines kept of one stream, without their ends."""
        text = self.text(stream)
        return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")] if text else []

    def last_line(self, stream: str) -> str:
        """The last line of a stream that is not blank, cut to a readable length."""
        return next((line.strip()[:WIDTH] for line in reversed(self.lines(stream)) if line.strip()), "")

    def _show(self, stream: str, text: str) -> str:
        """Show and keep what fits below the limit; returns what does not."""
        fits = 0
        while fits < len(text) and self._lines < self._limit and self._characters < self._limit * WIDTH:
            end = text.find("\n", fits) + 1 or len(text)
            self._lines += text[end - 1] == "\n"
            self._characters += end - fits
            fits = end
        if fits:
            self._kept.append((stream, text[:fits]))
            self._emit(Printed(text[:fits], stream))
        return text[fits:]

    def _open_file(self, stream: str) -> None:
        handle, path = tempfile.mkstemp(prefix="pybyzer-output-", suffix=".log")
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._path = path
        so_far = "".join(text for _, text in self._kept)
        self._file.write(so_far)
        self._in_file = len(so_far)
        if so_far and not so_far.endswith("\n"):
            self._emit(Printed("\n", stream))
            self._kept.append((stream, "\n"))
        self.notice(f"... too long to show; all of it goes to {self._path}")

    def _store(self, text: str) -> None:
        assert self._file is not None
        if self._in_file <= LARGEST_FILE:
            self._file.write(text)
        self._in_file += len(text)
        self._hidden += text.count("\n")
        self._tail.extend(line[:WIDTH] for line in text.removesuffix("\n").split("\n")[-TAIL:])


class _Group:
    """A program and its children: one process group, stopped together."""

    def __init__(self) -> None:
        self.stopping: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        environment = {"PYTHONUNBUFFERED": "1", **os.environ}
        with self._lock:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=environment,
            )
        if self.stopping is not None:
            self._signal(signal.SIGTERM)
        return self._process

    def stop(self) -> None:
        """Ask all to end; ``enforce`` kills those that do not."""
        with self._lock:
            if self.stopping is None:
                self.stopping = time.monotonic()
        self._signal(signal.SIGTERM)

    def enforce(self) -> None:
        """Kill the group when it was asked to stop and had time to."""
        if self.stopping is not None and time.monotonic() - self.stopping > PATIENCE:
            self.kill()

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Stop the group from the thread that waits for it."""
        self.stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            # The whole group has ended, or (sudo) belongs to somebody else, who must stop it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


class _Pipe:
    """One stream of a program, decoded as it comes."""

    def __init__(self, name: str, file: IO[bytes], output: Output) -> None:
        self.file = file
        self._name = name
        self._output = output
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._unfinished = ""

    def read(self) -> bool:
        """Pass on what there is; False at the end of the stream."""
        data = os.read(self.file.fileno(), CHUNK)
        # NUL is legal UTF-8, but nothing that shows or stores text expects it.
        text = self._unfinished + self._decoder.decode(data, final=not data).replace("\0", "\ufffd")
        end = len(text) if not data or len(text) >= CHUNK else text.rfind("\n") + 1
        self._unfinished = text[end:]
        if end:
            self._output.write(self._name, text[:end])
        return bool(data)

    def flush(self) -> None:
        if self._unfinished:
            self._output.write(self._name, self._unfinished)
            self._unfinished = ""


def _follow(process: subprocess.Popen[bytes], group: _Group, output: Output) -> None:
    """Pass on the output until its end, or until only children left behind could write more."""
    assert process.stdout is not None
    assert process.stderr is not None
    pipes = [_Pipe("stdout", process.stdout, output), _Pipe("stderr", process.stderr, output)]
    ended: float | None = None
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe.file, selectors.EVENT_READ, pipe)
        while selector.get_map() or process.poll() is None:
            ready = selector.select(TICK)
            for key, _ in ready:
                if not key.data.read():
                    selector.unregister(key.fileobj)
            if not ready:
                for pipe in pipes:
                    pipe.flush()
            group.enforce()
            if ended is None and process.poll() is not None:
                ended = time.monotonic()
            if ended is not None and time.monotonic() - ended > PATIENCE:
                break
        left = [key.data for key in selector.get_map().values()]
    if group.stopping is not None:
        group.kill()
    elif left:
        _leave(process, left, output)


def _leave(process: subprocess.Popen[bytes], pipes: list[_Pipe], output: Output) -> None:
    """Let children in the background live: somebody must read what they write, or they would die of it."""
    for pipe in pipes:
        pipe.flush()
        own = os.fdopen(os.dup(pipe.file.fileno()), "rb", buffering=0)
        threading.Thread(target=_swallow, args=(own,), name="pybyzer-swallow", daemon=True).start()
    output.notice("processes in the background go on; what they write from here on is not shown")


def _swallow(file: IO[bytes]) -> None:
    with file:
        while file.read(CHUNK):
            pass
