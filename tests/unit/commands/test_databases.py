"""!conn, !jdbc, !exec_sql: connections by name; passwords are not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer.errors import BadOption, EngineError, UnknownName
from tests.unit.commands.conftest import Notebook


@pytest.fixture
def lite(notebook: Notebook, tmp_path: Path) -> Notebook:
    notebook.run(f'!conn lite "url=jdbc:sqlite:{tmp_path}/lite.db" "password=hunter2";')
    notebook.run("!exec_sql '''create table t (id int, s text)''' by lite;")
    return notebook


def test_statements_and_queries(lite: Notebook) -> None:
    lite.run("!jdbc lite '''insert into t values (1, 'it''s \"quoted\"')''';")
    assert lite.run("!exec_sql u from '''select s from t''' by lite;") == [{"s": 'it\'s "quoted"'}]


def test_a_connection_is_that_of_connect(lite: Notebook) -> None:
    assert lite.run("load jdbc.`lite.t` as u; select count(*) as n from u as c;") == [{"n": 0}]
    lite.run("!conn remove lite;")
    with pytest.raises(UnknownName, match='no connection "lite"'):
        lite.run("!jdbc lite '''select 1''';")


def test_a_mistake_is_placed_in_the_statement(lite: Notebook) -> None:
    with pytest.raises(EngineError) as caught:
        lite.run("!jdbc lite '''insrt into t values (1)''';")
    assert caught.value.span is not None
    assert caught.value.span.text == "insrt into t values (1)"


def test_no_password_is_shown(lite: Notebook) -> None:
    with pytest.raises(EngineError) as caught:
        lite.run("!exec_sql u from '''select nothing from t''' by lite;")
    assert "hunter2" not in caught.value.render()
    assert "hunter2" not in str(lite.run("!show jobs;"))
    assert "hunter2" not in str(lite.run("!show log/0;"))


def test_words_in_their_place(lite: Notebook) -> None:
    with pytest.raises(BadOption, match='"at" should be by'):
        lite.run("!exec_sql '''select 1''' at lite;")
    with pytest.raises(BadOption, match='"form" should be from'):
        lite.run("!exec_sql u form '''select 1''' by lite;")
    with pytest.raises(BadOption, match="is not key=value"):
        lite.run('!conn other "jdbc:sqlite:x";')
