"""!delta: what the lake holds."""

from __future__ import annotations

import datetime

import pytest

from pybyzer.errors import BadOption, UnknownName
from tests.unit.commands.conftest import Notebook


@pytest.fixture
def lake(notebook: Notebook) -> Notebook:
    notebook.run("select 1 as a as t; save overwrite t as delta.`db.t`; save append t as delta.`db.t`;")
    return notebook


def test_tables(lake: Notebook) -> None:
    assert lake.run("!delta show tables;") == [{"table": "t", "database": "db"}]


def test_history_is_newest_first(lake: Notebook) -> None:
    rows = lake.run("!delta history db.t;")
    assert [row["version"] for row in rows] == sorted((row["version"] for row in rows), reverse=True)
    now = datetime.datetime.now(datetime.UTC)
    for row in rows:
        assert isinstance(row["timestamp"], datetime.datetime)
        assert abs(now - row["timestamp"]) < datetime.timedelta(hours=1)
    assert rows[0]["operation"] == "WRITE"
    assert ("mode", "Append") in rows[0]["operationParameters"]  # type: ignore[operator]


def test_info(lake: Notebook) -> None:
    (row,) = lake.run("!delta info db.t;")
    assert row["numOfFiles"] == 2
    assert isinstance(row["sizeInBytes"], int)
    assert row["sizeInBytes"] > 0


def test_mistakes(lake: Notebook) -> None:
    with pytest.raises(UnknownName, match=r'no Delta table "db.tt"') as caught:
        lake.run("!delta info db.tt;")
    assert caught.value.hint == 'did you mean "db.t"?'
    with pytest.raises(BadOption, match='"histry" is not'):
        lake.run("!delta histry db.t;")
    assert "history" in str(lake.run("!delta help;"))
