"""JSON text to values, with what Spark accepts beyond JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.sources.json_text import Array, Leniency, Number, Object, RepeatedKey, parse

SPARK = Leniency()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":1}', {"a": "1"}),
        ('  {"a":1} ,', {"a": "1"}),
        ('{"a":1}{"b":2}', {"a": "1"}),
        ("{'a':'x\"y'}", {"a": 'x"y'}),
        ('{"a":[1,-2.50,1e5]}', {"a": ["1", "-2.50", "1e5"]}),
        ('{"a":NaN,"b":-Infinity}', {"a": "NaN", "b": "-Infinity"}),
        ('{"a":"\\u00e9\\ud83d\\ude00\\n"}', {"a": "é😀\n"}),
        ("{'a':true,'b':null}", {"a": True, "b": None}),
        ("[]", []),
        ("{}", {}),
    ],
)
def test_accepted(text: str, value: object) -> None:
    assert parse(text, SPARK) == value
    assert parse(text, SPARK, keep_text=True) == value


@pytest.mark.parametrize(
    "text",
    [
        *("{", '{"a":}', '{"a":1,}', "[1,]", "{a:1}", '{"a":01}', '{"a":"x\ty"}', '{"a":"x', "", "x"),
        *('{"a" 1}', "tru", '{"a":"\\x"}', "/**/{}", "'", "[1 2]"),
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, SPARK)


@pytest.mark.parametrize(
    ("leniency", "text", "value"),
    [
        (Leniency(comments=True), '/* c */{"a": // x\n 1}', {"a": "1"}),
        (Leniency(unquoted_names=True), "{a_1:1}", {"a_1": "1"}),
        (Leniency(leading_zeros=True), '{"a":007}', {"a": "007"}),
        (Leniency(any_escape=True), '{"a":"\\x"}', {"a": "x"}),
        (Leniency(control_characters=True), '{"a":"x\ty"}', {"a": "x\ty"}),
    ],
)
def test_more_leniency(leniency: Leniency, text: str, value: object) -> None:
    assert parse(text, leniency) == value


def test_less_leniency() -> None:
    with pytest.raises(ValueError):
        parse("{'a':1}", Leniency(single_quotes=False))
    with pytest.raises(ValueError):
        parse('{"a":NaN}', Leniency(non_numbers=False))


def test_numbers_and_objects_know_their_text() -> None:
    value = parse('{"a": {"b": 1.00}, "c": [1,  2]}', SPARK, keep_text=True)
    assert isinstance(value, Object)
    assert isinstance(value["a"]["b"], Number)
    assert value["a"].text == '{"b": 1.00}'
    assert isinstance(value["c"], Array)
    assert value["c"].text == "[1,  2]"


def test_a_key_twice() -> None:
    for keep_text in (False, True):
        with pytest.raises(RepeatedKey, match="a"):
            parse('{"a":1,"a":2}', SPARK, keep_text=keep_text)


def test_very_deep_values_are_malformed_not_fatal() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        parse("[" * 100_000, SPARK)


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(VALUES)
def test_the_scanner_reads_what_the_library_writes(value: object) -> None:
    text = json.dumps(value)
    assert parse(text, SPARK, keep_text=True) == value == parse(text, SPARK)
