"""Java's date patterns, read and written."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from pybyzer.errors import Unsupported
from pybyzer.sources.java_time import TimeFormat

MOMENT = datetime.datetime(2020, 6, 5, 16, 3, 2, 123456, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2020-06-05"),
        ("dd.MM.yy", "05.06.20"),
        ("d/M/yyyy", "5/6/2020"),
        ("EEE, d MMM yyyy", "Fri, 5 Jun 2020"),
        ("EEEE d MMMM", "Friday 5 June"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2020-06-05T16:03:02.123"),
        ("HH:mm:ss.SSSSSS", "16:03:02.123456"),
        ("hh:mm a", "04:03 PM"),
        ("h 'o''clock'", "4 o'clock"),
        ("HH:mm XXX", "16:03 Z"),
        ("HH:mm Z", "16:03 +0000"),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2020-06-05T16:03:02.123Z"),
    ],
)
def test_writing(pattern: str, text: str) -> None:
    column = pa.array([MOMENT, None], pa.timestamp("us", tz="UTC"))
    assert TimeFormat(pattern, "x", "UTC").texts(column).to_pylist() == [text, None]


def test_writing_in_a_zone() -> None:
    column = pa.array([MOMENT], pa.timestamp("us", tz="UTC"))
    found = TimeFormat("yyyy-MM-dd HH:mm XXX", "x", "Asia/Kolkata").texts(column)
    assert found.to_pylist() == ["2020-06-05 21:33 +05:30"]


def test_writing_dates() -> None:
    column = pa.array([datetime.date(1, 2, 3), None])
    assert TimeFormat("yyyy-MM-dd", "x").texts(column).to_pylist() == ["0001-02-03", None]
    assert TimeFormat("yyyyMMdd", "x").texts(column).to_pylist() == ["00010203", None]


@pytest.mark.parametrize(
    ("pattern", "text", "moment"),
    [
        ("yyyyMMdd", "20200605", "2020-06-05T00:00:00"),
        ("d-MMM-yyyy", "5-jun-2020", "2020-06-05T00:00:00"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2020-06-05 16:03:02.120", "2020-06-05T16:03:02.120000"),
        ("hh:mm a", "12:05 AM", "1970-01-01T00:05:00"),
        ("yyyy-MM-dd[ HH:mm]", "2020-06-05", "2020-06-05T00:00:00"),
        ("yyyy-MM-dd HH:mmXXX", "2020-06-05 16:03+02:00", "2020-06-05T16:03:00+02:00"),
    ],
)
def test_reading(pattern: str, text: str, moment: str) -> None:
    assert TimeFormat(pattern, "x").value(text) == datetime.datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["2020-6-05", "2020-06-05x", "", "2020-13-01", "2020-02-30"])
def test_not_of_the_pattern(text: str) -> None:
    assert TimeFormat("yyyy-MM-dd", "x").value(text) is None


def test_unknown_letters_are_refused_with_their_option() -> None:
    with pytest.raises(Unsupported, match='dateFormat: "Q" in "yyyy-Q" is not known here'):
        TimeFormat("yyyy-Q", "dateFormat")
