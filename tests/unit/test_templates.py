"""Templates in texts of each kind, and the way back from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.errors import ByzerError, UnknownName
from pybyzer.templates import Filled, Kind, fill, kind_of
from pybyzer.variables import Variables


def filled(text: str, kind: Kind = Kind.TEXT) -> str:
    return fill(text, {"a": "1", "list": "x,y"}.get, kind).text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("#if(1)a#end", "a"),
        ("#if(0)a#{else}b#{end}c", "bc"),
        ("#if(0)a#elseif($a == 1)b#elseif(true)c#else d#end", "b"),
        ("  #if(1)\n  x\n  #end\ny", "  x\ny"),
        ("x #if(1)\ny#end", "x \ny"),
        ("#if(1)\r\nx\r\n#end\r\n", "x\r\n"),
        ("#set($b = 2)$b ${b} $!b $!{b} $b.c $bc", "2 2 2 2 2.c $bc"),
        ("$b #set($b = 2)$b", "$b 2"),
        ("#set($c = 'col')#set($i = 3)$c[$i] $c[0] ${c}[1]", "col[3] col[0] col[1]"),
        ("#set($l = ['p', 'q'])${l[1]} $l.get(0) #set($x = $l[-1])$x", "q p q"),
        ("#foreach($i in [1..2])$i#end $i", "12 $i"),
        ("#set($i = 9)#foreach($i in [1..2])$i#end$i", "129"),
        (
            "#foreach($i in [1..2])#foreach($j in [1..2])$foreach.parent.count$foreach.count #end#end",
            "11 12 21 22 ",
        ),
        ("#foreach($i in [])x#end", ""),
        ("#foreach($i in {'k': 'v'})$i#end", "v"),
        ("#foreach($i in [1..3])#if($foreach.first)[#end$i#if($foreach.last)]#end#end", "[123]"),
        ("$velocityCount $foreach.index", "$velocityCount $foreach.index"),
        (
            "#end #else #elseif(1) #{end} #iffy #set #foreach",
            "#end #else #elseif(1) #{end} #iffy #set #foreach",
        ),
        ("#[[ ${a} #if(1) ]]# #[[ open", " ${a} #if(1)  #[[ open"),
        ("a ## b ${a}", "a ## b 1"),
        ("${a.length()}${a.nothing}${a}", "1${a.nothing}1"),
        ("${list.split(',').size()} ${list.split('}')}", "2 [x,y]"),
        ("${nothing.size()} $!{nothing.size()}|", "${nothing.size()} |"),
    ],
)
def test_texts(text: str, made: str) -> None:
    assert filled(text) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a ## it's ${a}\nb", "a \nb"),
        ("  ## alone\nb", "b"),
        ("'## ${a}' ## x", "'## 1' "),
        ('"##" `##` -- ## #if(1)\n#if(1)c#end', '"##" `##` -- ## #if(1)\nc'),
        ("/* #if(1) ## */ ${a}", "/* #if(1) ## */ 1"),
    ],
)
def test_sql(text: str, made: str) -> None:
    assert filled(text, Kind.SQL) == made


@pytest.mark.parametrize(
    "text", ["#if(1)a#end", "## x", "#[[x]]#", "#set($b = 1)$b", "f'${list.split()}'", "${list.nope()}"]
)
def test_programs_hold_references_only(text: str) -> None:
    assert filled(text + "${a}", Kind.CODE) == text + "1"


@pytest.mark.parametrize(
    ("option", "kind"),
    [("code", Kind.CODE), ("predictCode", Kind.CODE), ("pythonScript", Kind.CODE), ("inputTable", Kind.TEXT)],
)
def test_options_that_hold_programs(option: str, kind: Kind) -> None:
    assert kind_of(option) is kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#if(1)a", "this #if has no #end"),
        ("#if(1)#else#else#end", "nothing can follow #else but #end"),
        ("#foreach($x on [1])#end", 'expected "in" after the name, found "on"'),
        ("#foreach(x in [1])#end", 'expected $name in values, found "x"'),
        ("#set(x = 1)", 'expected $name = value, found "x"'),
        ("#set($x 1)", 'expected "=" after the name, found "1"'),
        ("#if()#end", 'expected a value, found ")"'),
        ("#if(1)" * 60, "this is nested too deep"),
    ],
)
def test_bad_directives(text: str, message: str) -> None:
    with pytest.raises(ByzerError) as caught:
        filled(text)
    assert caught.value.message == message
    assert caught.value.offset is not None


def test_every_turn_of_a_loop_leads_back_into_the_loop() -> None:
    text = "select #foreach($c in ['a','bb'])f($c)#if($foreach.hasNext), #end#end from t"
    made = fill(text, dict[str, str]().get)
    assert made.text == "select f(a), f(bb) from t"
    for piece, came_from in [("f(bb", "f($c"), ("bb", "$c"), ("a", "$c"), (" from", " from"), (", ", ", ")]:
        start, end = made.origin(made.text.index(piece), len(piece))
        assert text[start:end] == came_from


@given(st.lists(st.sampled_from(["$c", "x", ",", "#if($foreach.last)y#{end}", "${a}", " "]), max_size=12))
def test_the_way_back_is_exact_in_loops(parts: list[str]) -> None:
    text = "#foreach($c in ['CC', 'C'])" + "".join(parts) + "#end z"
    made: Filled = fill(text, {"a": "A"}.get)
    for offset, character in enumerate(made.text):
        start, end = made.origin(offset)
        assert text[start:end] == {"C": "$c", "A": "${a}"}.get(character, character)


# -- in variables --------------------------------------------------------------------------


def test_directives_wait_for_the_names_they_lack() -> None:
    variables = Variables()
    variables.set("body", "#foreach($c in $cols.split(','))<$c>#end ${other}")
    variables.set("around", "[${body}]")
    assert variables.get("body") == "#foreach($c in $cols.split(','))<$c>#end ${other}"
    variables.set("cols", "a,b")
    assert variables.get("body") == "<a><b> ${other}"
    variables.set("other", "!")
    assert variables.get("around") == "[<a><b> !]"


def test_an_unknown_name_is_false_when_the_value_is_used() -> None:
    variables = Variables()
    variables.set("body", "#if($full)all#{else}some#end")
    assert variables.fill("${body}") == "some"
    variables.set("full", "true")
    assert variables.fill("${body}") == "all"


def test_a_value_that_lacks_a_list_when_it_is_used() -> None:
    variables = Variables()
    variables.set("body", "#foreach($c in $cols)$c#end")
    with pytest.raises(UnknownName, match="cols"):
        variables.fill("${body}")


def test_values_with_directives_in_a_circle() -> None:
    variables = Variables()
    variables.set("a", "#if($z)x#end${b}")
    variables.set("b", "#if($z)x#end${a}")
    with pytest.raises(ByzerError, match="circle"):
        variables.fill("${a}")


def test_answers_are_no_templates() -> None:
    variables = Variables()
    variables.set("waiting", "<${answer}>")
    variables.set_plain("answer", "${x} #if(")
    variables.set("x", "1")
    assert variables.get("answer") == "${x} #if("


def test_template_get() -> None:
    variables = Variables()
    variables.set("pattern", "{0}-{1}-{2}-{x}")
    assert variables.fill("${template.get('pattern', 'a', 1)}") == "a-1-{2}-{x}"
    with pytest.raises(UnknownName, match="nope"):
        variables.fill("${template.get('nope')}")
    variables.set("secret", "{0}", hidden=True)
    with pytest.raises(UnknownName, match="secret"):
        variables.fill("${template.get('secret', 'a')}", select=True)
