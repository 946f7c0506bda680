"""Types inferred from texts, and the texts as values."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.text_types import TextTypes, compatible

TYPES = TextTypes()


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2", "+3", "007"], "int"),
        (["1", "3000000000"], "bigint"),
        (["9223372036854775807"], "bigint"),
        (["9223372036854775808"], "decimal(19,0)"),
        (["1", "12345678901234567890"], "decimal(20,0)"),
        (["1" * 39], "double"),
        (["1.5", "2"], "double"),
        (["1e3"], "double"),
        (["1."], "decimal(1,0)"),
        (["1d", " 1", "NaN", "-Inf", "Infinity"], "double"),
        (["1_000", "1"], "string"),
        (["0x10"], "string"),
        (["2020-01-31", "1999-12-31"], "date"),
        (["2020-01-31", "2020-01-31 10:00:00"], "timestamp"),
        (["2020-1-2"], "timestamp"),
        (["2020-02-30"], "string"),
        (["2020-01-31T10:00:00+02:00"], "timestamp"),
        (["2020-01-31 10:00:00 Europe/Paris"], "timestamp"),
        (["2020-01-31 25:00:00"], "string"),
        (["true", "FALSE"], "boolean"),
        (["true", "1"], "string"),
        (["2020-01-31", "x"], "string"),
        (["", ""], "void"),
        ([], "void"),
    ],
)
def test_inference(texts: list[str], kind: str) -> None:
    assert TYPES.wider("void", pa.array(texts, pa.string())) == kind


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        ("int", ["1", "+2", "-3", "", None], [1, 2, -3, None, None]),
        ("double", ["1.5", " 2", "1d", "NaN", "-Inf"], [1.5, 2.0, 1.0, "nan", float("-inf")]),
        ("decimal(20,0)", ["12345678901234567890"], [Decimal("12345678901234567890")]),
        ("boolean", ["True", "false", None], [True, False, None]),
        ("date", ["2020-01-31"], [datetime.date(2020, 1, 31)]),
        ("string", ["", "x", None], ["", "x", None]),
    ],
)
def test_values(kind: str, texts: list[str | None], values: list[object]) -> None:
    found = TYPES.column(pa.array(texts, pa.string()), kind).to_pylist()
    assert [str(value) for value in found] == [str(value) for value in values]


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2020-01-31 10:00:00", "UTC", "2020-01-31T10:00:00+00:00"),
        ("2020-01-31 10:00:00", "Asia/Shanghai", "2020-01-31T02:00:00+00:00"),
        ("2020-01-31T10:00:00.5Z", "Asia/Shanghai", "2020-01-31T10:00:00.500000+00:00"),
        ("2020-01-31 10:00:00+02:00", "UTC", "2020-01-31T08:00:00+00:00"),
        ("2020-01-31 10:00:00 Europe/Paris", "UTC", "2020-01-31T09:00:00+00:00"),
        ("2020-01", "UTC", "2020-01-01T00:00:00+00:00"),
        ("2020-01-31 1:2", "UTC", "2020-01-31T01:02:00+00:00"),
    ],
)
def test_moments(text: str, zone: str, moment: str) -> None:
    column = TextTypes(zone).column(pa.array([text]), "timestamp")
    assert column.type == pa.timestamp("us", tz="UTC")
    assert column[0].as_py() == datetime.datetime.fromisoformat(moment)


def test_formats() -> None:
    types = TextTypes(date=TimeFormat("dd.MM.yyyy", "d"), timestamp=TimeFormat("dd/MM/yy HH:mm", "t"))
    assert types.wider("void", pa.array(["31.01.2020"])) == "date"
    assert types.wider("void", pa.array(["2020-01-31"])) == "string"
    assert types.wider("void", pa.array(["31/01/20 10:30"])) == "timestamp"
    assert types.column(pa.array(["31.01.2020"]), "date").to_pylist() == [datetime.date(2020, 1, 31)]


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        ("int", "bigint", "bigint"),
        ("int", "decimal(20,0)", "decimal(20,0)"),
        ("decimal(20,0)", "double", "double"),
        ("decimal(20,0)", "date", "string"),
        ("date", "boolean", "string"),
        ("void", "date", "date"),
    ],
)
def test_compatible(a: str, b: str, both: str) -> None:
    assert compatible(a, b) == compatible(b, a) == both
