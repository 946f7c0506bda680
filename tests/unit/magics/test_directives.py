"""One list of directives: what the runtime takes, what completion offers, what the page explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import python
from pybyzer_magics.frontends.python import DIRECTIVES, STICKY

PAGE = (Path(__file__).parents[3] / "docs" / "kernel.md").read_text(encoding="utf-8")


def test_the_runtime_takes_what_is_offered() -> None:
    assert set(DIRECTIVES) == set(python.DIRECTIVES)
    assert set(STICKY) == {*python.STICKY, "env"}


@pytest.mark.parametrize("name", sorted(DIRECTIVES))
def test_every_directive_is_explained(name: str) -> None:
    mark = "sticky" if name in STICKY else ""
    assert f"| `{name}` | {mark} |".replace("|  |", "| |") in PAGE
