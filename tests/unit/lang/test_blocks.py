"""Blocks of statements: put together in one pass, or refused at the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.errors import ParseError
from pybyzer.lang.ast import Command, Statement
from pybyzer.lang.blocks import MOST_NESTED, If, nested
from pybyzer.lang.parser import parse
from pybyzer.lang.printer import to_text

Node: TypeAlias = "str | list[tuple[str, list[Node]]]"
"""A statement, or a block: the words of each branch and what stands in it."""


def shape(statements: Sequence[Statement]) -> list[Node]:
    return [
        [(to_text(branch.head), shape(branch.body)) for branch in statement.branches]
        if isinstance(statement, If)
        else to_text(statement)
        for statement in statements
    ]


def written(nodes: Sequence[Node]) -> str:
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(f"{node};\n")
        else:
            parts += [f"{head};\n{written(body)}" for head, body in node] + ["!fi;\n"]
    return "".join(parts)


def blocks(inner: st.SearchStrategy[list[Node]]) -> st.SearchStrategy[Node]:
    elifs = st.lists(st.tuples(st.just('!elif ":b"'), inner), max_size=2)
    last = st.lists(st.tuples(st.just("!else"), inner), max_size=1)
    return st.builds(lambda body, more, end: [('!if ":a"', body), *more, *end], inner, elifs, last)


statements = st.sampled_from(["set a = 1", "!show tables", "select 1 as a as t", '!println "!fi;"'])
programs = st.recursive(
    st.lists(statements, max_size=3),
    lambda inner: st.lists(statements | blocks(inner), max_size=4),
    max_leaves=12,
)


@given(programs)
def test_what_is_nested_is_found_as_it_was_written(program: list[Node]) -> None:
    assert shape(nested(parse(written(program)))) == program


@given(st.lists(st.sampled_from(['!if "a"', '!elif "b"', "!else", "!fi", "set a = 1"]), max_size=10))
def test_any_order_of_words_is_nested_or_refused(words: list[str]) -> None:
    try:
        nested(parse(";".join(words)))
        good = True
    except ParseError as error:
        good = False
        assert error.span is not None
    assert good == balanced("".join(LETTERS[word.split()[0]] for word in words))


LETTERS = {"!if": "i", "!elif": "e", "!else": "l", "!fi": "f", "set": "s"}


def balanced(text: str) -> bool:
    """The oracle: erase whole blocks, innermost first, until nothing changes."""
    while (shorter := re.sub(r"i[se]*(?:l[s]*)?f", "s", text)) != text:
        text = shorter
    return set(text) <= {"s"}


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("set a=1; !if ':a'; !if ':b'; !fi;", "this !if has no !fi", "!if ':a'"),
        ("!fi;", "!fi without an !if", "!fi"),
        ("!then;", "!then without an !if", "!then"),
        ("!if ':a'; !fi; !elif ':b';", "!elif without an !if", "!elif ':b'"),
        ("!if ':a'; !else; !else; !fi;", "!else after !else", "!else"),
        ("!if ':a'; !else; !elif ':b'; !fi;", "!elif after !else", "!elif ':b'"),
        ("!if ':a'; set a=1; !then; !fi;", "right after its condition", "!then"),
        ("!if ':a'; !then; !then; !fi;", "right after its condition", "!then"),
        ("!if; !fi;", "!if needs a condition", "!if"),
        ("!if ':a'; !elif; !fi;", "!elif needs a condition", "!elif"),
        ("!if ':a'; !fi ':a';", "!fi stands alone", ":a"),
    ],
)
def test_words_that_do_not_fit(text: str, message: str, at: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        nested(parse(text))
    assert caught.value.span is not None
    assert caught.value.span.text == at


def test_too_many_blocks_in_one_another() -> None:
    deep = '!if "a";' * MOST_NESTED + "!fi;" * MOST_NESTED
    assert isinstance(nested(parse(deep))[0], If)
    with pytest.raises(ParseError, match=f"more than {MOST_NESTED} blocks"):
        nested(parse(f'!if "a"; {deep} !fi;'))


def test_a_block_is_printed_as_it_was() -> None:
    text = "!if ':a'; set a = 1; !elif ':b'; !if ':c'; !fi; !else; !fi"
    (block,) = nested(parse(text))
    assert to_text(block) == text
    assert (block.span.start, block.span.end) == (0, len(text))


def test_ten_thousand_blocks_are_read_once() -> None:
    """Not timed: looking for each end again would run into the time limit of every test."""
    found = nested(parse('!if "a"; set a=1; !fi;\n' * 10_000))
    assert len(found) == 10_000
    assert not any(isinstance(statement, Command) for statement in found)
