"""Kernel start to the first SELECT shown, memory and imports before Ray, the first Python cell."""

from __future__ import annotations

import statistics

from benchmarks.kernels import OURS, THEIRS, Kernel
from benchmarks.measure import Row, alternate, in_seconds, main

SELECT = "select 1 as a, 'x' as b as t;"
HEAVY = ("ray", "pyspark", "sklearn", "pandas")
MEMORY = f"""#%ipython
import psutil, sys
print(psutil.Process().memory_info().rss, [m for m in {HEAVY!r} if m in sys.modules])
"""
PYTHON = '#%python\nprint("hello")\ncontext.build_result([{"a": 1}])'


def first_result(module: str, code: str, *, wait: bool) -> float:
    """Seconds from starting a kernel process to the reply to its first cell.

    ``wait``: as front ends do it, the cell is sent once the kernel has answered who it is.
    """
    with Kernel(module) as kernel:
        if wait:
            kernel.wait()
        seconds = kernel.run(code)
        return seconds + (kernel.sent - kernel.started)


def python_after_start() -> float:
    """Seconds of a first Python cell that uses no Ray, sent right after the kernel's first reply."""
    with Kernel(OURS) as kernel:
        kernel.run(SELECT)
        return kernel.run(PYTHON)


def _both(*, wait: bool) -> list[float]:
    return alternate(
        lambda: first_result(OURS, SELECT, wait=wait),
        lambda: first_result(THEIRS, "1+1", wait=wait),
        repeats=7,
    )


def measure() -> list[Row]:
    ours, theirs = _both(wait=True)
    blind, blind_theirs = _both(wait=False)
    memory, heavy = [], set()
    for _ in range(3):
        with Kernel(OURS) as kernel:
            kernel.run(SELECT)
            size, _, names = kernel.text(MEMORY).strip().partition(" ")
            memory.append(int(size) / 2**20)
            heavy |= {name for name in HEAVY if repr(name) in names}
    python = statistics.median(python_after_start() for _ in range(5))
    imported = f"imported: {', '.join(sorted(heavy))}" if heavy else f"none of {', '.join(HEAVY)} imported"
    return [
        Row(
            "kernel start to first SELECT, vs ipykernel 1+1",
            in_seconds(ours),
            in_seconds(theirs),
            ours / theirs,
            "x",
            1.5,
        ),
        Row(
            "  the same, sent without waiting for the kernel",
            in_seconds(blind),
            in_seconds(blind_theirs),
            blind / blind_theirs,
            "x",
            1.5,
        ),
        Row(
            "  resident memory then",
            f"{statistics.median(memory):.0f} MB",
            "-",
            statistics.median(memory),
            "MB",
            250,
        ),
        Row("  large modules imported then", str(len(heavy)), "-", len(heavy), "modules", 0, note=imported),
        Row("first #%python cell without Ray", in_seconds(python), "-", python, "s", 2),
    ]


if __name__ == "__main__":
    main(measure)
