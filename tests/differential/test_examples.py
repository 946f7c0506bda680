"""Every example of Spark's function documentation: Spark's answer, or a refusal by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential import examples, judge

ENOUGH = 0.95
"""The share of the examples that must give Spark's answer."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    opened = judge.open_engine()
    yield opened
    opened.close()


@pytest.mark.parametrize("example", examples.stored(), ids=lambda example: example.id)
def test_is_sparks_answer_or_refused(example: examples.Example, engine: Any) -> None:
    verdict, found = examples.verdict(engine, example)
    assert verdict in ("same", "refused"), f"{example.sql}\n{verdict}: {found}"


def test_most_are_answered(engine: Any) -> None:
    asked = [example for example in examples.stored() if not example.error]
    same = sum(examples.verdict(engine, example)[0] == "same" for example in asked)
    assert same / len(asked) >= ENOUGH, f"{same} of {len(asked)}"


@pytest.mark.needs("pyspark")
@pytest.mark.needs("java")
@pytest.mark.timeout(600)
def test_the_stored_answers_are_sparks() -> None:
    with warnings.catch_warnings():
        # pyspark warns about the pandas that is installed, which is not used here.
        warnings.simplefilter("ignore")
        spark = judge.open_spark()
        try:
            found = {example.id: example for example in examples.asked(spark)}
        finally:
            spark.stop()
    kept = {example.id: example for example in examples.stored()}
    assert sorted(set(kept) - set(found)) == []
    assert [name for name, example in kept.items() if found[name] != example] == []
