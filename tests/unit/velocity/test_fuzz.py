"""Whatever a text holds, filling it in gives a text or an error of ours with a place; in linear time."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.binding import bind
from pybyzer.dates import now
from pybyzer.errors import ByzerError
from pybyzer.templates import Kind, fill
from pybyzer.velocity.values import Value
from tests.unit.lang.strategies import ANY, FUZZ, MUTATED

KNOWN: dict[str, Value] = {"a": "1", "cols": "x,y", "empty": "", "date": now("UTC"), "odd": "${a}#end'"}
PIECES = [
    *("#set(", "#if(", "#elseif(", "#foreach(", "#else", "#end", "#{else}", "#{end}", "#[[", "]]#", "##"),
    *(
        "$a",
        "${a}",
        "$!{b}",
        "${cols.split(",
        "$x",
        "${date.",
        "plusDays(1)",
        ".size()",
        ".get(0)",
        "$foreach",
    ),
    *(
        "$x in ",
        "[1..3]",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "'",
        '"',
        ",",
        ":",
        "=",
        "==",
        "+",
        "-",
        "*",
        "/",
        "%",
    ),
    *(
        "!",
        "&&",
        "||",
        " and ",
        "1",
        "0",
        "9" * 30,
        "'t'",
        '"$a"',
        ".hasNext",
        ".index",
        "\n",
        " ",
        "\\",
        "`",
        "--",
        "/*",
    ),
]
TEMPLATE_LIKE = st.lists(st.sampled_from(PIECES) | ANY, max_size=30).map("".join)


@FUZZ
@given(TEMPLATE_LIKE | MUTATED, st.sampled_from(Kind))
def test_fuzz_a_text_or_an_error_with_a_place(text: str, kind: Kind) -> None:
    try:
        filled = fill(text, KNOWN.get, kind)
    except ByzerError as error:
        assert error.offset is not None
        assert 0 <= error.offset <= len(text)
        return
    for offset in range(len(filled.text)):
        start, end = filled.origin(offset)
        assert 0 <= start < end <= len(text)


@FUZZ
@given(TEMPLATE_LIKE)
def test_fuzz_waiting_changes_nothing_but_the_error(text: str) -> None:
    with contextlib.suppress(ByzerError):
        filled = fill(text, KNOWN.get, patient=True)
        if filled.lacking:
            assert filled.text == text


@FUZZ
@given(st.text(alphabet="ab: '\"`\\,()[]=\n-/*", max_size=40), st.booleans())
def test_fuzz_binding_changes_only_variables(text: str, doubled: bool) -> None:
    bound = bind(text, lambda name, offset: name, doubled=doubled)
    back = bound.text
    for begin, end, start, stop in reversed(bound.pieces):
        assert text[start] == ":"
        back = back[:begin] + text[start:stop] + back[end:]
    assert back == text


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "unit",
    [
        "${",
        "${a",
        '${a.b("',
        "${cols.split(',')}",
        "${a[",
        "${a[${a[$b]}]}",
        "#[[",
        "#[[x]]#",
        "##x\n",
        "#if(1)#end",
        "#if(1)",
        "#set($x=1)",
        "#foreach($i in [1])$i#end",
        "$i",
        "#set($i=1)$i.x ",
        '#set($x="',
        "#if((((",
        "/*",
        "'",
        "#end",
    ],
)
def test_a_large_text_is_read_once(unit: str, kind: Kind) -> None:
    """Not timed: reading it again and again would run into the time limit of every test."""
    with contextlib.suppress(ByzerError):
        fill("#set($i=1)" + unit * (60_000 // len(unit)), KNOWN.get, kind)
