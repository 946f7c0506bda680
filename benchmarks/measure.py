"""Rows of the table, medians, memory: what the benchmarks share."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

REPEATS = 5
"""Runs of each side; the median counts. Both sides alternate, so that both meet the same weather."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    ``ours`` and ``theirs`` are as shown, with their unit. ``value`` is what the bar speaks of (mostly
    ours divided by theirs); ``bar`` is the most it may be, or the least when ``least`` is set; None
    where a row only informs.
    """

    what: str
    ours: str
    theirs: str
    value: float
    unit: str
    bar: float | None = None
    least: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        if self.bar is None:
            return True
        return self.value >= self.bar if self.least else self.value <= self.bar


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def alternate(*sides: Callable[[], float], repeats: int = REPEATS, warm: int = 1) -> list[float]:
    """The median of each side; sides take turns. ``warm`` first turns do not count."""
    taken: list[list[float]] = [[] for _ in sides]
    for turn in range(warm + repeats):
        for side, work in enumerate(sides):
            value = work()
            if turn >= warm:
                taken[side].append(value)
    return [statistics.median(values) for values in taken]


def timed(work: Callable[[], Any]) -> Callable[[], float]:
    """Work as a side for ``alternate``."""
    return lambda: seconds(work)


class PeakMemory:
    """The most memory a process and its children hold while the block runs, above what they held before.

    That is their own memory (not the files they map) and what lies in ``/dev/shm``, mapped or not.
    """

    def __init__(self, pid: int | None = None) -> None:
        import psutil

        self._process = psutil.Process(pid or os.getpid())
        self._stop = threading.Event()
        self.before = 0
        self.peak = 0

    @property
    def above(self) -> int:
        """Bytes above idle."""
        return max(0, self.peak - self.before)

    def __enter__(self) -> PeakMemory:
        self.before = self.peak = self._now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        import psutil

        total = _shared_memory()
        for process in (self._process, *self._process.children(recursive=True)):
            with contextlib.suppress(psutil.Error, OSError):
                total += _own_memory(process)
        return total


def _own_memory(process: Any) -> int:
    """Bytes of a process that belong to no file."""
    if not os.path.exists("/proc/self/status"):
        return int(process.memory_full_info().uss)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next((int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon")), 0)


def _shared_memory() -> int:
    if not os.path.isdir("/dev/shm"):
        return 0
    found = os.statvfs("/dev/shm")
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def show(rows: list[Row]) -> str:
    """The rows as an aligned table."""
    head = ("what", "ours", "theirs", "ratio", "bar", "")
    lines = [
        (
            row.what,
            row.ours,
            row.theirs,
            _number(row.value, row.unit),
            _bar(row),
            "" if row.bar is None else "ok" if row.met else "MISSED",
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *lines)) for i in range(len(head))]
    out = [_line(head, widths), _line(tuple("-" * w for w in widths), widths)]
    for row, line in zip(rows, lines, strict=True):
        out.append(_line(line, widths))
        if row.note:
            out.append(f"    {row.note}")
    return "\n".join(out)


def main(measure: Callable[[], list[Row]]) -> None:
    """Run one benchmark: a table for people, ``--json`` for the collector."""
    rows = measure()
    if "--json" in sys.argv:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        print(show(rows))


def milliseconds(value: float) -> str:
    return f"{value * 1000:.1f} ms"


def in_seconds(value: float) -> str:
    return f"{value:.2f} s"


def megabytes(value: float) -> str:
    return f"{value / 2**20:.0f} MB"


def _number(value: float, unit: str) -> str:
    return (
        f"{value:.2f} x" if unit == "x" else f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    )


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    return f"{'>=' if row.least else '<='} {row.bar:g} {row.unit}"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
