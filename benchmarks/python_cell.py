"""A trivial #%python cell in a kernel that has run one before."""

from __future__ import annotations

from benchmarks.kernels import OURS, Kernel
from benchmarks.measure import Row, alternate, main, milliseconds

CELL = '#%python\ncontext.build_result([{"a": 1}])'


def measure() -> list[Row]:
    with Kernel(OURS) as kernel:
        (taken,) = alternate(lambda: kernel.run(CELL), repeats=25, warm=3)
    return [Row("warm trivial #%python cell", milliseconds(taken), "-", taken * 1000, "ms", 100)]


if __name__ == "__main__":
    main(measure)
