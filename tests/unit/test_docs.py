"""Everything that can be named in a cell or a file is in the documentation."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from pybyzer import Settings
from pybyzer.commands.base import COMMANDS
from pybyzer.estimators.base import ESTIMATORS
from pybyzer.functions.base import FUNCTIONS
from pybyzer.registry import Registry
from pybyzer.settings import PREFIX
from pybyzer.sources.base import SOURCES

DOCS = Path(__file__).parents[2] / "docs"


def _cells(page: str) -> list[list[str]]:
    """The cells of every table row of a page."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.replace(r"\|", "").strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]


def test_every_setting_has_a_row() -> None:
    rows = {cells[0]: cells for cells in _cells("settings.md")}
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in rows, f"docs/settings.md has no row for {field.name}"
        assert rows[f"`{field.name}`"][1] == f"`{PREFIX}{field.name.upper()}`"


def test_every_default_is_true() -> None:
    rows = {cells[0]: cells for cells in _cells("settings.md")}
    for field in dataclasses.fields(Settings):
        value = getattr(Settings(), field.name)
        written = rows[f"`{field.name}`"][2]
        if written.startswith("`"):
            assert written == f"`{value}`"
        else:
            assert not value, f"docs/settings.md: the default of {field.name} is {value}"


@pytest.mark.parametrize(
    ("registry", "page", "pattern"),
    [
        (COMMANDS, "commands.md", r"`!{}[` ]"),
        (SOURCES, "sources.md", r"`{}`"),
        (ESTIMATORS, "estimators.md", r"`{}`"),
        (FUNCTIONS, "functions.md", r"`{}[`(]"),
    ],
    ids=["commands", "formats", "ETs", "functions"],
)
def test_everything_registered_has_a_row(registry: Registry[Any], page: str, pattern: str) -> None:
    first_cells = "\n".join(cells[0] for cells in _cells(page))
    missing = [
        name for name in registry.names() if not re.search(pattern.format(re.escape(name)), first_cells)
    ]
    assert missing == [], f"docs/{page} has no row for them"


def test_every_row_of_commands_is_a_command() -> None:
    words = re.findall(r"`!(\w+)", "\n".join(cells[0] for cells in _cells("commands.md")))
    assert words
    assert [word for word in words if COMMANDS.find(word) is None] == []


def test_index_names_pages_that_exist() -> None:
    pages = re.findall(r"\]\((\w+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8"))
    assert pages
    assert [page for page in pages if not (DOCS / page).exists()] == []


def test_the_sample_file_can_be_read(tmp_path: Path) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    sample = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0]
    (tmp_path / "pybyzer.toml").write_text(sample, encoding="utf-8")
    settings = Settings.load(tmp_path, {})
    assert settings.env_aliases == {"ray1.8.0": "current"}
    assert settings.conf == {"spark.master": "local[4]", "spark.sql.shuffle.partitions": "8"}
