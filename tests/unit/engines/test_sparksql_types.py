"""Types of the dialect: parsed, written for DuckDB and for Arrow, and met by two operands."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pybyzer.engines.sparksql import coercion
from pybyzer.engines.sparksql.data_types import of_ddl
from pybyzer.engines.sparksql.types import from_arrow, parse, to_arrow
from pybyzer.errors import EngineError


@pytest.mark.parametrize(
    ("ddl", "duck"),
    [
        ("int", "INTEGER"),
        ("array<string>", "VARCHAR[]"),
        ("map<string,array<double>>", "MAP(VARCHAR, DOUBLE[])"),
        ("struct<a:int,b:decimal(10,2)>", 'STRUCT("a" INTEGER, "b" DECIMAL(10,2))'),
        ("a int, b string", 'STRUCT("a" INTEGER, "b" VARCHAR)'),
        ("timestamp", "TIMESTAMPTZ"),
    ],
)
def test_ddl_becomes_a_type_of_duckdb(ddl: str, duck: str) -> None:
    assert of_ddl(ddl).duck == duck


def test_a_wrong_ddl_is_named() -> None:
    with pytest.raises(EngineError, match="a innt"):
        of_ddl("a innt, ,")


@pytest.mark.parametrize(
    "ddl", ["bigint", "array<map<string,int>>", "decimal(12,3)", "timestamp", "binary", "date"]
)
def test_arrow_and_back(ddl: str) -> None:
    assert from_arrow(to_arrow(parse(ddl))) == parse(ddl)


def test_a_field_without_a_spark_type_is_widened() -> None:
    assert from_arrow(pa.uint16()).spark == "int"


@pytest.mark.parametrize(
    ("left", "right", "meet"),
    [
        ("int", "bigint", "bigint"),
        ("int", "decimal(10,2)", "decimal(12,2)"),
        ("bigint", "float", "float"),
        ("double", "decimal(10,2)", "double"),
        ("string", "int", "string"),
        ("date", "timestamp", "timestamp"),
        ("array<int>", "array<double>", "array<double>"),
        ("void", "date", "date"),
    ],
)
def test_two_types_meet(left: str, right: str, meet: str) -> None:
    assert coercion.widest(parse(left), parse(right)) == parse(meet)
    assert coercion.widest(parse(right), parse(left)) == parse(meet)


@pytest.mark.parametrize(("left", "right"), [("array<int>", "int"), ("boolean", "int"), ("binary", "string")])
def test_types_that_do_not_meet(left: str, right: str) -> None:
    assert coercion.widest(parse(left), parse(right)) is None
