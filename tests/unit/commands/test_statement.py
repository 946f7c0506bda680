"""Commands that stand for statements: texts in, the same texts out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybyzer.commands.statement import literal
from pybyzer.errors import BadOption
from pybyzer.lang.ast import Load
from pybyzer.lang.parser import parse


@given(st.text(max_size=20))
def test_a_text_comes_back(text: str) -> None:
    try:
        written = literal(text)
    except BadOption:
        assert '"' in text or "\\" in text
        return
    (statement,) = parse(f"load csv.`x` where a={written} as t;")
    assert isinstance(statement, Load)
    option = statement.options.get("a")
    assert option is not None
    assert option.value.value == text


@given(st.text(max_size=20))
def test_a_path_comes_back(path: str) -> None:
    (statement,) = parse(f"load csv.{literal(path, '`')} as t;")
    assert isinstance(statement, Load)
    assert statement.path.value == path


def test_what_no_quotes_hold() -> None:
    with pytest.raises(BadOption, match="cannot be handed on"):
        literal("\"'''")
