"""Java's date patterns as SQL."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pybyzer.engines.sparksql.date_patterns import read, written
from pybyzer.errors import EngineError, Unsupported

MOMENT = "TIMESTAMP '2024-02-09 15:04:05.678901'"


def value(sql: str) -> Any:
    return duckdb.sql(f"select {sql}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2024-02-09 15:04:05"),
        ("yyyy'T'MM", "2024T02"),
        ("h:mm a", "3:04 PM"),
        ("ss.SSS S SS", "05.678 6 67"),
        ("'it''s' E", "it's Fri"),
        ("100%", "100%"),
        ("G QQQ D [yy]", "AD Q1 40 24"),
    ],
)
def test_a_pattern_for_writing(pattern: str, expected: str) -> None:
    assert value(written(pattern, MOMENT, "0")) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("9/02/2024", "d/MM/yyyy", "2024-02-9 0:0:0"),
        ("9/2/2024", "d/MM/yyyy", None),
        ("Feb 2024", "MMM yyyy", "2024-2-1 0:0:0"),
        ("24-040", "yy-DDD", "2024-02-09 0:0:0"),
        ("24-366", "yy-DDD", "2024-12-31 0:0:0"),
        ("23-366", "yy-DDD", None),
        ("12:05 am", "hh:mm a", "1970-1-1 0:05:0"),
        ("2024-02-09 24", "yyyy-MM-dd HH", None),
        ("2024", "yyyy[-MM]", "2024-1-1 0:0:0"),
    ],
)
def test_a_pattern_for_reading(text: str, pattern: str, expected: str | None) -> None:
    assert value(read(pattern, f"'{text}'")[0]) == expected


@pytest.mark.parametrize("pattern", ["GGG", "z", "nn", "EEEEE"])
def test_letters_without_an_equal_are_refused(pattern: str) -> None:
    with pytest.raises(Unsupported, match=pattern):
        written(pattern, MOMENT, "0")


@pytest.mark.parametrize("pattern", ["YYYY", "ww", "'open"])
def test_patterns_that_spark_refuses(pattern: str) -> None:
    with pytest.raises(EngineError):
        written(pattern, MOMENT, "0")


def test_a_field_that_is_read_twice_is_refused() -> None:
    with pytest.raises(Unsupported, match="twice"):
        read("yyyy yyyy", "'x'")
