"""Values as text, as Spark's cast writes them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from pybyzer.sources.spark_text import lines_of, spark_text

MOMENTS = [datetime.datetime(2020, 1, 2, 3, 4, 5, 120000), datetime.datetime(2020, 1, 2)]


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (
            pa.array([1.0, 1.5, -0.0, 1e7, 9999999.0, 1e-3, 1e-4]),
            ["1.0", "1.5", "-0.0", "1.0E7", "9999999.0", "0.001", "1.0E-4"],
        ),
        (pa.array([float("nan"), float("inf"), float("-inf"), None]), ["NaN", "Infinity", "-Infinity", None]),
        (pa.array([1.1, 1e10], pa.float32()), ["1.1", "1.0E10"]),
        (pa.array([1.25e-7, 123456789.0]), ["1.25E-7", "1.23456789E8"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([Decimal("1.50"), Decimal("0.0000001")], pa.decimal128(20, 7)), ["1.5000000", "0.0000001"]),
        (pa.array(MOMENTS, pa.timestamp("us")), ["2020-01-02 03:04:05.12", "2020-01-02 00:00:00"]),
        (pa.array([datetime.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.array([b"ab"]), ["ab"]),
        (pa.array(["x", None]).dictionary_encode(), ["x", None]),
    ],
    ids=str,
)
def test_texts(column: pa.Array, texts: list[str | None]) -> None:
    assert spark_text(column).to_pylist() == texts


def test_instants_are_written_in_the_zone() -> None:
    column = pa.array(MOMENTS, pa.timestamp("us", tz="UTC"))
    assert spark_text(column, "Asia/Shanghai").to_pylist()[1] == "2020-01-02 08:00:00"


def test_lines_of_a_slice() -> None:
    assert lines_of(pa.array(["a", "bb", "ccc", ""]).slice(1)) == b"bb\nccc\n\n"
    assert lines_of(pa.array(["a"]), "\r\n") == b"a\r\n"
