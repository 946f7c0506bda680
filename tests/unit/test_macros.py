"""Commands of the user: what stands for what, what wins, and where errors point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer import ByzerError, Session
from pybyzer.errors import BadOption, SourceText, Span, UnknownName
from pybyzer.events import Event, Printed
from pybyzer.lang.ast import Text
from pybyzer.macros import Macros
from pybyzer.variables import Variables


def expanded(body: str, *words: str) -> str:
    return Macros().expand("m", body, words, Variables()).text


def printed(session: Session, text: str) -> list[str]:
    events: list[Event] = []
    session.run_text(text, events.append)
    return [event.text.rstrip("\n") for event in events if isinstance(event, Printed)]


def fails(session: Session, text: str) -> ByzerError:
    with pytest.raises(ByzerError) as caught:
        session.run_text(text)
    return caught.value


@pytest.mark.parametrize(
    ("body", "words", "text"),
    [
        ("{} {} {}", "ab", "a b "),
        ("{1}{0}{}{}", "ab", "baab"),
        ("{0:x} {1:y z} {2:}", "a", "a y z "),
        ("{-1:next(named,none)} {-1:next(as,none)}", ("t", "named", "u"), "u none"),
        ("{-1:next(named)}|", "a", "|"),
        ("{:all} {0}", ('"', "{0}", "中"), '["\\"", "{0}", "中"] "'),
        ("{a} {a:1} {} {1,2} {{0}} ${0} $!{0} {-}", "x", "{a} {a:1} x {1,2} {x} ${0} $!{0} {-}"),
        ('{"k":{0}, "n":{ "m": 1 }}', "7", '{"k":7, "n":{ "m": 1 }}'),
        ("{0", "x", "{0"),
    ],
)
def test_placeholders(body: str, words: str, text: str) -> None:
    assert expanded(body, *words) == text


@given(st.lists(st.sampled_from(["{}", "{0}", "{1:d}", "{:all}", "{", "}", "${a}", "x"]), max_size=12))
def test_the_way_back_is_exact_outside_placeholders(parts: list[str]) -> None:
    body = "".join(parts)
    cell = SourceText(body)
    macros = Macros()
    script = macros.expand("m", Text(body, Span(cell, 0, len(body))), ["WORD"], Variables())
    for offset, character in enumerate(script.text):
        span = script.locate(offset, offset + 1)
        assert span is not None
        assert span.text == character or (span.text[0], span.text[-1]) == ("{", "}")


def test_a_random_name_is_the_same_at_every_place_of_it() -> None:
    first, second, other = expanded("{0:uuid()} {0:uuid()} {-1:next(named,uuid())}").split()
    assert first == second != other
    assert first.isidentifier()


@pytest.mark.parametrize("body", ["{0}", "{5}", "x {2} {0:a}", r"rlike '\d{4}'"])
def test_a_word_that_is_missing_is_an_error(body: str) -> None:
    with pytest.raises(BadOption, match=r"word \d is missing"):
        expanded(body)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("_", "-a", "1", "-b_2", "two words"), "1 two words {0} ${c}"),
        (("_", "-a", "-1"), "-1 ${b_2} {0} ${c}"),
        (("_",), "${a} ${b_2} {0} ${c}"),
    ],
)
def test_named_words(words: tuple[str, ...], text: str) -> None:
    assert expanded("${a} ${b_2} {0} ${c}", *words) == text


@pytest.mark.parametrize(
    ("words", "message"),
    [(("_", "a", "1"), "no name"), (("_", "-a"), "needs a value"), (("_", "-z", "1"), r"no \$\{z\}")],
)
def test_named_words_that_do_not_fit(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        expanded("${a}", *words)


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        ("select {0} as a as {1:t}", "select", "select"),
        ("select {0} as a as {1:t}", "LONG", "{0}"),
        ("select {0} as a as {1:t}", "a as", "a as"),
        ("select {0} as a as {1:t}", "t", "t"),
    ],
)
def test_the_way_back_to_the_body(text: str, part: str, place: str) -> None:
    cell = SourceText(f"set m = '{text}';")
    macros, variables = Macros(), Variables()
    variables.set("m", text)
    macros.remember("m", Text(text, Span(cell, 9, 9 + len(text))))
    body = macros.body("m", variables)
    assert body is not None
    script = macros.expand("m", body, ["LONG WORD"], variables)
    start = script.text.index(part)
    span = script.locate(start, start + len(part))
    assert span is not None
    assert span.text == place


@pytest.mark.parametrize(
    ("text", "is_body"),
    [
        ("select 1", True),
        ("\n -- comment\n /* more */ LOAD x.`y` as z", True),
        ("!show tables", True),
        ("{0} 1", True),
        ("${start} 1", False),
        ('{"json": 1}', False),
        ("# a heading", False),
        ("#if($x) select 1 #end", True),
        ("selected text", False),
        ("just words", False),
        ("", False),
        ("TableRepartition", False),
        ("/* never closed", False),
    ],
)
def test_what_can_be_run(text: str, is_body: bool) -> None:
    variables = Variables()
    variables.set("m", text)
    assert (Macros().body("m", variables) is not None) == is_body


def test_a_body_is_filled_in_when_it_runs(session: Session) -> None:
    """So a cell gives the same when it runs again, whatever was set after it."""
    cell = """set m = '''!println "${n} {0}"'''; set n = 1; !m x; set n = 2; !m y;"""
    assert printed(session, cell) == ["1 x", "2 y"]
    assert printed(session, cell) == ["1 x", "2 y"]


def test_values_that_are_no_text_of_a_set_are_run_as_they_are(session: Session) -> None:
    session.variables.set("m", '!println "from outside {0}"')
    assert printed(session, "!m x;") == ["from outside x"]
    assert printed(session, """set m = "select '!println 1'" where type="sql"; !m;""") == ["1"]


def test_a_body_may_begin_with_a_variable_that_is_a_statement(session: Session) -> None:
    text = (
        """set start = '!println'; set m = '${start} "{0}"'; !m x; set start = 'no'; set desc = '${start}';"""
    )
    assert printed(session, text) == ["x"]
    assert session.run_text("!desc command;") is not None


def test_a_default_that_gave_way_is_not_the_body(session: Session) -> None:
    text = """set m = '!println "first"'; set m = '!println "second"' where type="defaultParam"; !m;"""
    assert printed(session, text) == ["first"]


def test_a_variable_of_another_kind_hides_no_command(session: Session) -> None:
    assert printed(session, 'set println = "loud"; !println "hello";') == ["hello"]
    for text in ("one two", "word", ""):
        error = fails(session, f"set x = '{text}'; !x;")
        assert isinstance(error, UnknownName)
        assert (error.message, error.hint) == ('no command "x"', "the variable x holds no statement")


def test_branch_words_cannot_be_replaced(session: Session) -> None:
    assert printed(session, "set if = 'select 1 as a as t'; !if 'true'; !println 'still'; !fi;") == ["still"]


def test_values_of_blocks_do_not_reach_out_of_a_command(session: Session) -> None:
    session.run_text("""set m = '''!if "select {0} as :x; true"; set seen = "${x}"; !fi;'''; !m 3;""")
    assert (session.variables.get("seen"), session.variables.get("x")) == ("3", None)


def test_a_secret_is_not_filled_into_the_selects_of_a_command(session: Session) -> None:
    session.run_text(
        """set key = "s3cret" where visible="un_select"; set m = '''select '${key}${a}' as k as t''';"""
    )
    session.run_text("!m _ -a x;")
    assert session.table("t").reader.read_all().to_pylist() == [{"k": "${key}x"}]


def test_the_last_table_of_a_command_is_its_result(session: Session) -> None:
    assert session.run_text("set m = 'select 1 as a as t; select 2 as a as {0}'; !m u;") == "u"
    assert session.run_text("set m = 'select 1 as a as t; set b = 1'; !m;") is None


def test_a_command_that_calls_others_in_a_circle(session: Session) -> None:
    error = fails(session, "set a = '!b;'; set b = '!a;'; !a;")
    assert "texts inside one another" in error.message
    assert len(error.notes) == 3
    assert printed(session, '!println "the session goes on";') == ["the session goes on"]


def test_the_place_of_a_body_that_is_not_known(session: Session) -> None:
    session.variables.set("m", "select 1 as a as t;\nselect nope from t as u")
    error = fails(session, "\n!m;")
    assert error.span is not None
    assert (error.span.source.name, error.span.line) == ("!m", 2)
    assert error.notes == ("in !m, called in cell, line 2",)


def test_eval_runs_what_the_set_wrote(session: Session) -> None:
    assert printed(session, """set s = '!println "${n}"'; set n = 1; !eval s; set n = 2; !eval s;""") == [
        "1",
        "2",
    ]
