"""Schemas in all their forms."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.errors import ByzerError
from pybyzer.lang.schema import FileSchema, parse_field_type, parse_schema


def fields(text: str) -> list[tuple[str, pa.DataType]]:
    found = parse_schema(text)
    assert isinstance(found, pa.Schema)
    return [(field.name, field.type) for field in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("st(field(content,binary),field(path,string))", [("content", pa.binary()), ("path", pa.string())]),
        (" st( field( a , long ) ,\n field(b,bool) ) ", [("a", pa.int64()), ("b", pa.bool_())]),
        ("st(field(a,integer),field(b,byte),field(c,short))",
         [("a", pa.int32()), ("b", pa.int8()), ("c", pa.int16())]),
        ("st(field(a,array(array(double))))", [("a", pa.list_(pa.list_(pa.float64())))]),
        ("st(field(a,map(string,array(long))))", [("a", pa.map_(pa.string(), pa.list_(pa.int64())))]),
        ("st(field(a,st(field(b,int))))", [("a", pa.struct({"b": pa.int32()}))]),
        ("st(field(a,array(st(field(b,map(string,st(field(c,float))))))))",
         [("a", pa.list_(pa.struct({"b": pa.map_(pa.string(), pa.struct({"c": pa.float32()}))})))]),
        ("st(field(a,decimal),field(b,decimal(10,2)))", [("a", pa.float64()), ("b", pa.decimal128(10, 2))]),
        ("st(field(a,array<struct<x:bigint>>))", [("a", pa.list_(pa.struct({"x": pa.int64()})))]),
        ("st(field(t,timestamp),field(n,timestamp_ntz))",
         [("t", pa.timestamp("us", tz="UTC")), ("n", pa.timestamp("us"))]),
        ("st(field(fav+cart,int),field(my col,str),field(表,text),field(`a,b`,bigint))",
         [("fav+cart", pa.int32()), ("my col", pa.string()), ("表", pa.string()), ("a,b", pa.int64())]),
        ("st(field(a,long)))", [("a", pa.int64())]),
        ("st()", []),
        ("ST(FIELD(a,LONG))", [("a", pa.int64())]),
        ("a BIGINT, b ARRAY<DOUBLE>, c STRUCT<x:INT>",
         [("a", pa.int64()), ("b", pa.list_(pa.float64())), ("c", pa.struct({"x": pa.int32()}))]),
        ("status string, st int", [("status", pa.string()), ("st", pa.int32())]),
        ("d decimal", [("d", pa.decimal128(10, 0))]),
        ('{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}',
         [("a", pa.int64())]),
    ],
)  # fmt: skip
def test_forms(text: str, expected: list[tuple[str, pa.DataType]]) -> None:
    assert fields(text) == expected


def test_file() -> None:
    found = parse_schema(" file ")
    assert found == FileSchema()
    assert isinstance(found, FileSchema)
    assert found.schema == parse_schema("st(field(start,long),field(offset,long),field(value,binary))")


def test_required_columns_and_comments() -> None:
    found = parse_schema("a bigint not null comment 'how many', b int")
    assert isinstance(found, pa.Schema)
    assert [field.nullable for field in found] == [False, True]
    assert found.field("a").metadata == {b"comment": b"how many"}


def test_one_type_in_either_spelling() -> None:
    assert parse_field_type("array(double)") == parse_field_type("array<double>") == pa.list_(pa.float64())


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "expected a field name, found the end"),
        ("st(field(a,long)", 17, 'expected ",", found the end'),
        ("st(field(a,array(long))", 24, 'expected ",", found the end'),
        ("st(field(a,long)) x", 19, 'expected the end, found "x"'),
        ("st(field(a,long))))", 19, 'expected the end, found ")"'),
        ("st(field(a))", 11, 'expected ",", found "))"'),
        ("st(field(,long))", 10, 'expected a field name, found ",long))"'),
        ("st(feild(a,long))", 4, 'expected "field", found "feild(a,long))"'),
        ("st(field(a,lnog))", 12, 'no type "lnog"'),
        ("map", 4, "expected a type, found the end"),
        ('{"type"', 8, "the schema is not JSON: Expecting ':' delimiter"),
        ('{"type":"struct"}', 1, "schema: the struct lacks 'fields'"),
        ("st(field(a,int),field(a,int))", 1, 'two columns are called "a"'),
        ("create table t (a int)", 8, 'no type "table"'),
    ],
)
def test_errors(text: str, column: int, message: str) -> None:
    with pytest.raises(ByzerError) as caught:
        parse_schema(text)
    assert caught.value.span is not None
    assert (caught.value.span.column, caught.value.message) == (column, message)


@given(
    st.lists(st.sampled_from(["st", "field", "array", "map", "(", ")", ",", "a", "int", " ", "{", '"', "<"]))
)
def test_a_schema_or_an_error_of_ours(parts: list[str]) -> None:
    try:
        parse_schema("".join(parts))
    except ByzerError as error:
        assert error.span is not None
