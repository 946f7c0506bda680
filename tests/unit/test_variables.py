"""Variables: filled in when set, in any order; circles refused; hidden ones kept out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer import templates
from pybyzer.errors import BadOption, TooLarge
from pybyzer.variables import Variables


def made(**values: str) -> Variables:
    variables = Variables({"HOME": "/home"})
    for key, value in values.items():
        variables.set(key, value)
    return variables


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${a}", "1"),
        ("x${a}${a}y", "x11y"),
        ("${HOME}/${a}", "/home/1"),
        ("$!{a} $!{nothing}|", "1 |"),
        ("${nothing} ${ a} ${}", "${nothing} ${ a} ${}"),
        ("$a $1 $ {a} {a} $.a", "$a $1 $ {a} {a} $.a"),
        ('${date.toString("yyyy")}', '${date.toString("yyyy")}'),
        ("${${a}}", "${1}"),
        ("${A}", "${A}"),
    ],
)
def test_fill(text: str, filled: str) -> None:
    assert made(a="1").fill(text) == filled


def test_dotted_and_odd_names() -> None:
    variables = Variables()
    variables.set("a.b", "1")
    variables.set("a b", "2")
    variables.set("01", "3")
    assert variables.fill("${a.b}${a b}${01}") == "123"


def test_nested_templates_in_any_order() -> None:
    variables = made(path="${root}/${name}", name="x_${day}", day="1")
    assert variables.get("path") == "${root}/x_1"
    variables.set("root", "/r")
    assert variables.get("path") == "/r/x_1"


def test_a_chain_of_waiting_variables() -> None:
    variables = made(c="${b}!", b="${a}?", a="1")
    assert [variables.get(name) for name in "abc"] == ["1", "1?", "1?!"]


def test_later_changes_change_nothing_that_is_filled_in() -> None:
    variables = made(a="1", b="${a}")
    variables.set("a", "2")
    assert (variables.get("b"), variables.fill("${a}${b}")) == ("1", "21")


def test_a_variable_may_go_on_from_itself() -> None:
    variables = made(a="1")
    variables.set("a", "${a}2")
    assert variables.get("a") == "12"


def test_setting_again_forgets_what_was_missing() -> None:
    variables = made(a="${b}")
    variables.set("a", "1")
    variables.set("b", "2")
    assert variables.get("a") == "1"


def test_what_is_filled_in_is_not_read_again() -> None:
    variables = made(a="${b}")
    assert variables.fill("$!{a}") == "${b}"


def test_user_variables_win_over_what_is_always_there() -> None:
    variables = made(HOME="/mine")
    assert (variables.fill("${HOME}"), variables.names()) == ("/mine", ["HOME"])


def test_what_is_always_there_may_change() -> None:
    days = iter(["mon", "tue", "wed"])
    variables = Variables({"today": lambda: next(days)})
    variables.set("a", "${today}")
    assert [variables.get("a"), variables.get("today"), variables.get("a")] == ["mon", "tue", "mon"]
    assert variables.get("nothing") is None


def test_hidden_variables_stay_out_of_selects_and_of_others() -> None:
    variables = made(user="u")
    variables.set("secret", "${user}:s", hidden=True)
    variables.set("url", "x/${secret}")
    assert variables.fill("${secret}") == "u:s"
    assert variables.fill("${secret}${user}", select=True) == "${secret}u"
    assert variables.fill("${url}", select=True) == "x/${secret}"
    variables.set("secret", "open")
    assert variables.fill("${url} ${secret}", select=True) == "x/open open"


@pytest.mark.parametrize(
    ("values", "chain"),
    [
        ([("a", "${a}")], "a -> a"),
        ([("a", "${b}"), ("b", "x${a}")], "b -> a -> b"),
        ([("a", "${b}"), ("b", "${c}"), ("c", "${a}")], "c -> a -> c"),
    ],
)
def test_circles(values: list[tuple[str, str]], chain: str) -> None:
    variables = Variables()
    *first, (key, value) = values
    for name, text in first:
        variables.set(name, text)
    with pytest.raises(BadOption) as caught:
        variables.set(key, value)
    assert caught.value.message == f"variables refer to each other in a circle: {chain}"
    assert variables.get(key) is None
    variables.set(key, "1")
    assert all("$" not in (variables.get(name) or "") for name in variables.names())


def test_variables_that_double_one_another_end_with_an_error() -> None:
    variables = made(x0="0123456789")
    with pytest.raises(TooLarge, match="longer than"):
        for step in range(1, 12):
            variables.set(f"x{step}", f"${{x{step - 1}}}" * 10)


@pytest.mark.parametrize("unit", ["${", "${a", "$!{", "${a}", "${a}}", "{", "$"])
def test_a_megabyte_is_read_once(unit: str) -> None:
    """Not timed: reading it again and again would run into the time limit of every test."""
    text = unit * (1_000_000 // len(unit))
    assert made(a="x").fill(text) == text.replace("${a}", "x")


def test_references() -> None:
    assert templates.references("${a} $!{b} ${c.d} $e") == {"a", "c.d"}


@pytest.mark.parametrize(
    ("offset", "length", "came_from"),
    [
        (0, 6, "select"),
        (7, 1, "${long}"),
        (7, 3, "${long}"),
        (10, 1, ","),
        (11, 1, "c"),
        (10, 2, ", $!{none}c"),
        (9, 3, "${long}, $!{none}c"),
        (13, 4, "from"),
        (18, 1, "${long}"),
        (21, 1, "!"),
    ],
)
def test_the_way_back_from_a_filled_text(offset: int, length: int, came_from: str) -> None:
    text = "select ${long},$!{none}c from ${long}!"
    filled = made(long="a,b").fill_placed(text)
    assert filled.text == "select a,b,c from a,b!"
    start, end = filled.origin(offset, length)
    assert text[start:end] == came_from.replace(", $", ",$")


@given(st.lists(st.sampled_from(["${a}", "${b}", "$!{c}", "${d}", "x", "{", "}", " "]), max_size=20))
def test_the_way_back_is_exact_outside_references(parts: list[str]) -> None:
    text = "".join(parts)
    filled = made(a="AA", b="").fill_placed(text)
    for offset, character in enumerate(filled.text):
        start, end = filled.origin(offset)
        assert text[start:end] == ("${a}" if character == "A" else character)


def test_names_of_a_block_stand_before_others_until_it_ends() -> None:
    variables = made(a="outer", b="${a}")
    with variables.block() as names:
        names["a"] = "inner"
        assert variables.fill("${a}${b}") == "innerouter"
        with variables.block() as inner:
            inner["c"] = "1"
            variables.set("kept", "${a}${c}")
            assert variables.names() == ["a", "b", "c", "kept"]
        assert variables.fill("${c}") == "${c}"
    assert variables.fill("${a}${kept}") == "outerinner1"


def test_a_set_within_a_block_counts_there_and_after_it() -> None:
    variables = made(a="outer")
    with variables.block() as names:
        names["a"] = "inner"
        variables.set("a", "${a} and set")
        assert (variables.get("a"), names) == ("inner and set", {})
    assert variables.get("a") == "inner and set"
