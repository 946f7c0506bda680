"""Words, strings, comments: where they begin and end."""

from __future__ import annotations

import pytest

from pybyzer.errors import SourceText
from pybyzer.lang.ast import Quote, Select, Set
from pybyzer.lang.parser import parse
from pybyzer.lang.tokenizer import tokenize
from pybyzer.lang.tokens import Kind
from tests.unit.lang.shapes import kinds, only


def contents(text: str) -> list[tuple[str, Quote]]:
    return [(token.content, token.quote) for token in tokenize(SourceText(text))[:-1]]


@pytest.mark.parametrize(
    ("text", "content", "quote"),
    [
        ("'a b'", "a b", Quote.SINGLE),
        ('"it\'s"', "it's", Quote.DOUBLE),
        (r"'a\'b'", r"a\'b", Quote.SINGLE),
        (r"'a\\'", r"a\\", Quote.SINGLE),
        ("'line\nline'", "line\nline", Quote.SINGLE),
        ("''", "", Quote.SINGLE),
        ("'''a 'b' \"c\" \\'''", "a 'b' \"c\" \\", Quote.BLOCK),
        ("''''x'''", "'x", Quote.BLOCK),
        ("''''''", "", Quote.BLOCK),
        ("`a``b`", "a`b", Quote.BACK),
        ("``", "", Quote.BACK),
        ("`two\nlines`", "two\nlines", Quote.BACK),
        ("200", "200", Quote.NONE),
        ("01_x", "01_x", Quote.NONE),
        ("表", "表", Quote.NONE),
    ],
)
def test_one_token(text: str, content: str, quote: Quote) -> None:
    assert contents(text) == [(content, quote)]


def test_three_quotes_before_a_plus_are_two_strings() -> None:
    assert contents("'''+''' ") == [("", Quote.SINGLE), ("+", Quote.SINGLE), ("", Quote.SINGLE)]


def test_escaped_quotes_of_sql_are_strings_when_no_block_ends() -> None:
    assert contents("'''a' ") == [("", Quote.SINGLE), ("a", Quote.SINGLE)]


@pytest.mark.parametrize(
    "comment", ["-- x", "--%x=y", "-- it's `\"", "/* ' ; ` */", "/**/", "/* -- */", "/* \n */"]
)
def test_comments_are_left_out(comment: str) -> None:
    assert kinds(parse(f"{comment}\nset a=1;{comment}\n\nset b=2")) == ["Set", "Set"]


def test_a_comment_between_options() -> None:
    statement = only("run t as X.``\nwhere a='1' -- first\n/* second */ and b='2'\nas u;")
    assert [option.key for option in statement.options] == ["a", "b"]  # type: ignore[attr-defined]


def test_a_hint_is_no_comment() -> None:
    statement = only("select /*+ BROADCAST(t) */ a from t as u;")
    assert isinstance(statement, Select)
    assert statement.sql.value == "select /*+ BROADCAST(t) */ a from t"


@pytest.mark.parametrize("inner", ["';'", '";"', "`;`", "''';'''", "/* ; */ 1", "-- ;\n 1", r"'\';'"])
def test_a_semicolon_inside_ends_nothing(inner: str) -> None:
    assert kinds(parse(f"select {inner} as a as t; set a=1;")) == ["Select", "Set"]


@pytest.mark.parametrize("text", ["", " \n\t", ";", ";;\n;", "-- only a comment", "/* x */;"])
def test_nothing_to_do(text: str) -> None:
    assert parse(text) == []


def test_the_last_semicolon_may_be_missing() -> None:
    assert kinds(parse("set a=1; set b=2")) == ["Set", "Set"]


def test_keywords_in_any_case() -> None:
    statement = only("SET a='1' WHERE TYPE='x'")
    assert isinstance(statement, Set)
    assert [option.key for option in statement.options] == ["TYPE"]


def test_blanks_of_other_kinds_are_blanks() -> None:
    assert kinds(parse("\ufeffset\u00a0a\u3000=\t1;\r\nset b=2;")) == ["Set", "Set"]


def test_words_know_their_keyword() -> None:
    word, string = tokenize(SourceText("LOAD 'load'"))[:2]
    assert (word.word, string.word) == ("load", "")
    assert word.kind is Kind.WORD
