"""Events to iopub: from any thread, pinned to the cell they belong to."""

from __future__ import annotations

import html
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pybyzer.events import Displayed, Event, Failed, Finished, Printed, Progress, Started, TableReady
from pybyzer_magics.render import render
from pybyzer_magics.table import count_text

Send = Callable[[str, dict[str, Any]], None]
"""Sends a message of a type with a content, as a child of one execute request."""

BAR_AFTER = 0.5
"""Seconds a statement runs before its progress is shown."""
BAR_EVERY = 0.15
"""Seconds between two updates of the bar."""
PERCENT = "%"
"""The unit of a progress of which only the share is known."""
TEXT_EVERY = 0.1
"""Seconds that printed text waits for more, so that a flood of lines is a few messages."""
TEXT_LENGTH = 64 * 1024
"""Characters that are sent without waiting for more."""


class Outbox:
    """What one cell shows. ``emit`` may be called from any thread; ``close`` ends the bar."""

    def __init__(self, send: Send, zone: str = "UTC") -> None:
        self.zone = zone
        self._send = send
        self._lock = threading.RLock()
        self._text: list[str] = []
        self._text_length = 0
        self._stream = "stdout"
        self._text_since = 0.0
        self._closed = False
        self._bar = Bar(send)
        self._label = ""

    def emit(self, event: Event) -> None:
        """Show what is worth showing; the ``emit`` of a session."""
        with self._lock:
            match event:
                case Printed():
                    self._print(event.text, event.stream)
                case Progress():
                    self.flush()
                    self._bar.update(event)
                case Started():
                    self._label = event.label
                    self._bar.begin()
                case Finished():
                    self._finished(event)
                case Failed():
                    self._bar.end(f"{event.label}: failed")
                case TableReady():
                    self.display(render(event, self.zone))
                case Displayed():
                    self.display(event.data, event.metadata)

    def display(self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """One output in MIME form, after all text printed so far."""
        with self._lock:
            self.flush()
            bundle = {"text/plain": "", **data} if "text/plain" not in data else dict(data)
            self._send("display_data", {"data": bundle, "metadata": dict(metadata or {}), "transient": {}})

    def flush(self) -> None:
        """Send the printed text that waits."""
        with self._lock:
            if self._text:
                text = "".join(self._text)
                self._text.clear()
                self._text_length = 0
                self._send("stream", {"name": self._stream, "text": text})

    def tick(self, ask: Callable[[], float | None] = lambda: None) -> None:
        """Send printed text that has waited long enough, and how far a long query is.

        ``ask`` answers with the share of the running query that is done, or None.
        """
        if self._text and time.monotonic() - self._text_since >= TEXT_EVERY:
            self.flush()
        if self._bar.due():
            share = ask()
            if share is not None:
                self.emit(Progress(self._label, round(share * 100), 100, PERCENT))

    def close(self) -> None:
        """The cell is over: nothing waits any more. Later text is still sent, to this cell."""
        with self._lock:
            self._closed = True
            self.flush()
            self._bar.end(None)

    def _print(self, text: str, stream: str) -> None:
        if stream != self._stream:
            self.flush()
            self._stream = stream
        if not self._text:
            self._text_since = time.monotonic()
        self._text.append(text)
        self._text_length += len(text)
        if self._closed or self._text_length >= TEXT_LENGTH:
            self.flush()

    def _finished(self, event: Finished) -> None:
        summary = _summary(event)
        if self._bar.shown:
            self._bar.end(summary)
        elif event.rows is not None:
            self._print(summary + "\n", "stdout")


class Bar:
    """The one progress bar of a cell: a display that is updated in place and ends as a line."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._id = uuid.uuid4().hex
        self._began = time.monotonic()
        self._updated = float("-inf")
        self._exists = False
        self._label = ""
        self.shown = False

    def begin(self) -> None:
        """A statement begins: its progress is shown only when it takes a while."""
        self._began = time.monotonic()

    def due(self) -> bool:
        """Whether the statement takes so long that its progress is worth showing, and not just shown."""
        now = time.monotonic()
        return now - self._began >= BAR_AFTER and now - self._updated >= BAR_EVERY

    def update(self, progress: Progress) -> None:
        """Show how far it is, unless that was just shown."""
        if not self.due():
            return
        self._updated = time.monotonic()
        self.shown = True
        self._label = progress.label
        self._show(_bar_text(progress), _bar_html(progress))

    def end(self, summary: str | None) -> None:
        """Replace the bar by a line; without one, by how long it took."""
        if not self.shown:
            return
        self.shown = False
        line = summary or f"{self._label}: {time.monotonic() - self._began:.1f} s"
        self._show(line, f"<pre>{html.escape(line)}</pre>")

    def _show(self, text: str, page: str) -> None:
        kind = "update_display_data" if self._exists else "display_data"
        self._exists = True
        bundle = {"text/plain": text, "text/html": page}
        self._send(kind, {"data": bundle, "metadata": {}, "transient": {"display_id": self._id}})


def _summary(event: Finished) -> str:
    parts = [] if event.rows is None else [count_text(event.rows)]
    if event.seconds >= 1 or not parts:
        parts.append(f"{event.seconds:.1f} s")
    return f"{event.label}: {', '.join(parts)}"


def _amount(progress: Progress) -> str:
    if progress.unit == PERCENT:
        return progress.label
    done = f"{progress.done:,.0f}"
    total = "" if progress.total is None else f" of {progress.total:,.0f}"
    return f"{progress.label}: {done}{total} {progress.unit}"


def _bar_text(progress: Progress) -> str:
    if not progress.total:
        return _amount(progress)
    share = min(1.0, progress.done / progress.total)
    full = round(share * 20)
    return f"[{'#' * full}{'.' * (20 - full)}] {share:4.0%}  {_amount(progress)}"


def _bar_html(progress: Progress) -> str:
    value = f' value="{progress.done}" max="{progress.total}"' if progress.total else ""
    return f'<progress{value} style="width:20em"></progress> {html.escape(_amount(progress))}'
