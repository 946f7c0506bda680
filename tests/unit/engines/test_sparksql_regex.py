"""Java's regular expressions, for RE2 and for Python."""

from __future__ import annotations

import pytest

from pybyzer.engines.sparksql.functions.regexes import literal_of_regex, replacer, split
from pybyzer.engines.sparksql.java_regex import read
from pybyzer.errors import EngineError, Unsupported


@pytest.mark.parametrize(
    ("regex", "literal"),
    [(",", ","), (r"\|", "|"), ("[.]", "."), ("", ""), ("[,;]", None), (r"\s", None), ("[&&a]", None)],
)
def test_a_regular_expression_that_is_plain_text(regex: str, literal: str | None) -> None:
    assert literal_of_regex(regex) == literal


@pytest.mark.parametrize("regex", ["a(?=b)", "(?<!x)y", r"(a)\1", "a++", "(?>a)b", "a{2,2000}"])
def test_what_re2_has_not_is_pythons(regex: str) -> None:
    found = read(regex)
    assert found.re2 is None
    assert found.python is not None


@pytest.mark.parametrize("regex", ["[a-z&&[^b]]", r"\G", "(?x)a", r"\p{IsCherokee}", "(?u:a)"])
def test_what_neither_has_is_refused_by_name(regex: str) -> None:
    with pytest.raises(Unsupported, match="the regular expression"):
        read(regex)


@pytest.mark.parametrize("regex", ["(", "[a", "a{", "*", "a\\"])
def test_what_is_no_pattern_is_an_error(regex: str) -> None:
    with pytest.raises(EngineError, match="the regular expression"):
        read(regex)


@pytest.mark.parametrize(
    ("regex", "value", "found"),
    [
        ("b$", "ab\r\n", True),
        ("b$", "ab\n\n", False),
        ("a.b", "a\u2028b", False),
        (r"\w", "é", False),
        (r"\bé", "é", True),
        ("(?i)é", "É", False),
        ("(?m)^y$", "x\ny\n", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\p{Alpha}", "é", False),
        (r"(?<n>a)\k<n>", "aa", True),
    ],
)
def test_python_reads_it_as_java(regex: str, value: str, found: bool) -> None:
    assert (read(regex).compiled().search(value) is not None) is found


def test_which_texts_must_take_the_slow_way_is_known() -> None:
    assert (read("a.b").lines, read("ab").lines, read("(?s)a.b").lines) == (True, False, False)
    assert (read(r"\ba").words, read("a").words) == (True, False)
    assert (read("b*").empty, read("b+").empty) == (True, False)


@pytest.mark.parametrize(("java", "re2"), [("$2-$1", r"\2-\1"), (r"\$1", "$1"), ("a", "a"), ("\\\\", r"\\")])
def test_a_replacement(java: str, re2: str) -> None:
    assert replacer(java, 2)[0] == re2


@pytest.mark.parametrize("java", ["$3", "$", "a\\"])
def test_a_replacement_that_is_none(java: str) -> None:
    with pytest.raises(EngineError, match="the replacement"):
        replacer(java, 2)


@pytest.mark.parametrize(
    ("regex", "value", "limit", "parts"),
    [
        (",", "a,b,,", -1, ["a", "b", "", ""]),
        (",", "a,b,c", 2, ["a", "b,c"]),
        ("", "abc", 2, ["a", "bc"]),
        ("(?=b)", "bab", 0, ["ba", "b"]),
        (",", "", 0, [""]),
    ],
)
def test_split(regex: str, value: str, limit: int, parts: list[str]) -> None:
    assert split(read(regex).compiled(), value, limit) == parts
