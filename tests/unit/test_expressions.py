"""Values of expressions over variables, and expressions in texts."""

from __future__ import annotations

import pytest

from pybyzer import Session
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, ParseError, UnknownName, Unsupported
from pybyzer.events import ignore
from pybyzer.expressions import evaluate, interpolate, read


@pytest.fixture
def ctx(session: Session) -> Context:
    session.run_text(r"""set n = "3"; set s = '''it's a "quote" \ and 中'''; set empty = "";""")
    return session._context(ignore, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (":n + 1", "4.0"),
        (":n == 3", "true"),
        ("select split('a:b', ':') as :x; :x[1]", "b"),
        (":s", r"""it's a "quote" \ and 中"""),
        ("length(:empty)", "0"),
        ("cast(null as int)", ""),
        ("concat('{', \":n\", '}')", "{:n}"),
        ("select 1 as :n; :n + 1", "2"),
    ],
)
def test_values(ctx: Context, text: str, value: str) -> None:
    assert evaluate(ctx, read(text, lambda start, end: None)).text == value


def test_as_much_as_is_allowed(ctx: Context) -> None:
    text = "select :n + 0 as :x;" + "select :x + 1 as :x;" * 39 + "(" * 25 + ":x" + ")" * 25
    assert evaluate(ctx, read(text, lambda start, end: None)).text == "42.0"


def test_a_volatile_value_is_asked_once(ctx: Context) -> None:
    found = evaluate(ctx, read("select rand() as :x; :x", lambda start, end: None))
    assert found.text == found.texts["x"] == str(found.value[0].as_py())


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a :{:n + 1} b:{'}'}", "a 4.0 b}"),
        (":{:n}:{:n}", "33"),
        ("no : { } {:n} :", "no : { } {:n} :"),
        ('{"a":{"b": 1}, "c":{ }, "d":{"e\\"}": {}}}', '{"a":{"b": 1}, "c":{ }, "d":{"e\\"}": {}}}'),
        (":{concat('a', ':{')}", "a:{"),
    ],
)
def test_expressions_in_texts(ctx: Context, text: str, filled: str) -> None:
    assert interpolate(ctx, text) == filled


@pytest.mark.parametrize(
    ("text", "kind"),
    [(":{:n", ParseError), (":{:nope}", UnknownName), (":{:n +}", ByzerError), (":{;}", ParseError)],
)
def test_mistakes_in_texts_are_about_the_option(ctx: Context, text: str, kind: type[ByzerError]) -> None:
    with pytest.raises(kind) as caught:
        interpolate(ctx, text, "form.x")
    assert caught.value.option == "form.x"


def test_names_that_differ_in_case_only(ctx: Context) -> None:
    ctx.variables.set("N", "4")
    with pytest.raises(Unsupported, match="differ in nothing but case"):
        evaluate(ctx, read(":n < :N", lambda start, end: None))


def test_many_rows_are_no_value(ctx: Context) -> None:
    with pytest.raises((BadOption, Unsupported)):
        evaluate(ctx, read("explode(array(1, 2))", lambda start, end: None))


@pytest.mark.parametrize("unit", [":{", "}", '"', ":{'", ':{"a":'])
def test_a_megabyte_without_an_expression_is_read_once(ctx: Context, unit: str) -> None:
    """Not timed: reading it again and again would run into the time limit of every test."""
    text = unit * (300_000 // len(unit))
    try:
        assert interpolate(ctx, text) == text
    except ParseError as error:
        assert "never closed" in error.message or "brackets" in error.message
