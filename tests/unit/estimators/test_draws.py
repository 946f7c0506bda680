"""Seeded draws: even, independent of how rows come, different for each seed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pybyzer.estimators.draws import _Draw


def numbers(seed: int, rows: np.ndarray) -> np.ndarray:
    return np.array(_Draw(seed)(pa.array(rows)))


def test_they_are_even() -> None:
    made = numbers(1, np.arange(100_000))
    assert (made.min() >= 0, made.max() < 1) == (True, True)
    counts = np.histogram(made, 10, (0, 1))[0]
    assert abs(counts - 10_000).max() < 500
    # Neither the next row nor the next seed says anything about a row.
    assert abs(np.corrcoef(made[:-1], made[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(made, numbers(2, np.arange(100_000)))[0, 1]) < 0.02


def test_batches_do_not_matter() -> None:
    whole = numbers(-7, np.arange(100))
    parts = np.r_[numbers(-7, np.arange(40)), numbers(-7, np.arange(40, 100))]
    assert whole.tolist() == parts.tolist()
