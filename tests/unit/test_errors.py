"""Errors say what, where and what to do."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, ByzerError, EngineError, ParseError, SourceText, Span, WorkerError


def span_of(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(SourceText(text), start, start + len(part))


def test_a_span_knows_its_line_and_column() -> None:
    span = span_of("select 1 as t;\nload jsn.`x` as u;", "jsn")
    assert (span.line, span.column, span.text) == (2, 6, "jsn")


def test_columns_count_code_points() -> None:
    assert span_of("select '😀中' x", "x").column == 13


def test_the_message_points_with_a_caret() -> None:
    error = ByzerError(
        'no format "jsn"', span=span_of("a;\nload jsn.`x`", "jsn"), hint='did you mean "json"?'
    )
    assert error.render() == (
        'ByzerError: no format "jsn"\n'
        " --> cell 2:6\n"
        "2 | load jsn.`x`\n"
        "  |      ^^^\n"
        'hint: did you mean "json"?'
    )


def test_tabs_stay_under_the_text() -> None:
    assert "  | \t\t^^^" in ByzerError("x", span=span_of("\t\tabc", "abc")).render()


def test_a_caret_ends_with_its_line() -> None:
    text = "one\ntwo"
    assert "  | ^^^" in ByzerError("x", span=Span(SourceText(text), 0, len(text))).render()


def test_the_first_place_wins() -> None:
    inner, outer = span_of("ab", "b"), span_of("ab", "a")
    assert ByzerError("x").at(inner).at(outer).span is inner


def test_notes_stand_between_place_and_hint() -> None:
    error = ByzerError("x", hint="do y").noting("included from cell, line 3")
    assert error.render().splitlines() == ["ByzerError: x", "note: included from cell, line 3", "hint: do y"]


def test_a_worker_error_carries_the_users_traceback() -> None:
    error = WorkerError("ValueError: bad", traceback="Traceback ...\nValueError: bad\n")
    assert error.render().endswith("\n\nTraceback ...\nValueError: bad")


@pytest.mark.parametrize("kind", [BadOption, EngineError, WorkerError])
def test_all_are_byzer_errors(kind: type[ByzerError]) -> None:
    assert str(kind("message", hint="hint")) == f"{kind.__name__}: message\nhint: hint"


def test_a_part_of_a_span_never_leaves_it() -> None:
    span = span_of("select abc", "abc")
    assert span.inside(1, 100).text == "bc"
    assert span.inside(50).text == ""


def test_carets_stand_under_wide_characters() -> None:
    text = "select '你好' as 列 from 表"
    start = text.index("列")
    lines = ParseError("x", span=Span(SourceText(text), start, start + 1)).render().splitlines()
    assert lines[2:4] == [f"1 | {text}", "  | " + " " * (start + 2) + "^^"]


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    text = "a" * 1000 + "here" + "b" * 1000
    lines = ParseError("x", span=Span(SourceText(text), 1000, 1004)).render().splitlines()
    assert lines[1] == " --> cell 1:1001"
    assert lines[2] == "1 | …" + "a" * 70 + "here" + "b" * 66 + "…"
    assert lines[3] == "  | " + " " * 71 + "^^^^"


def test_a_place_at_the_end_of_a_long_line() -> None:
    text = "a" * 1000
    lines = ParseError("x", span=Span(SourceText(text), 1000, 1001)).render().splitlines()
    assert lines[2:] == ["1 | …" + "a" * 70, "  | " + " " * 71 + "^"]
