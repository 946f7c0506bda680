"""!delta: what the lake holds."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from pybyzer.errors import BadOption, CommandError, UnknownName
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


def _files(lake: Notebook) -> object:
    return lake.run("!delta info db.t;")[0]["numOfFiles"]


@pytest.mark.parametrize(("wanted", "most"), [(1, 1), (3, 3), (9, 9), (20, 10)])
def test_compact_to_a_number_of_files(lake: Notebook, wanted: int, most: int) -> None:
    for i in range(8):
        lake.run(f"select explode(sequence(1, {100 * (i + 1)})) as a as t; save append t as delta.`db.t`;")
    before = lake.run("load delta.`db.t` as t; select sum(a) as s, count(*) as n from t;")
    assert _files(lake) == 10
    added, removed = lake.run(f"!delta compact db.t 9 {wanted};")
    left = _files(lake)
    assert isinstance(left, int)
    assert left <= most
    assert 10 + int(str(added["value"])) - int(str(removed["value"])) == left
    assert lake.run("load delta.`db.t` as t; select sum(a) as s, count(*) as n from t;") == before


def test_vacuum_keeps_a_week(lake: Notebook) -> None:
    lake.run("!delta compact db.t 1 1;")
    assert lake.run("!delta vacuum db.t;") == [{"name": "removedFiles", "value": "0"}]
    assert lake.run("load delta.`db.t` where versionAsOf='0' as t; select * from t as u;") == [{"a": 1}]
    assert lake.run("!delta vacuum db.t 0;") == [{"name": "removedFiles", "value": "2"}]
    assert lake.run("select * from u as v;") == [{"a": 1}]


def test_vacuum_leaves_what_somebody_is_about_to_commit(lake: Notebook) -> None:
    table = Path(lake.session.settings.lake) / "db" / "t"
    fresh, old = table / "fresh.parquet", table / "old.parquet"
    fresh.write_bytes(b"x")
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert lake.run("!delta vacuum db.t 0;") == [{"name": "removedFiles", "value": "0"}]
    assert (fresh.exists(), old.exists()) == (True, True)
    assert lake.run("!delta vacuum db.t 24;") == [{"name": "removedFiles", "value": "1"}]
    assert (fresh.exists(), old.exists()) == (True, False)


def test_a_directory_and_its_mistakes(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(f"select 1 as a as t; save overwrite t as delta.`{tmp_path}/d`;")
    assert notebook.run(f"!delta info '{tmp_path}/d' named i; select numOfFiles from i as n;") == [
        {"numOfFiles": 1}
    ]
    with pytest.raises(BadOption, match=r'"5" is one word too many'):
        notebook.run(f"!delta info '{tmp_path}/d' 5;")
    (tmp_path / "d" / "_delta_log" / "00000000000000000000.json").write_text("broken")
    with pytest.raises(CommandError, match="d"):
        notebook.run(f"!delta info '{tmp_path}/d';")
