"""The expression language of !assert: one line, one rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.errors import ParseError
from pybyzer.lang.condition import parse_condition


@pytest.mark.parametrize(
    ("text", "sql", "variables"),
    [
        (":a > 1", "`a` > 1", ("a",)),
        (':a=="x" and :b_2 != "y"', '`a`=="x" and `b_2` != "y"', ("a", "b_2")),
        (":arr[0] == :arr[:i]", "`arr`[0] == `arr`[`i`]", ("arr", "i")),
        ("size(split(:t, ',')) == 2", "size(split(`t` , ',')) == 2", ("t",)),
        ('":a" == :b', '":a" == `b`', ("b",)),
        ("`x:y` is not null", "`x:y` is not null", ()),
        ("true -- :a\n", "true", ()),
        ("not (:a) or cast(:b as int) > 1.5", "not (`a`) or cast(`b` as int) > 1.5", ("a", "b")),
        # and/or group to the right, whatever they are
        (":a and :b and :c", "`a` and `b` and `c`", ("a", "b", "c")),
        (":a and :b or :c", "`a` and (`b` or `c`)", ("a", "b", "c")),
        (":a or :b and :c or :d", "`a` or (`b` and (`c` or `d`))", ("a", "b", "c", "d")),
        ("(:a and :b) or :c", "(`a` and `b`) or `c`", ("a", "b", "c")),
        ("f(:a or :b and :c)", "f(`a` or (`b` and `c`))", ("a", "b", "c")),
        # the and of between is none
        (":a between 1 and 2 or :b", "`a` between 1 and 2 or `b`", ("a", "b")),
    ],
)
def test_condition(text: str, sql: str, variables: tuple[str, ...]) -> None:
    condition = parse_condition(text)
    assert (condition.assignments, condition.test.text, tuple(condition.variables)) == ((), sql, variables)


def test_assignments_come_first_and_are_no_columns() -> None:
    condition = parse_condition('select split(:t, ":")[0] as :x, :x + 1 as :y; select 2 as :z; :x > :y + :z;')
    assigned = tuple((name, sql.text) for name, sql in condition.assignments)
    assert assigned == (("x", 'split(`t` , ":")[0]'), ("y", "`x` + 1"), ("z", "2"))
    assert condition.test.text == "`x` > `y` + `z`"
    assert tuple(condition.variables) == ("t",)


def test_a_name_used_before_it_is_assigned_is_a_column() -> None:
    condition = parse_condition("select :x + 1 as :x; :x > 2")
    assert tuple(condition.variables) == ("x",)


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "an expression is missing", ""),
        (":a && :b", 'there is no "&&" here', "&"),
        (":a || :b", r'there is no "\|\|" here', "|"),
        ("select 1 as :x", "a condition must follow the select", "select"),
        ("1 as :x; :x", "only select", "1"),
        ("select 1 as x; x", "a select gives each value a name", "x"),
        ("f(:a", r"this \( is never closed", "("),
        ("f(:a]", "this ] closes nothing", "]"),
        (":a)", r"this \) closes nothing", ")"),
        ("select 1 as :x;" * 41 + ":x", "more than 40 values", "s"),
        ("(" * 26 + "1" + ")" * 26, "more than 25 brackets", "("),
        (':a == "x', 'this " is never closed', '"'),
    ],
)
def test_errors_point_at_the_place(text: str, message: str, at: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        parse_condition(text)
    assert caught.value.span is not None
    assert caught.value.span.text == at


@pytest.mark.parametrize(
    "unit", [":a and ", "(:a) or ", "f(", "[", "select 1 as :x;", "case when ", ":", ","]
)
def test_a_long_expression_is_read_once(unit: str) -> None:
    """Not timed: reading it again and again would run into the time limit of every test."""
    text = unit * (100_000 // len(unit)) + "true"
    try:
        assert parse_condition(text).test.text
    except ParseError as error:
        assert error.span is not None


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        (":a > nope(:b)", "nope", "nope"),
        (":a or :b and f( :c )", "`c`", ":c"),
        (":long_name[0] == 1", "`long_name`", ":long_name"),
        ("case when :a then :b else  c end", "c end", "c end"),
    ],
)
def test_the_way_back_to_the_expression(text: str, part: str, place: str) -> None:
    sql = parse_condition(text).test
    found = sql.origin(sql.text.rindex(part), len(part))
    assert found is not None
    assert text[slice(*found)] == place


PIECES = [
    ":a",
    ":",
    "::",
    "select",
    "as",
    ";",
    ",",
    "(",
    ")",
    "[",
    "]",
    "and",
    "or",
    "between",
    "case",
    "end",
    "'x'",
    '"',
    "1.5",
    " ",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=15))
def test_any_text_is_read_or_refused_at_a_place(pieces: list[str]) -> None:
    text = " ".join(pieces)
    try:
        condition = parse_condition(text)
    except ParseError as error:
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(text)
    else:
        assert all(text[start:end].startswith(":") for start, end in condition.variables.values())
        for sql in (condition.test, *(sql for _, sql in condition.assignments)):
            for piece in sql.pieces:
                assert piece.start < 0 or piece.text in (
                    text[piece.start : piece.end],
                    f"`{text[piece.start + 1 : piece.end].strip()}`",
                )
