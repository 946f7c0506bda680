"""!profiler: plans without running anything, and profiles."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, EngineError, UnknownName
from tests.unit.commands.conftest import Notebook


def test_a_plan_computes_nothing(notebook: Notebook) -> None:
    notebook.run("select raise_error(cast(id as string)) as a from range(3) as t; !println 'not shown';")
    plan, sql = notebook.run("!profiler explain t;")
    assert plan["name"] == "doc"
    assert plan["info"]
    assert (sql["name"], "error" in str(sql["info"])) == ("sql", True)


def test_extended_plans(notebook: Notebook) -> None:
    notebook.run("select id, id % 3 as g from range(100) as t;")
    short, _ = notebook.run("!profiler explain '''select g, count(*) as n from t group by g''' false;")
    long, sql = notebook.run("!profiler explain '''select g, count(*) as n from t group by g''' TRUE;")
    assert "-- logical_plan" in str(long["info"])
    assert "-- physical_plan" in str(long["info"])
    assert "logical_plan" not in str(short["info"])
    assert "CREATE VIEW" in str(sql["info"])
    # What the next statement sees is not changed by it.
    assert notebook.run("!profiler explain '''select g, count(*) as n from t group by g''';")[0] == short


def test_mistakes(notebook: Notebook) -> None:
    notebook.run("select 1 as a as t;")
    with pytest.raises(EngineError, match='no column "b"') as caught:
        notebook.run("!profiler explain '''select a, b from t''';")
    assert caught.value.span is not None
    assert caught.value.span.text == "b"
    with pytest.raises(BadOption, match='"yes" is not true or false'):
        notebook.run("!profiler explain t yes;")
    with pytest.raises(UnknownName, match='no table "u"'):
        notebook.run("!profiler explain u;")
    with pytest.raises(UnknownName, match='no table "u"'):
        notebook.run("!profiler table u;")


def test_a_profile_has_a_row_for_each_column(notebook: Notebook) -> None:
    notebook.run("select id, cast(id as string) as s from range(10) as t;")
    rows = notebook.run("!profiler table t named p; select columnName, totalCount from p as shown;")
    assert rows == [{"columnName": "id", "totalCount": "10"}, {"columnName": "s", "totalCount": "10"}]
