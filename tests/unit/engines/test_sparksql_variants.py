"""Variants: their bytes, their JSON, their paths."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.engines.sparksql import variant_paths as paths
from pybyzer.engines.sparksql.variant_format import Single, decode, encode
from pybyzer.engines.sparksql.variant_json import Mismatch, json_of, of_json
from pybyzer.errors import EngineError

ZONE = ZoneInfo("Asia/Shanghai")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.binary(max_size=70),
    st.dates(),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.datetimes(),
    st.decimals(min_value=-(10**9), max_value=10**9, places=3),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text("abcdé😀", max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(TREES)
def test_what_is_written_is_read(tree: Any) -> None:
    assert decode(encode(tree)) == tree


def test_long_ones_are_read() -> None:
    tree = {f"key{n}": [n] * 300 for n in range(300)}
    assert decode(encode(tree)) == tree
    assert decode(encode([Single(1.5), Decimal("1.50"), 2**40])) == [Single(1.5), Decimal("1.50"), 2**40]


def test_the_bytes_are_sparks() -> None:
    assert encode({"b": 1, "a": 2}) == {
        "value": b"\x02\x02\x01\x00\x02\x00\x04\x0c\x01\x0c\x02",
        "metadata": b"\x01\x02\x00\x01\x02ba",
    }


@pytest.mark.parametrize("text", ["", "{a:1}", "01", "1.", "[1,]", "NaN", '{"a":1,"a":2}', "truex"])
def test_what_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(Mismatch, match="not JSON"):
        of_json(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [('{"b":1.50,"a":1e1}', '{"a":10.0,"b":1.5}'), ("100.0", "100"), (' "é\\n" ', '"é\\n"')],
)
def test_json_is_written_as_spark_does(text: str, written: str) -> None:
    assert json_of(of_json(text), ZONE) == written


@pytest.mark.parametrize("path", ["a", "$.", "$[a]", "$[-1]", "$a"])
def test_what_is_no_path_is_an_error(path: str) -> None:
    with pytest.raises(EngineError, match="is not a path"):
        paths.path_of(path, "variant_get")


def test_a_path_through_a_value_that_has_no_fields_is_a_mismatch() -> None:
    with pytest.raises(Mismatch, match="has no"):
        paths.edited({"a": 1}, ["a", "b"], "variant_set", paths.put(2, create=True), create=True)
