"""What a cell's processes print: live into the cell; of a flood, all goes to a file that is named."""

from __future__ import annotations

import codecs
import os
import tempfile
import time
from collections import deque
from typing import IO

from pybyzer.events import Emit, Printed

WIDTH = 500
"""Characters that count as one line when a program writes none of its own."""
TAIL = 20
"""Lines shown from the end of an output that was too long."""
TOGETHER = 0.05
"""Seconds of output that make one event when much is printed."""


class Prints:
    """The output of one cell: the first ``limit`` lines live, at the end the last lines."""

    def __init__(self, emit: Emit, limit: int) -> None:
        self._emit = emit
        self._limit = limit
        self._lines = 0.0
        self._kept: list[str] = []
        self._held: list[str] = []
        self._held_for = ("stdout", "")
        self._held_since = 0.0
        self._shown_at = 0.0
        self._file: IO[str] | None = None
        self._path = ""
        self._hidden = 0
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._decoders = {
            name: codecs.getincrementaldecoder("utf-8")(errors="replace") for name in ("stdout", "stderr")
        }
        self._last: tuple[str, str, str] | None = None
        self._times = 0

    def raw(self, stream: str, data: bytes, source: str = "") -> None:
        """Bytes of a pipe."""
        self.text(stream, self._decoders[stream].decode(data), source)

    def text(self, stream: str, text: str, source: str = "") -> None:
        """Text of a stream; ``source`` names the worker that wrote it.

        A line that several workers write after each other is shown once, with how often it came.
        """
        if not text:
            return
        kind = source.partition(" ")[0]
        if source and self._last == (stream, kind, text):
            self._times += 1
            return
        self._count_repeats()
        self._last = (stream, kind, text) if source else None
        self._write(stream, text, source)

    def tick(self) -> bool:
        """Show what was held back for long enough; whether some still is."""
        if self._held and time.monotonic() - self._held_since >= TOGETHER:
            self._show()
        return bool(self._held)

    def close(self) -> None:
        """Show the end of a long output, and where all of it is. May be called again."""
        self._count_repeats()
        self._show()
        if self._file is None:
            return
        self._file.close()
        self._file = None
        notice = f"... {self._hidden} more lines; all of the output is in {self._path}\n"
        self._emit(Printed(notice, "stderr"))
        self._emit(Printed("".join(self._tail)))

    def _count_repeats(self) -> None:
        if self._times and self._last is not None:
            stream, kind, _ = self._last
            times, self._times = self._times, 0
            self._write(stream, f"(the same from {times} more workers)\n", kind)
        self._last = None

    def _write(self, stream: str, text: str, source: str) -> None:
        if self._file is None:
            fits = self._fitting(text)
            self._hold(stream, text[:fits], source)
            text = text[fits:]
            if not text:
                return
            self._show()
            self._file = self._open()
        lines = text.splitlines(keepends=True)
        self._hidden += len(lines)
        marked = [_marked(line, source) for line in lines]
        self._file.writelines(marked)
        self._tail.extend(line[:WIDTH] for line in marked[-TAIL:])

    def _hold(self, stream: str, text: str, source: str) -> None:
        """Show whole lines now or, when many come, a little later and together; pieces of lines so too."""
        if self._held_for != (stream, source):
            self._show()
            self._held_for = (stream, source)
        if not text:
            return
        if not self._held:
            self._held_since = time.monotonic()
        self._held.append(text)
        if text.endswith("\n") and time.monotonic() - self._shown_at >= TOGETHER:
            self._show()
        else:
            self.tick()

    def _show(self) -> None:
        if self._held:
            self._shown_at = time.monotonic()
            stream, source = self._held_for
            text = "".join(self._held)
            self._held.clear()
            self._kept += [_marked(line, source) for line in text.splitlines(keepends=True)]
            self._emit(Printed(text, stream, source))

    def _fitting(self, text: str) -> int:
        """How many characters may still be shown."""
        at = 0
        while at < len(text) and self._lines < self._limit:
            end = min(text.find("\n", at) + 1 or len(text), at + WIDTH)
            self._lines += 1 if text[end - 1] == "\n" else (end - at) / WIDTH
            at = end
        return at

    def _open(self) -> IO[str]:
        handle, self._path = tempfile.mkstemp(prefix="pybyzer-output-", suffix=".log")
        self._emit(Printed(f"\n... too long to show; all of it goes to {self._path}\n", "stderr"))
        file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        file.writelines(self._kept)
        self._kept.clear()
        return file


def _marked(line: str, source: str) -> str:
    return f"({source}) {line}" if source else line
