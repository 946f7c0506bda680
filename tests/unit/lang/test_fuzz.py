"""Whatever is typed, the parser answers with statements or with a ParseError; and in linear time.

The examples are the same in each run. ``FUZZ_EXAMPLES=1000000 pytest tests/unit -k fuzz --timeout 0`` tries
others, as many as that.
"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.errors import ParseError
from pybyzer.lang.parser import parse
from tests.unit.lang.strategies import ANY, FUZZ, MUTATED, PROGRAM_LIKE


@FUZZ
@given(PROGRAM_LIKE | MUTATED | st.text() | ANY)
def test_fuzz_statements_or_a_parse_error(text: str) -> None:
    try:
        statements = parse(text)
    except ParseError as error:
        assert error.span is not None
        assert 0 <= error.span.start <= len(text)
        assert error.render().startswith("ParseError: ")
        return
    for statement in statements:
        assert statement.span.text.strip() == statement.span.text != ""


@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "x,",
        "'a' ",
        "'",
        "'''",
        '"',
        "`",
        "'\\",
        "/*",
        "--",
        "${",
        "!a ",
        "'''a'''b",
        "你𝒳",
        "##'",
        "set a=1;",
        "!if 1; !fi;",
        "a.b=",
        "!x ~/",
        "as t ",
        "select 1 as a;\n",
        "\n",
        "\\",
    ],
)
@pytest.mark.parametrize("start", ["", "select '", "select '''", "select `", "select /*", "select "])
def test_a_megabyte_is_read_once(start: str, unit: str) -> None:
    """Not timed: reading it again and again would run into the time limit of every test."""
    with contextlib.suppress(ParseError):
        parse(start + unit * (1_000_000 // len(unit) // 4))
