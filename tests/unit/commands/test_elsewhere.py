"""Commands that need what is not here say so, and what to do instead."""

from __future__ import annotations

import pytest

from pybyzer.commands.elsewhere import ELSEWHERE
from pybyzer.errors import Unsupported
from tests.unit.commands.conftest import Notebook


@pytest.mark.parametrize("name", [*ELSEWHERE, "llm"])
def test_refused_by_name(notebook: Notebook, name: str) -> None:
    with pytest.raises(Unsupported, match=f"!{name}: ") as caught:
        notebook.run(f"!{name} some words;")
    assert caught.value.hint
    assert caught.value.span is not None
    assert any(str(row["command"]).startswith(f"!{name}") for row in notebook.run("!show commands;"))
