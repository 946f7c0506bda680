"""!python conf and env: sticky, shown, secrets masked."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption
from tests.unit.commands.conftest import Notebook


def test_entries_stay_until_set_again(notebook: Notebook) -> None:
    notebook.run('!python conf "rayAddress=127.0.0.1:10001";')
    notebook.run("!python conf '''schema=st(field(a,string))''';")
    assert notebook.run('!python conf "rayAddress=x=y";') == [
        {"k": "rayAddress", "v": "x=y", "config": "conf"},
        {"k": "schema", "v": "st(field(a,string))", "config": "conf"},
    ]
    assert notebook.session.python.conf == {"rayAddress": "x=y", "schema": "st(field(a,string))"}
    assert notebook.session.python.env == {}


def test_environment(notebook: Notebook) -> None:
    notebook.run('!python env "PYTHON_ENV=source /opt/miniconda3/bin/activate ray1.8.0";')
    assert notebook.session.python.env == {"PYTHON_ENV": "source /opt/miniconda3/bin/activate ray1.8.0"}
    assert notebook.run('!python env "PYTHON_ENV=:";') == [{"k": "PYTHON_ENV", "v": ":", "config": "env"}]


def test_references_to_variables(notebook: Notebook) -> None:
    notebook.session.variables.set("head", "10.0.0.1")
    notebook.run('!python conf "rayAddress=:head :10001 :none";')
    assert notebook.session.python.conf["rayAddress"] == "10.0.0.1 :10001 :none"


def test_secrets_are_kept_but_not_shown(notebook: Notebook) -> None:
    rows = notebook.run('!python env "AWS_SECRET_ACCESS_KEY=hunter2";')
    assert rows == [{"k": "AWS_SECRET_ACCESS_KEY", "v": "********", "config": "env"}]
    assert notebook.session.python.env["AWS_SECRET_ACCESS_KEY"] == "hunter2"


@pytest.mark.parametrize("word", ["start", "close"])
def test_start_and_close_are_accepted(notebook: Notebook, word: str) -> None:
    assert notebook.run(f"!python {word};") == []
    assert notebook.shown is not None
    assert notebook.shown.column_names == ["value"]


def test_what_is_not_key_and_value(notebook: Notebook) -> None:
    with pytest.raises(BadOption, match='"rayAddress" is not key=value'):
        notebook.run('!python conf "rayAddress";')
    with pytest.raises(BadOption, match='"cnf" is not conf, env'):
        notebook.run('!python cnf "a=b";')
