"""The last result, printing, scripts in scripts."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, CommandError, UnknownName
from tests.unit.commands.conftest import Notebook


def test_last_command(notebook: Notebook) -> None:
    assert notebook.run("!hdfs -test -e /; !lastCommand named found; select * from found as t;") == [
        {"fileSystem": "true"}
    ]
    notebook.run("select 5 as v as x; !lastCommand named y; select 6 as v as x;")
    assert notebook.run("select v from y as z;") == [{"v": 5}]  # the name keeps the table of then


def test_last_command_without_a_table_or_name(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="no table found in previous command"):
        notebook.run("!lastCommand named t;")
    with pytest.raises(BadOption, match="name of the table is missing"):
        notebook.run("!lastCommand;")


def test_last_table_name(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="cannot found table"):
        notebook.run("!lastTableName;")
    assert notebook.run(
        "select 7 as v as seven; !lastTableName; select * from ${__last_table_name__} as t;"
    ) == [{"v": 7}]


def test_empty_table_shows_nothing(notebook: Notebook) -> None:
    assert notebook.run("select 1 as a as t; !emptyTable;") == []
    assert notebook.shown is None
    with pytest.raises(CommandError, match="no table found"):
        notebook.run("!lastCommand named u;")


def test_println(notebook: Notebook) -> None:
    notebook.session.variables.set("who", "world")
    assert notebook.run("select 1 as a as t; !println '''hello ${who}''';") == []
    assert notebook.printed == "hello world\n"


def test_run_script(notebook: Notebook) -> None:
    assert notebook.run("!runScript '''select 1 as a as one; select a + 1 as b from one as two;''';") == [
        {"b": 2}
    ]
    notebook.run("!runScript '''select 3 as c as three;''' named found;")
    assert notebook.run("select * from found as t;") == [{"c": 3}]
    with pytest.raises(CommandError, match='has no result that could be named "u"'):
        notebook.run("!runScript '''set x=1;''' named u;")
    with pytest.raises(UnknownName):
        notebook.run("!runScript '''!nothing;''';")


def test_kill_finds_nothing(notebook: Notebook) -> None:
    (row,) = notebook.run("!kill job1;")
    assert row == {
        "param": "job1",
        "description": "You can not kill the job job1 cause it not exist any more",
    }
