"""Java's patterns in DuckDB's spelling."""

from __future__ import annotations

import pytest

from pybyzer.engines.sparksql.patterns import java_regex, literal_of_regex, replacement
from pybyzer.errors import Unsupported


@pytest.mark.parametrize(
    ("regex", "literal"),
    [
        (",", ","),
        (r"\|", "|"),
        (r"\.", "."),
        ("[.]", "."),
        ("a b", "a b"),
        ("", ""),
        ("[,;]", None),
        (r"\s", None),
    ],
)
def test_a_regular_expression_that_is_plain_text(regex: str, literal: str | None) -> None:
    assert literal_of_regex(regex) == literal


@pytest.mark.parametrize("regex", ["a(?=b)", "(?<!x)y", r"(a)\1", "a++"])
def test_what_re2_cannot_do_is_refused(regex: str) -> None:
    with pytest.raises(Unsupported):
        java_regex(regex)


def test_white_space_has_the_vertical_tab() -> None:
    assert (java_regex(r"a\sb"), java_regex(r"[\s,]")) == (r"a[\s\v]b", r"[\s\v,]")


@pytest.mark.parametrize(("java", "re2"), [("$2-$1", r"\2-\1"), (r"\$1", "$1"), ("a", "a"), ("\\\\", r"\\")])
def test_a_replacement(java: str, re2: str) -> None:
    assert replacement(java) == re2
