"""Every type of the table goes into every engine and comes back with its values."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybyzer import Session, Settings, arrow
from tests.conftest import ENGINE_NAMES

UTC = datetime.UTC
FIRST, LAST = datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "boolean": st.booleans(),
    "tinyint": st.integers(-(2**7), 2**7 - 1),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "int": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "string": st.text(st.characters(exclude_categories=["Cs"])),
    "binary": st.binary(),
    "date": st.dates(FIRST.date(), LAST.date()),
    "time(6)": st.times(),
    "timestamp": st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    "timestamp_ntz": st.datetimes(FIRST, LAST),
    "void": st.none(),
}


def _decimals(precision: int, scale: int) -> st.SearchStrategy[object]:
    """Exact ones: arithmetic of ``Decimal`` rounds to 28 digits, its constructor does not."""
    most = 10**precision - 1
    return st.integers(-most, most).map(lambda n: Decimal(f"{n}E-{scale}"))


DECIMALS = {pa.decimal128(p, s): _decimals(p, s) for p, s in ((1, 0), (10, 2), (18, 18), (38, 0), (28, 10))}
Column = tuple[pa.DataType, st.SearchStrategy[object]]
SCALARS: list[Column] = [
    *((arrow.from_alias(row.arrow), VALUES[row.spark]) for row in arrow.SCALARS),
    *DECIMALS.items(),
]
KEYS = [(dtype, values) for dtype, values in SCALARS if not pa.types.is_null(dtype)]


def _nest(column: Column, key: Column) -> list[Column]:
    dtype, values = column[0], st.none() | column[1]
    struct = pa.struct({"a": dtype, "b c": pa.int64()})
    return [
        (pa.list_(dtype), st.lists(values, max_size=3)),
        (struct, st.fixed_dictionaries({"a": values, "b c": st.none() | VALUES["bigint"]})),
        (pa.map_(key[0], dtype), st.dictionaries(key[1], values, max_size=3).map(lambda d: list(d.items()))),
    ]


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    """A column of any type, up to two levels deep, with nulls."""
    column: Column = draw(st.sampled_from(SCALARS))
    for _ in range(draw(st.integers(0, 2))):
        column = draw(st.sampled_from(_nest(column, draw(st.sampled_from(KEYS)))))
    dtype, values = column
    return pa.array(draw(st.lists(st.none() | values, max_size=4)), dtype)


@pytest.fixture(scope="module", params=ENGINE_NAMES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One session for all examples of an engine."""
    session = Session(Settings(engine=request.param, lake=str(tmp_path_factory.mktemp("lake"))))
    yield session
    session.close()


@settings(max_examples=200, deadline=None)
@given(column=columns())
def test_in_and_out(opened: Session, column: pa.Array) -> None:
    rows = pa.table({"x": column})
    opened.engine.ingest("t", rows)
    opened.engine.query("select x as y from t", "u")
    for name, field in (("t", "x"), ("u", "y")):
        found = opened.engine.stream(name).reader.read_all().column(field)
        assert arrow.canonical(found.type) == found.type == opened.engine.schema(name).field(field).type
        if not _has_void(column.type):
            assert found.type == column.type
        assert found.to_pylist() == column.to_pylist()


def _has_void(dtype: pa.DataType) -> bool:
    """Columns of nothing but NULL: engines may give them a type."""
    return "null" in str(dtype)
