"""Numbers and times as Excel shows them."""

from __future__ import annotations

import datetime

import pytest

from pybyzer.sources.excel_format import number_text, time_text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1, "General", "1"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.3333333333"),
        (12345678901, "General", "12345678901"),
        (123456789012, "General", "1.23457E11"),
        (1e-11, "General", "1E-11"),
        (-2.50, "@", "-2.5"),
        (1234.5, "0", "1235"),
        (2.5, "0", "3"),
        (1.005, "0.00", "1.00"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (0.5, "#.##", ".5"),
        (0, "#,##0", "0"),
        (0.256, "0%", "26%"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (9.999, "0.0E+0", "1.0E+1"),
        (-12.5, '"$"#,##0.00_);[Red]("$"#,##0.00)', "($12.50)"),
        (12.5, "[$€-407] #,##0.00", "€ 12.50"),
        (-0.001, "0.00", "0.00"),
        (0, '0;-0;"none"', "none"),
        (1500000, "#,##0,", "1,500"),
        (5, '000"-x"', "005-x"),
    ],
)
def test_number(value: float, code: str, text: str) -> None:
    assert number_text(value, code) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1.0"), (0.1, "0.1"), (1e7, "10000000"), (123456789012, "123456789012"), (1e-7, "0.0000001")],
)
def test_plain_number(value: float, text: str) -> None:
    assert number_text(value, "General", plain=True) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("m/d/yy", "1/2/24"),
        ("yyyy-mm-dd hh:mm:ss", "2024-01-02 15:04:05"),
        ("yy-m-d h:mm", "24-1-2 15:04"),
        ("yyyy-mm-dd hh:mm:ss.000", "2024-01-02 15:04:05.250"),
        ("[$-409]d-mmm-yy;@", "2-Jan-24"),
        ("dddd, mmmm d, yyyy", "Tuesday, January 2, 2024"),
        ("h:mm AM/PM", "3:04 PM"),
        ("mm:ss", "04:05"),
        ('yyyy"年"m"月"d"日"', "2024年1月2日"),
        ("[h]:mm", "36:04"),
    ],
)
def test_time(code: str, text: str) -> None:
    moment = datetime.datetime(2024, 1, 2, 15, 4, 5, 250000)
    assert time_text(moment, 1.5 + 4 / 1440, code) == text
