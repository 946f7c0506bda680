"""A notebook client that shows each cell while it runs: streams as they come, results as text."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from typing import Any, TextIO

from nbclient import NotebookClient
from nbformat import NotebookNode

FIRST_LINE = 90
ROWS = 16
"""Lines of a result that are shown; a longer one says how many more there are."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Printer:
    """Writes a running notebook for a reader at a terminal or of a log file."""

    def __init__(self, out: TextIO, *, quiet: bool = False) -> None:
        self.out = out
        self.quiet = quiet
        self._live = out.isatty()
        self._color = self._live
        self._at_margin = True
        self._bars: dict[str, str] = {}

    def heading(self, text: str) -> None:
        """A heading of the notebook's text."""
        self._line(f"\n{text}")

    def begin(self, number: int, count: int, source: str) -> None:
        """A cell begins."""
        self._line(f"[{number}/{count}] {first_line(source)}")

    def stream(self, text: str) -> None:
        """Printed text."""
        self._write(text)

    def result(self, text: str) -> None:
        """A result, cut to what is read."""
        lines = text.split("\n")
        if len(lines) > ROWS:
            note = lines[-1]
            hidden = len(lines) - ROWS
            lines = [*lines[: ROWS - 1], f"... {hidden} more lines", note]
        self._line("\n".join(lines))

    def bar(self, name: str, text: str) -> None:
        """A display that changes: shown in place at a terminal, as its last state elsewhere."""
        self._bars[name] = text
        if self._live and not self.quiet:
            self.out.write(f"\r\x1b[2K{text}")
            self.out.flush()
            self._at_margin = False

    def error(self, lines: list[str]) -> None:
        """Why a cell failed; shown also when quiet."""
        self.settle()
        text = "\n".join(lines)
        self._margin()
        self.out.write((text if self._color else _ANSI.sub("", text)) + "\n")
        self.out.flush()

    def done(self, seconds: float) -> None:
        """A cell ended well."""
        self.settle()
        self._line(f"    {seconds:.1f} s" if seconds >= 0.05 else "    0.0 s")

    def settle(self) -> None:
        """Bars have reached their last state."""
        for text in self._bars.values():
            if self._live and not self.quiet:
                self.out.write("\r\x1b[2K")
                self._at_margin = True
            self._line(text)
        self._bars.clear()

    def end(self) -> None:
        """Nothing more comes."""
        self._margin()
        self.out.flush()

    def _line(self, text: str) -> None:
        if not self.quiet:
            self._margin()
            self._write(text + "\n")

    def _write(self, text: str) -> None:
        if self.quiet or not text:
            return
        self.out.write(text)
        self.out.flush()
        self._at_margin = text.endswith("\n")

    def _margin(self) -> None:
        if not self._at_margin:
            self.out.write("\n")
            self._at_margin = True


class LiveClient(NotebookClient):  # type: ignore[misc]  # nbclient has no types we use
    """Runs cells one by one; stops at the first error; Ctrl-C stops the cell, then the kernel."""

    def __init__(self, nb: NotebookNode, *, printer: Printer, **options: Any) -> None:
        super().__init__(nb, **options)
        # The manager was made for this run: the kernel ends with it.
        self.owns_km = True
        self.printer = printer
        self.number = 0
        self.interrupted = False
        self._stopping: asyncio.Future[Any] | None = None
        self._count = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in nb.cells)

    async def async_start_new_kernel_client(self) -> Any:
        """The kernel has started: from now on Ctrl-C is for its cell."""
        client = await super().async_start_new_kernel_client()
        try:
            asyncio.get_event_loop().add_signal_handler(signal.SIGINT, self._interrupt)
        except (NotImplementedError, RuntimeError):
            # Windows, or not the main thread: Ctrl-C ends the run at once.
            return client
        return client

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> Any:
        """Run one cell, headings and timing around it."""
        if cell.cell_type == "markdown" and (heading := _heading(cell.source)):
            self.printer.heading(heading)
        if cell.cell_type != "code" or not cell.source.strip():
            return await super().async_execute_cell(cell, cell_index, **options)
        self.number += 1
        self.printer.begin(self.number, self._count, cell.source)
        begin = time.monotonic()
        done = await super().async_execute_cell(cell, cell_index, **options)
        self.printer.done(time.monotonic() - begin)
        return done

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Show a message of the kernel, then let nbclient keep it."""
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                self.printer.stream(content["text"])
            case "display_data" | "execute_result" | "update_display_data":
                self._display(content)
            case "error":
                self.printer.error(content["traceback"] or [f"{content['ename']}: {content['evalue']}"])
        return super().process_message(msg, cell, cell_index)

    def _display(self, content: dict[str, Any]) -> None:
        text = content["data"].get("text/plain", "")
        name = (content.get("transient") or {}).get("display_id")
        if name:
            self.printer.bar(name, text)
        elif text:
            self.printer.result(text)

    def _interrupt(self) -> None:
        """First Ctrl-C: stop the cell; the second: stop the kernel."""
        if self.interrupted:
            self._stopping = asyncio.ensure_future(self._async_cleanup_kernel())
            return
        self.interrupted = True
        self._stopping = asyncio.ensure_future(self.km.interrupt_kernel())


def first_line(source: str) -> str:
    """What a cell is about: its first line that is code, or its header."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("#", "--", "/*"))]
    kind = next((line for line in lines if line.startswith(("#%", "--%")) and "=" not in line), "")
    text = " ".join([part for part in (kind, (telling or lines or [""])[0]) if part])
    return text if len(text) <= FIRST_LINE else text[: FIRST_LINE - 1] + "…"


def _heading(source: str) -> str:
    first = source.lstrip().partition("\n")[0]
    return first.lstrip("#").strip() if first.startswith("#") else ""
