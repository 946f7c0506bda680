"""Each database in turn: embedded ones in a file, servers where they run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pybyzer import Session
from pybyzer.databases.base import Database, opened
from pybyzer.databases.target import parse_url

SERVERS = [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("postgresql", "mariadb")]
TABLES = ("t", "t2", "Odd Name")
"""What the tests make in a server's one database."""


def url_of(kind: str, directory: Path) -> str:
    """The JDBC URL of a database for tests."""
    if kind in ("sqlite", "duckdb"):
        return f"jdbc:{kind}:{directory}/test.db"
    return os.environ[f"PYBYZER_TEST_{kind.upper()}"]


@pytest.fixture(params=["sqlite", "duckdb", *SERVERS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without the tables of these tests."""
    found = url_of(request.param, tmp_path)
    if request.param not in ("sqlite", "duckdb"):
        database = opened(parse_url(found), "UTC")
        for name in TABLES:
            database.execute(f"DROP TABLE IF EXISTS {database.quoted(name)}")
        database.commit()
        database.close()
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A connection to it."""
    found = opened(parse_url(url), "Asia/Shanghai")
    yield found
    found.close()


@pytest.fixture
def connected(session: Session, url: str) -> Session:
    """A session in which ``db1`` is that database."""
    session.run_text(f'connect jdbc where url="{url}" as db1;')
    return session
