"""What a cell's processes print: live into the cell, a flood into a file that is named."""

from __future__ import annotations

import codecs
import os
import tempfile
from collections import deque
from typing import IO

from pybyzer.events import Emit, Printed

WIDTH = 500
"""Characters that count as one line when a program writes none of its own."""
TAIL = 20
"""Lines shown from the end of an output that was too long."""


class Prints:
    """The output of one cell: the first ``limit`` lines live, then a file, at the end its last lines."""

    def __init__(self, emit: Emit, limit: int) -> None:
        self._emit = emit
        self._limit = limit
        self._lines = 0.0
        self._file: IO[str] | None = None
        self._hidden = 0
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._decoders = {
            name: codecs.getincrementaldecoder("utf-8")(errors="replace") for name in ("stdout", "stderr")
        }
        self._repeated: tuple[str, str, str] | None = None
        self._times = 0

    def raw(self, stream: str, data: bytes) -> None:
        """Bytes of a pipe."""
        self.text(stream, self._decoders[stream].decode(data))

    def text(self, stream: str, text: str, source: str = "") -> None:
        """Text of a stream; ``source`` names the worker that wrote it.

        A line that several workers write after each other is shown once, with how often it came.
        """
        if not text:
            return
        kind = source.partition(" ")[0]
        if source and self._repeated == (stream, kind, text):
            self._times += 1
            return
        self._count_repeats()
        self._repeated = (stream, kind, text) if source else None
        self._write(stream, text, source)

    def close(self) -> None:
        """Show the end of a long output, and where all of it is."""
        self._count_repeats()
        if self._file is None:
            return
        self._file.close()
        self._emit(
            Printed(f"... {self._hidden} more lines; all of them are in {self._file.name}\n", "stderr")
        )
        self._emit(Printed("".join(self._tail)))

    def _count_repeats(self) -> None:
        if self._times:
            stream, kind, _ = self._repeated or ("stdout", "", "")
            times, self._times = self._times, 0
            self._write(stream, f"(the same from {times} more workers)\n", kind)
        self._repeated = None

    def _write(self, stream: str, text: str, source: str) -> None:
        if self._file is None:
            fits = self._fitting(text)
            if fits:
                self._emit(Printed(text[:fits], stream, source))
            text = text[fits:]
            if not text:
                return
            self._file = self._open()
        lines = text.splitlines(keepends=True)
        self._hidden += len(lines)
        shown = [f"({source}) {line}" if source else line for line in lines]
        self._file.writelines(shown)
        self._tail.extend(line[:WIDTH] for line in shown[-TAIL:])

    def _fitting(self, text: str) -> int:
        """How many characters may still be shown."""
        at = 0
        while at < len(text) and self._lines < self._limit:
            end = min(text.find("\n", at) + 1 or len(text), at + WIDTH)
            self._lines += 1 if text[end - 1] == "\n" else (end - at) / WIDTH
            at = end
        return at

    def _open(self) -> IO[str]:
        handle, path = tempfile.mkstemp(prefix="pybyzer-output-", suffix=".log")
        self._emit(Printed(f"\n... too long to show; what follows goes to {path}\n", "stderr"))
        return os.fdopen(handle, "w", encoding="utf-8", newline="")
