"""``!command`` and its arguments: what is glued together, what must stand in quotes."""

from __future__ import annotations

import pytest

from pybyzer.lang.ast import Command, Quote
from pybyzer.lang.parser import parse
from tests.unit.lang.shapes import failure, kinds, only


def arguments(text: str) -> list[str]:
    found = only(text)
    assert isinstance(found, Command)
    return [argument.value for argument in found.arguments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!show tables", ["tables"]),
        ("!hdfs -ls /tmp/a-b.csv", ["-ls", "/tmp/a-b.csv"]),
        ("!sh ls ~/x > out.txt", ["ls", "~/x", ">", "out.txt"]),
        ("!x db.table 1.5 a/b/c", ["db.table", "1.5", "a/b/c"]),
        ("!x a/**/b", ["a", "b"]),
        ('!plugin app add - "mlsql-shell-3.0";', ["app", "add", "-", "mlsql-shell-3.0"]),
        ('!python conf "rayAddress=127.0.0.1:10001"', ["conf", "rayAddress=127.0.0.1:10001"]),
        ("!show `et/params/RateSampler`", ["et/params/RateSampler"]),
        ("!x '''a\n'b''' 'c'", ["a\n'b", "c"]),
        ("!show et params load", ["et", "params", "load"]),
        ("!x", []),
    ],
)
def test_arguments(text: str, expected: list[str]) -> None:
    assert arguments(text) == expected


def test_names_keep_their_case_and_arguments_their_quotes() -> None:
    found = only("!lastTableName 'a' b `c` '''d'''")
    assert isinstance(found, Command)
    assert found.name.value == found.name.span.text == "lastTableName"
    quotes = [argument.quote for argument in found.arguments]
    assert quotes == [Quote.SINGLE, Quote.NONE, Quote.BACK, Quote.BLOCK]


def test_spans_of_glued_arguments() -> None:
    found = only("!hdfs  -ls /tmp/x")
    assert isinstance(found, Command)
    assert [argument.span.text for argument in found.arguments] == ["-ls", "/tmp/x"]
    assert found.arguments[0].span.column == 8


def test_commands_among_statements() -> None:
    assert kinds(parse("!a x;\nset b=1;!c;")) == ["Command", "Set", "Command"]


def test_a_comment_after_a_command_is_fine() -> None:
    assert arguments("!show tables -- all of them") == ["tables"]
    assert arguments("!show tables; --all") == ["tables"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("!sh echo a:b", 'expected an argument, found ":"', 'such an argument stands in quotes: "a:b"'),
        (
            "!sh pip install x==1",
            'expected an argument, found "="',
            'such an argument stands in quotes: "x==1"',
        ),
        ("!sh ls *.png", 'expected an argument, found "*"', 'such an argument stands in quotes: "*.png"'),
        ("!sh ls --color;", "-- begins a comment here", 'the option stands in quotes: "--color"'),
        ("!show tables\nselect 1 as t;", 'expected ";", found "select"', 'statements end with ";"'),
        ("!a\n!b", 'expected ";", found "!b"', 'statements end with ";"'),
        (
            "! show",
            'expected a statement, found "!"',
            "a command's name follows its ! directly: !show tables",
        ),
    ],
)
def test_errors(text: str, message: str, hint: str) -> None:
    error = failure(text)
    assert (error.message, error.hint) == (message, hint)
