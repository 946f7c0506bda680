"""Expressions of a template: what they give, and what they refuse."""

from __future__ import annotations

import pytest

from pybyzer.errors import ByzerError, TooLarge
from pybyzer.templates import fill
from pybyzer.velocity.values import Value

KNOWN: dict[str, Value] = {
    "one": "1",
    "two": "2",
    "name": "Bob",
    "no": "false",
    "empty": "",
    "a.b": "dotted",
    "cols": "x,y,,",
}


def value(expression: str) -> str:
    return fill(f"#set($v = {expression})$v", KNOWN.get).text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1", "1"),
        ("-3 + 1", "-2"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("7 / 2.0", "3.5"),
        ("2 + 3 * 4 - 1", "13"),
        ("(2 + 3) * 4", "20"),
        ("$one + 2", "3"),
        ("$one + $two", "12"),
        ("$two * $two", "4"),
        ('"a" + 1', "a1"),
        ("'a' + 'b'", "ab"),
        ('"$name is ${name}; $unknown $"', "Bob is Bob; $unknown $"),
        ("'$name'", "$name"),
        ('"say ""hi"""', 'say "hi"'),
        ("true", "true"),
        ("!true", "false"),
        ("!!$name", "true"),
        ("not $no", "true"),
        ("$empty || false", "false"),
        ("1 == 1.0 && $one == 1", "true"),
        ("$name != 'bob'", "true"),
        ("$one < $two and 10 > $two", "true"),
        ("'10' < '9'", "false"),
        ("'b' >= 'a'", "true"),
        ("1 gt 2 or 2 le 2", "true"),
        ("[1, 'a', [true]]", "[1, a, [true]]"),
        ("[]", "[]"),
        ("[0..3]", "[0, 1, 2, 3]"),
        ("[$two..$one]", "[2, 1]"),
        ("{'k': 1, \"l\": [2]}", "{k=1, l=[2]}"),
        ("{}", "{}"),
        ("$a.b", "dotted"),
        ("${a.b}", "dotted"),
        ("$name.toUpperCase().length()", "3"),
        ("$cols.split(',')", "[x, y]"),
        ("$cols.split(',').get(1)", "y"),
        ("$cols.split(',')[-1]", "y"),
        ("$cols.split(',', 2)", "[x, y,,]"),
        ("$name.substring(1)", "ob"),
        ("$name.replace('b', '$')", "Bo$"),
        ("$name.charAt(0)", "B"),
        ("$name.equals('Bob')", "true"),
        ("$name.contains('o')", "true"),
        ("$name.indexOf('x')", "-1"),
        ("$one.toNumber() + 1", "2"),
    ],
)
def test_values(expression: str, text: str) -> None:
    assert value(expression) == text


@pytest.mark.parametrize(
    ("expression", "message", "at"),
    [
        ("1 +", 'expected a value, found ")"', ")"),
        ("[1, 2", 'expected "]" after a list, found ")"', ")"),
        ("a", 'expected a value, found "a"', "a"),
        ("'a", 'expected a value, found "\'"', "'"),
        ("1 / 0", "division by zero", "/"),
        ("$name - 1", '"-" needs numbers, not text and number', "-"),
        ("[1] + [2]", '"+" cannot join list and list', "+"),
        ("[1] < 2", '"<" cannot compare list and number', "<"),
        ("[1..$name]", "a range goes from number to number, not from number to text", "1"),
        ("$name.nothing()", 'a text has no method "nothing"', "nothing()"),
        ("$name.substring('x')", "substring takes a whole number, not x", "substring('x')"),
        ("$name.substring(1, 9)", "from 1 to 9 is outside, it has 3", "substring(1, 9)"),
        ("$name.substring()", "substring takes 1 or more values, not 0", "substring()"),
        ("$name.replace('', 'x')", "replace: the text to look for is empty", "replace('', 'x')"),
        ("9223372036854775807", "this number is too large", "9223372036854775807"),
        ("999999999999999999 * 999999999999999999", "the result is beyond 64 bits", "*"),
        ("$unknown", 'no variable "unknown"', "$unknown"),
        ("$unknown.size()", 'no variable "unknown"', "$unknown"),
        ("$name.nothing", "#set needs a value, this is nothing", "#set($v = $name.nothing)"),
        ("(" * 60 + "1" + ")" * 60, "this expression is nested too deep", "("),
        ("{1 2}", 'expected ":" after the key of a map, found "2"', "2"),
    ],
)
def test_errors_with_their_place(expression: str, message: str, at: str) -> None:
    text = f"#set($v = {expression})$v"
    with pytest.raises(ByzerError) as caught:
        fill(text, KNOWN.get)
    assert caught.value.message == message
    start = caught.value.offset
    assert start is not None
    assert text[start : start + caught.value.length] == at


@pytest.mark.parametrize(
    "name",
    ["__class__", "__init__", "upper", "format", "_x", "encode", "getClass", "mro", "func", "at"],
)
def test_nothing_of_python_can_be_reached(name: str) -> None:
    for subject in ("$name", "[1]", "{'k': 1}", "1", "true", "$template"):
        text = f"#set($s = {subject})$s.{name}()" if subject[0] != "$" else f"${{{subject[1:]}.{name}()}}"
        if subject == "$template":
            assert fill(text, KNOWN.get).text == text
            continue
        with pytest.raises(ByzerError) as caught:
            fill(text, KNOWN.get)
        assert "has no method" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l",
        "#set($s = 'ab')#foreach($i in [1..60])#set($s = $s.concat($s))#end",
        "#set($s = 'ab')#foreach($i in [1..60])#set($s = $s.replace('a', $s))#end",
        "#set($s = 'ab')#set($t = $s.repeat(99999999999))",
        "#foreach($i in [1..1000])#foreach($j in [1..101])#end#end",
        "#set($l = [])#set($m = $l.add($l))$l",
        "#set($l = [])#foreach($i in [1..9999])#set($l = [$l])#end#if($l == [$l])x#end",
        '#set($s = "ab")#foreach($i in [1..60])#set($s = "$s$s")#end',
        "#foreach($i in [-9..999999999999])#end",
    ],
)
def test_what_grows_without_end_is_an_error(text: str) -> None:
    with pytest.raises(TooLarge):
        fill(text, KNOWN.get)
