"""Moments: Joda's patterns and arithmetic."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from pybyzer.dates import Moment, days, now
from pybyzer.errors import BadOption
from pybyzer.templates import fill

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = Moment(datetime.datetime(2024, 2, 29, 0, 5, 9, 76_543, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyyMMdd", "20240229"),
        ("YYYY-MM-dd", "2024-02-29"),
        ("y yy yyyyy", "2024 24 02024"),
        ("M MM MMM MMMM", "2 02 Feb February"),
        ("d D e E EEEE", "29 60 4 Thu Thursday"),
        ("H HH h K k a", "0 00 12 0 24 AM"),
        ("m:ss.SSS S SSSSS", "5:09.076 0 07600"),
        ("x-w C G", "2024-9 20 AD"),
        ("Z ZZ ZZZ z", "+0100 +01:00 Europe/Berlin CET"),
        ("yyyy-MM-dd'T'HH", "2024-02-29T00"),
        ("'o''clock' ''", "o'clock '"),
        ("", ""),
    ],
)
def test_patterns(pattern: str, text: str) -> None:
    assert MOMENT.text(pattern) == text


def test_without_a_pattern_it_is_iso() -> None:
    assert MOMENT.text() == "2024-02-29T00:05:09.076+01:00"
    assert Moment(MOMENT.at.astimezone(datetime.UTC)).text() == "2024-02-28T23:05:09.076Z"


@pytest.mark.parametrize(
    ("unit", "amount", "text"),
    [
        ("years", 1, "2025-02-28 00"),
        ("years", -4, "2020-02-29 00"),
        ("months", -1, "2024-01-29 00"),
        ("months", 12, "2025-02-28 00"),
        ("weeks", 1, "2024-03-07 00"),
        ("days", -1, "2024-02-28 00"),
        ("hours", 25, "2024-03-01 01"),
        ("minutes", -6, "2024-02-28 23"),
    ],
)
def test_moving(unit: str, amount: int, text: str) -> None:
    assert MOMENT.plus(unit, amount).text("yyyy-MM-dd HH") == text


def test_clocks_that_are_put_forward() -> None:
    before = Moment(datetime.datetime(2024, 3, 30, 2, 30, tzinfo=BERLIN))
    assert before.plus("days", 1).text("dd HH:mm") == "31 03:30"
    assert before.plus("hours", 24).text("dd HH:mm") == "31 03:30"
    assert before.plus("hours", 48).text("dd HH:mm") == "01 03:30"


@pytest.mark.parametrize("unit", ["years", "months", "weeks", "days", "hours"])
def test_beyond_the_calendar(unit: str) -> None:
    with pytest.raises(BadOption, match="beyond"):
        MOMENT.plus(unit, 10**12)


@pytest.mark.parametrize("pattern", ["qq", "yyyy-T", "'open"])
def test_patterns_that_mean_nothing(pattern: str) -> None:
    with pytest.raises(BadOption):
        MOMENT.text(pattern)


def test_no_such_date() -> None:
    with pytest.raises(BadOption, match="no such date"):
        fill("${date.withDate(2023, 2, 29)}", {"date": MOMENT}.get)


def test_the_days_around() -> None:
    names = days(lambda: MOMENT)
    texts = {name: make() for name, make in names.items() if name != "date"}
    assert texts == {
        "today": "2024-02-29",
        "yesterday": "2024-02-28",
        "tomorrow": "2024-03-01",
        "theDayBeforeYesterday": "2024-02-27",
    }


def test_methods() -> None:
    text = (
        "${date.year} ${date.getDayOfWeek()} ${date.withTimeAtStartOfDay().toString('HH:mm:ss.SSS')} "
        "${date.withDayOfWeek(1).dayOfMonth} ${date.plusDays(1).isAfter(1)}"
    )
    with pytest.raises(BadOption, match="a date is compared with a date"):
        fill(text, {"date": MOMENT}.get)
    assert fill(text[: text.index(" ${date.plus")], {"date": MOMENT}.get).text == "2024 4 00:00:00.000 26"


def test_now_is_in_a_zone() -> None:
    assert str(now("Asia/Tokyo").at.tzinfo) == "Asia/Tokyo"
    with pytest.raises(BadOption, match="no time zone"):
        now("Nowhere/Else")
