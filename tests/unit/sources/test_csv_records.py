"""CSV lines cut into values as Spark cuts them (each case was run on Spark)."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.csv_dialect import CSV_PARAMETERS, Dialect
from pybyzer.sources.csv_records import Records

DEFAULTS = {p.name: p.default for p in CSV_PARAMETERS if p.default is not None}


def records(**options: str) -> Records:
    return Records(Dialect.of({**DEFAULTS, **options}))


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a,b", ["a", "b"]),
        ("a,", ["a", None]),
        (",", [None, None]),
        ('"x,y",1', ["x,y", "1"]),
        ('"a""b",1', ['"a""b"', "1"]),
        ('"a\\"b",1', ['a"b', "1"]),
        ('"a\\\\",1', ["a\\", "1"]),
        ('"a\\n",1', ["a\\n", "1"]),
        ('a"b"c,1', ['a"b"c', "1"]),
        ('"ab"c,1', ['"ab"c', "1"]),
        ('"ab" ,1', ["ab", "1"]),
        ('"a" x,1', ['"a" x', "1"]),
        (' "q",1', [' "q"', "1"]),
        ('"""a""",1', ['"""a"""', "1"]),
        ('"a"",1', ['a"', "1"]),
        ('"a,"",b",c', ['a,"', 'b"', "c"]),
        ('"a""b,c",d', ['"a""b', 'c"', "d"]),
        ('"unfinished,z', ["unfinished,z"]),
        ('"', ['"']),
        ('"",x', [None, "x"]),
        (" a ,b", [" a ", "b"]),
        ("q\\,r", ["q\\", "r"]),
    ],
)
def test_default_dialect(line: str, values: list[str | None]) -> None:
    assert records().line(line) == values


@pytest.mark.parametrize(
    ("options", "line", "values"),
    [
        ({"escape": '"'}, '"a""b",1', ['a"b', "1"]),
        ({"escape": '"'}, '"a\\"b",1', ['"a\\"b"', "1"]),
        ({"quote": "'"}, "'x,y',1", ["x,y", "1"]),
        ({"quote": ""}, '"x,y"', ['"x', 'y"']),
        ({"sep": "||"}, "a||b|c", ["a", "b|c"]),
        ({"delimiter": "\\t"}, "a\tb", ["a", "b"]),
        ({"nullValue": "NA"}, 'NA,"",x', [None, "", "x"]),
        ({"emptyValue": "E"}, '"",,x', ["E", None, "x"]),
        ({"ignoreLeadingWhiteSpace": "true"}, '  "q" ,  x ', ["q", "x "]),
        ({"ignoreTrailingWhiteSpace": "true"}, " a , b ", [" a", " b"]),
    ],
)
def test_other_dialects(options: dict[str, str], line: str, values: list[str | None]) -> None:
    assert records(**options).line(line) == values


def test_comments_and_blank_lines_are_no_records() -> None:
    found = records(comment="#")
    assert [found.skips(line) for line in ("#x", "", "  \t", "a", " #")] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,"x\ny"\nb,z\n', [["a", "x\ny"], ["b", "z"]]),
        ('a,"x\r\ny"\r\nb,z', [["a", "x\r\ny"], ["b", "z"]]),
        ("a\rb\r", [["a"], ["b"]]),
        ("a\n\n \nb", [["a"], [" "], ["b"]]),
    ],
)
def test_documents(text: str, rows: list[list[str | None]]) -> None:
    assert list(records().document(text)) == rows


def test_impossible_dialects() -> None:
    with pytest.raises(BadOption, match="quote must be one character"):
        records(quote="ab")
    with pytest.raises(BadOption, match="separator cannot be empty"):
        records(sep="")
    with pytest.raises(Unsupported, match="charToEscapeQuoteEscaping"):
        records(charToEscapeQuoteEscaping="!")
