"""Spark's DDL: every spelling of a type, and what is wrong with the rest."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.arrow import parse_type
from pybyzer.ddl import TypeReader
from pybyzer.errors import ByzerError, ParseError, SourceText, Span, Unsupported


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("BIGINT", pa.int64()),
        (" long ", pa.int64()),
        ("str", pa.string()),
        ("varchar(20)", pa.string()),
        ("char( 3 )", pa.string()),
        ("decimal", pa.decimal128(10, 0)),
        ("dec(5)", pa.decimal128(5, 0)),
        ("NUMERIC(38, 38)", pa.decimal128(38, 38)),
        ("timestamp_ltz", pa.timestamp("us", tz="UTC")),
        ("time(3)", pa.time64("us")),
        ("array < array<int> >", pa.list_(pa.list_(pa.int32()))),
        ("map<string,date>", pa.map_(pa.string(), pa.date32())),
        ("struct<>", pa.struct([])),
        ("struct<a:int, b string, `c``, d`: void>",
         pa.struct({"a": pa.int32(), "b": pa.string(), "c`, d": pa.null()})),
        ("struct<a:int not null comment 'it\\'s'>", pa.struct([pa.field("a", pa.int32(), nullable=False)])),
    ],
)  # fmt: skip
def test_types(text: str, dtype: pa.DataType) -> None:
    assert parse_type(text) == dtype


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "expected a type, found the end"),
        ("array<int", 10, 'expected ">", found the end'),
        ("array<int>>", 11, 'expected the end, found ">"'),
        ("array int", 7, 'expected "<", found "int"'),
        ("map<int>", 8, 'expected ",", found ">"'),
        ("struct<a>", 9, 'expected a type, found ">"'),
        ("struct<a int b int>", 14, 'expected ">", found "b int>"'),
        ("strin", 1, 'no type "strin"'),
        ("decimal(39)", 1, 'expected at most 38 digits, found "decimal(39)"'),
        ("decimal(3,4)", 1, 'expected at most 38 digits, found "decimal(3,4)"'),
        ("decimal(x)", 1, 'expected whole numbers, found "decimal(x)"'),
        ("struct<a int comment x>", 22, 'expected the comment in quotes, found "x>"'),
    ],
)
def test_errors(text: str, column: int, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_type(text)
    assert caught.value.span is not None
    assert (caught.value.span.column, caught.value.message) == (column, message)


def test_the_closest_type_is_named() -> None:
    with pytest.raises(ParseError) as caught:
        parse_type("bigin")
    assert caught.value.hint == 'did you mean "bigint"?'


def test_intervals_are_unsupported() -> None:
    with pytest.raises(Unsupported, match="interval"):
        parse_type("interval day to second")


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(ParseError, match="at most 64 levels"):
        parse_type("array<" * 100_000)


def test_errors_stand_in_the_cell() -> None:
    cell = SourceText('set schema = "a: frob"')
    with pytest.raises(ParseError) as caught:
        TypeReader("a: frob", Span(cell, 14, 21)).columns()
    assert caught.value.span == Span(cell, 17, 21)


@given(st.text(alphabet="arymapstuc<>(),:` int123\n"))
def test_a_type_or_an_error_of_ours(text: str) -> None:
    try:
        parse_type(text)
    except ByzerError as error:
        assert error.span is not None
