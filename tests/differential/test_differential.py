"""Every query of the corpus gives Spark's names, types and rows on our engine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential import judge

pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with warnings.catch_warnings():
        # pyspark warns about the pandas that is installed, which is not used here.
        warnings.simplefilter("ignore")
        session = judge.open_spark()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    opened = judge.open_engine()
    yield opened
    opened.close()


@pytest.mark.parametrize("case", judge.cases(), ids=lambda case: case.id)
def test_same_as_spark(case: judge.Case, spark: Any, engine: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = judge.spark_answer(spark, case.sql)
    found = judge.difference(case, expected, judge.our_answer(engine, case.sql))
    assert found is None, f"{case.sql}\n{found}"
