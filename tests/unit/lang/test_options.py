"""Options: ``where`` or ``options`` or neither, dotted and quoted keys, strings only."""

from __future__ import annotations

import pytest

from pybyzer.lang.ast import Options, Run
from tests.unit.lang.shapes import failure, only


def options(text: str) -> Options:
    found = only(f"run t as X.`` {text}")
    assert isinstance(found, Run)
    return found.options


@pytest.mark.parametrize(
    "text",
    [
        "where a=\"1\" and b='2'",
        'options a="1" and b="2"',
        'a="1" and b="2"',
        'and a="1" and b="2"',
        'where and a="1" and b="2"',
        'WHERE a = "1" AND b = "2" as u',
    ],
)
def test_forms(text: str) -> None:
    assert [(option.key, option.value.value) for option in options(text)] == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize("key", ["fitParam.0.labelCol", "`fitParam.0.labelCol`", "fitParam.`0`.labelCol"])
def test_a_dotted_key_is_one_key(key: str) -> None:
    found = options(f'where {key}="x"').items[0]
    assert found.key == "fitParam.0.labelCol"


def test_no_options() -> None:
    assert len(options("")) == 0
    assert len(options("where as u")) == 0


def test_the_last_of_a_key_counts() -> None:
    found = options('where a="1" and a="2"')
    last = found.get("a")
    assert last is not None
    assert last.value.value == "2"
    assert found.get("b") is None


def test_spans_cover_key_and_value() -> None:
    option = options("where a.b='''x\ny'''").items[0]
    assert (option.span.text, option.value.span.text) == ("a.b", "x\ny")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "where header=true",
            'expected a value in quotes, found "true"',
            'values stand in quotes: header="true"',
        ),
        ("where n=4;", 'expected a value in quotes, found "4"', 'values stand in quotes: n="4"'),
        ("where a=`b`", "expected a value in quotes, found `b`", 'values stand in quotes: a="b"'),
        ("where a='1', b='2'", 'expected ";", found ","', 'options are joined by "and"'),
        ("where a='1' b='2'", 'expected "and" or ";", found "b"', 'options are joined by "and"'),
        ("where a='1' and", "expected an option, found the end", None),
        ("wher a='1'", 'expected where, and, as or ";", found "wher"', 'did you mean "where"?'),
        ("where a", 'expected "=" after a, found the end', None),
        (
            "where options='1'",
            'expected an option, found "options"',
            "options is a keyword; as a name it stands in back quotes: `options`",
        ),
        ("where a＝'1'", 'expected "=" after a, found "＝"', "＝ is not ="),
    ],
)
def test_errors(text: str, message: str, hint: str | None) -> None:
    error = failure(f"run t as X.`` {text}")
    assert (error.message, error.hint) == (message, hint)
