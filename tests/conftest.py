"""Fixtures and marks for every test: engines, sessions, what a test needs."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pybyzer import Session

ENGINE_NAMES = ("duckdb",)

NEEDS = {
    "pyspark": "pip install 'pybyzer[spark]'",
    "tensorflow": "pip install 'pybyzer[tensorflow]'",
    "java": "apt-get install openjdk-17-jre-headless",
    "chromium": "apt-get install chromium",
    "postgresql": 'tests/servers.sh install; eval "$(tests/servers.sh start)"',
    "mariadb": 'tests/servers.sh install; eval "$(tests/servers.sh start)"',
    "trafilatura": "pip install 'pybyzer[crawler]'",
    "moto": "pip install 'pybyzer[test]'",
}
"""What a test may need, and the command that brings it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="write the conformance results")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        what = mark.args[0]
        if not _there(what):
            pytest.skip(f"{what} is not there: {NEEDS[what]}")


def _there(what: str) -> bool:
    if what in ("java", "chromium"):
        return shutil.which(what) is not None
    if what in ("postgresql", "mariadb"):
        return f"PYBYZER_TEST_{what.upper()}" in os.environ
    return importlib.util.find_spec(what) is not None


@pytest.fixture(params=ENGINE_NAMES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def session(engine_name: str, tmp_path: Path) -> Iterator[Session]:
    """A session of its own, with its lake and its libraries in a fresh directory."""
    from pybyzer import Session, Settings

    lake, libraries = str(tmp_path / "lake"), str(tmp_path / "libraries")
    opened = Session(Settings(engine=engine_name, lake=lake, libraries=libraries))
    yield opened
    opened.close()
