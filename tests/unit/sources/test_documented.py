"""Every option of every format is in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer.sources.base import SOURCES

PAGE = Path(__file__).parents[3] / "docs" / "sources.md"


@pytest.mark.parametrize("name", SOURCES.names())
def test_options(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    source = SOURCES.get(name)
    for parameter in (*source.parameters, *source.save_parameters):
        assert f"`{parameter.name}`" in page, f"docs/sources.md does not name {name}'s {parameter.name}"
