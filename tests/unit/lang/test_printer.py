"""A statement printed and parsed again is the same statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybyzer.lang.ast import RunPython, Statement, Text
from pybyzer.lang.parser import parse
from pybyzer.lang.printer import to_text
from tests.unit.lang.shapes import only, shape
from tests.unit.lang.strategies import NOWHERE, STATEMENTS


@settings(max_examples=400, deadline=None)
@given(STATEMENTS)
def test_parse_of_print_is_the_same(statement: Statement) -> None:
    assert shape(only(to_text(statement))) == shape(statement)


@settings(max_examples=50, deadline=None)
@given(st.lists(STATEMENTS, max_size=4))
def test_statements_keep_their_order(statements: list[Statement]) -> None:
    printed = ";\n".join(to_text(statement) for statement in statements)
    assert [shape(found) for found in parse(printed)] == [shape(statement) for statement in statements]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ('LOAD csv.`a` OPTIONS b="1" AS t', 'load csv.`a` where b="1" as t'),
        ("train t into X.`a` as b as c", "train t as X.`a` as c"),
        ("save append overwrite t as csv.a", "save overwrite t as csv.a"),
        ("run t as X.`` and `a.b`='1'", "run t as X.`` where a.b='1'"),
        ("run t as X.`` where `a b`='1' and `where`='2'", "run t as X.`` where `a b`='1' and `where`='2'"),
    ],
)
def test_one_spelling(written: str, printed: str) -> None:
    assert to_text(only(written)) == printed


def test_a_python_cell_is_its_code() -> None:
    code = "#%python\nprint(1)\n"
    statement = RunPython(code=Text(code, NOWHERE), span=NOWHERE)
    assert to_text(statement) == code


def test_a_statement_of_somebody_else_has_no_text() -> None:
    with pytest.raises(TypeError, match="no text for Statement"):
        to_text(Statement(span=NOWHERE))
