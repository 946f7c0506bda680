"""Places are code points, whatever alphabet the text is in."""

from __future__ import annotations

from pybyzer.lang.ast import Load, Select
from pybyzer.lang.parser import parse
from tests.unit.lang.shapes import failure


def test_characters_beyond_the_basic_plane_count_once() -> None:
    load = parse("set 𝒳='😀😀';\nload csv.`/tmp/图😀` as `表`;")[1]
    assert isinstance(load, Load)
    assert load.path.span.text == load.path.value == "/tmp/图😀"
    assert (load.span.line, load.span.column) == (2, 1)
    assert (load.table.span.line, load.table.span.column) == (2, 24)


def test_spans_after_them_are_right() -> None:
    select = parse("set a='😀';  select '😀' as b as t;")[1]
    assert isinstance(select, Select)
    assert select.table is not None
    assert select.span.text == "select '😀' as b as t"
    assert select.table.span.column == 32


def test_error_places_after_them_are_right() -> None:
    error = failure("set a='😀';\nload 😀.`x` as t")
    assert error.span is not None
    assert (error.span.line, error.span.column, error.span.text) == (2, 6, "😀")


def test_statements_end_before_their_semicolon() -> None:
    spans = [statement.span.text for statement in parse(" set a=1 ; /* x */ !show  tables  ;\n")]
    assert spans == ["set a=1", "!show  tables"]
