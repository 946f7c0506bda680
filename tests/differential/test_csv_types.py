"""Columns of odd numbers, days and times get the types and values that Spark gives them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pybyzer import Session
from tests.differential.test_sources import of_ours, of_spark, ours, spark
from tests.unit.sources.test_csv_reader import POOL

__all__ = ["ours", "spark"]
pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

NOT_THE_SAME = ("0000-01-01", "10:00", "2020-01-01 10:00:00.1234567")
"""Years before 1, times of today, and fractions that are cut: see docs/sources.md."""


@pytest.mark.parametrize("seed", range(25))
def test_types(seed: int, spark: Any, ours: Session, tmp_path: Path) -> None:
    chance = random.Random(seed)
    cells = [cell for cell in POOL if cell not in NOT_THE_SAME and "," not in cell]
    pools = [[*chance.sample(cells, chance.choice([1, 1, 2, 2, 3])), ""] for _ in range(6)]
    records = [[chance.choice(pool) for pool in pools] for _ in range(30)]
    file = tmp_path / "t.csv"
    text = "\n".join(["a,b,c,d,e,f", *(",".join(record) for record in records)])
    file.write_text(text, encoding="utf-8")
    options = {"header": "true", "inferSchema": "true"}
    assert of_ours(ours, "csv", file, options) == of_spark(spark.read.options(**options).csv(str(file)))
