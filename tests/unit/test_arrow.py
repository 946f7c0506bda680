"""The type table: each way through it leads back; Spark and DuckDB agree with its names."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybyzer import arrow
from pybyzer.errors import BadOption, ByzerError, Unsupported

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
SCALARS = st.sampled_from([arrow.from_alias(row.arrow) for row in arrow.SCALARS])
DECIMALS = st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: pa.decimal128(p, s)))


def _nested(types: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    fields = st.lists(st.tuples(NAMES, types), min_size=1, max_size=3, unique_by=lambda f: f[0].lower())
    return types.map(pa.list_) | fields.map(pa.struct) | st.tuples(DECIMALS, types).map(lambda t: pa.map_(*t))


TYPES = st.recursive(SCALARS | DECIMALS, _nested, max_leaves=5)


@settings(max_examples=200, deadline=None)
@given(TYPES)
def test_a_name_is_parsed_back(dtype: pa.DataType) -> None:
    assert arrow.parse_type(arrow.type_name(dtype)) == dtype


@settings(max_examples=200, deadline=None)
@given(TYPES)
def test_json_is_read_back(dtype: pa.DataType) -> None:
    schema = pa.schema([pa.field("a b", dtype), pa.field("n", pa.int64(), nullable=False)])
    assert arrow.schema_from_json(arrow.schema_json(schema)) == schema


@settings(max_examples=200, deadline=None)
@given(TYPES)
def test_a_canonical_type_stays(dtype: pa.DataType) -> None:
    assert arrow.canonical(dtype) == dtype


@settings(max_examples=60, deadline=None)
@given(TYPES)
def test_duckdb_knows_its_name(dtype: pa.DataType) -> None:
    with duckdb.connect() as connection:
        made = connection.sql(f"select null::{arrow.duckdb_name(dtype)} as a").to_arrow_table().schema
    assert _without_void(arrow.canonical(made.field("a").type)) == _without_void(dtype)


def _without_void(dtype: pa.DataType) -> pa.DataType:
    """DuckDB may call a column of nothing but NULL an int."""
    if pa.types.is_null(dtype):
        return pa.int32()
    if pa.types.is_list(dtype):
        return pa.list_(_without_void(dtype.value_type))
    if pa.types.is_map(dtype):
        return pa.map_(_without_void(dtype.key_type), _without_void(dtype.item_type))
    if pa.types.is_struct(dtype):
        return pa.struct([field.with_type(_without_void(field.type)) for field in dtype])
    return dtype


@pytest.mark.needs("pyspark")
@settings(max_examples=100, deadline=None)
@given(TYPES)
def test_spark_reads_our_json_and_agrees_on_names(dtype: pa.DataType) -> None:
    from pyspark.sql.types import StructType

    spark = StructType.fromJson(arrow.schema_json(pa.schema([("a", dtype)])))
    assert spark.jsonValue() == arrow.schema_json(pa.schema([("a", dtype)]))
    name = arrow.type_name(dtype)
    if "``" not in name:  # Spark never quotes: its names cannot always be read back
        assert spark["a"].dataType.simpleString() == name.replace("`", "")


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        (pa.uint8(), "smallint"),
        (pa.uint16(), "int"),
        (pa.uint32(), "bigint"),
        (pa.uint64(), "decimal(20,0)"),
        (pa.float16(), "float"),
        (pa.large_string(), "string"),
        (pa.string_view(), "string"),
        (pa.large_binary(), "binary"),
        (pa.binary(16), "binary"),
        (pa.date64(), "date"),
        (pa.time32("ms"), "time(6)"),
        (pa.timestamp("ns"), "timestamp_ntz"),
        (pa.timestamp("s", tz="Asia/Shanghai"), "timestamp"),
        (pa.dictionary(pa.int8(), pa.string()), "string"),
        (pa.large_list(pa.uint8()), "array<smallint>"),
        (pa.list_view(pa.int8()), "array<tinyint>"),
        (pa.list_(pa.float32(), 3), "array<float>"),
        (pa.decimal256(38, 2), "decimal(38,2)"),
        (pa.bool8(), "tinyint"),
        (pa.struct([("a b", pa.null()), ("c", pa.int8())]), "struct<`a b`:void,c:tinyint>"),
    ],
)
def test_other_types_find_their_row(dtype: pa.DataType, name: str) -> None:
    assert arrow.type_name(dtype) == name


@pytest.mark.parametrize(
    "dtype", [pa.duration("s"), pa.month_day_nano_interval(), pa.decimal256(40, 0), pa.dense_union([])]
)
def test_what_has_no_row_is_unsupported(dtype: pa.DataType) -> None:
    with pytest.raises(Unsupported):
        arrow.type_name(pa.list_(dtype))
    with pytest.raises(Unsupported) as caught:
        arrow.canonical_schema(pa.schema([("a", pa.int8()), ("b", dtype)]))
    assert caught.value.notes == ('in column "b"',)


def test_canonical_schema_keeps_names_and_nullability() -> None:
    schema = pa.schema([pa.field("a", pa.uint8(), nullable=False), pa.field("b", pa.large_string())])
    expected = pa.schema([pa.field("a", pa.int16(), nullable=False), pa.field("b", pa.string())])
    assert arrow.canonical_schema(schema) == expected


def test_a_vector() -> None:
    name = "struct<type:tinyint,size:int,indices:array<int>,values:array<double>>"
    assert arrow.type_name(arrow.vector_type()) == name


def test_comments_travel_in_json() -> None:
    schema = pa.schema([pa.field("a", pa.int64(), metadata={"comment": "how many", "PARQUET:field_id": "1"})])
    (field,) = arrow.schema_json(schema)["fields"]
    assert field == {"name": "a", "type": "long", "nullable": True, "metadata": {"comment": "how many"}}
    assert arrow.schema_from_json(arrow.schema_json(schema)).field("a").metadata == {b"comment": b"how many"}


def test_a_user_defined_type_is_what_it_is_made_of() -> None:
    udt = {"type": "udt", "class": "org.x.VectorUDT", "sqlType": {"type": "array", "elementType": "double"}}
    schema = {"type": "struct", "fields": [{"name": "v", "type": udt}]}
    assert arrow.schema_from_json(schema).field("v").type == pa.list_(pa.float64())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"type": "struct"}, "schema: the struct lacks 'fields'"),
        ({"type": "array", "elementType": "int"}, "a schema in JSON must be a struct"),
        ({"type": "map", "keyType": "int"}, "schema: the map lacks 'valueType'"),
        ({"type": "frob"}, 'schema: no type "frob"'),
        ({}, 'schema: no type "None"'),
        (
            {"type": "struct", "fields": [{"name": "a"}]},
            "schema: a field is an object with a name and a type",
        ),
        ({"type": "struct", "fields": [{"name": "a", "type": 1}]}, "schema.a: a type is a name or an object"),
    ],
)
def test_json_that_is_no_schema(value: dict[str, object], message: str) -> None:
    with pytest.raises(BadOption) as caught:
        arrow.schema_from_json(value)
    assert caught.value.message.startswith(message)


def test_json_nested_too_deeply() -> None:
    value: object = "int"
    for _ in range(100):
        value = {"type": "array", "elementType": value}
    with pytest.raises(ByzerError, match="nested deeper than 64"):
        arrow.schema_from_json({"type": "struct", "fields": [{"name": "a", "type": value}]})
