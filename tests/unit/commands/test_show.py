"""!show, !desc, !help: generated from registries, catalog and settings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pybyzer import Settings, __version__
from pybyzer.commands.base import COMMANDS
from pybyzer.errors import BadOption, UnknownName
from tests.unit.commands.conftest import Notebook


def test_version(notebook: Notebook) -> None:
    (row,) = notebook.run("!show version;")
    assert row["version"] == __version__
    assert str(row["core"]).startswith(notebook.session.engine.name)


@pytest.mark.parametrize("words", ["et params TableRepartition", '"et/params/TableRepartition"'])
def test_words_and_paths_are_the_same(notebook: Notebook, words: str) -> None:
    rows = notebook.run(f"!show {words};")
    assert rows == notebook.run("!show et/params/TableRepartition;")
    assert rows[0] == {"param": "partitionNum", "description": "how many partitions (required)"}


def test_ets(notebook: Notebook) -> None:
    rows = {row["name"]: row for row in notebook.run("!show et;")}
    assert rows["StringIndex"]["algType"] == "algorithm"
    assert rows["TableRepartition"]["algType"] == "feature engineer"
    example = {row["name"]: row["value"] for row in notebook.run("!show et/StringIndex;")}
    assert list(example) == ["name", "codeExample", "codeType", "doc", "docType"]
    assert "as StringIndex.`" in str(example["codeExample"])


def test_sources_and_functions(notebook: Notebook) -> None:
    assert {"name": "delta"} in notebook.run("!show datasources;")
    parameters = notebook.run("!show datasources/params/delta;")
    assert "versionAsOf" in [row["param"] for row in parameters]
    assert {"function": "vec_dense"} in notebook.run("!show functions;")
    assert notebook.run("!show function vec_dense;")[0] == {"function_desc": "Function: vec_dense"}


def test_tables(notebook: Notebook) -> None:
    notebook.run("select 1 as a as first; select 2;")
    assert notebook.run("!show tables named found;") == [
        {"database": "", "tableName": "first", "isTemporary": True}
    ]
    assert notebook.run("select tableName from found as names;") == [{"tableName": "first"}]


def test_tables_of_the_lake(notebook: Notebook) -> None:
    notebook.run("select 1 as a as t; save overwrite t as delta.`db.kept`;")
    assert notebook.run("!show tables from db;") == [
        {"database": "db", "tableName": "kept", "isTemporary": False}
    ]
    with pytest.raises(UnknownName, match='no database "bd"'):
        notebook.run("!show tables from bd;")


def test_all_settings_with_their_meaning(notebook: Notebook) -> None:
    notebook.run('set spark.sql.shuffle.partitions="7" where type="conf";')
    rows = {str(row["name"]): row for row in notebook.run("!show conf/list;")}
    fields = {field.name for field in dataclasses.fields(Settings)} - {"conf"}
    assert set(rows) == fields | {"spark.sql.shuffle.partitions"}
    assert all(row["doc"] for row in rows.values())


def test_secrets_are_not_shown(notebook: Notebook) -> None:
    notebook.run('set spark.hadoop.fs.s3a.secret.key="hunter2" where type="conf";')
    for command in ("!show conf;", "!profiler conf;"):
        values = [row["value"] for row in notebook.run(command)]
        assert "hunter2" not in values
        assert "********" in values


@pytest.mark.parametrize("command", ["!show commands", "!show", '!show "-help"', "!help"])
def test_every_command_is_listed(notebook: Notebook, command: str) -> None:
    rows = notebook.run(f"{command};")
    listed = [str(row["command"]) for row in rows]
    for name in COMMANDS.names():
        assert any(usage.startswith(f"!{name}") for usage in listed), name


def test_jobs(notebook: Notebook) -> None:
    notebook.run("!show jobs;")
    assert notebook.shown is not None
    assert notebook.shown.column_names[:3] == ["owner", "jobType", "jobName"]


def test_unknown_path_names_the_closest(notebook: Notebook) -> None:
    with pytest.raises(UnknownName, match='nothing called "tabels"') as caught:
        notebook.run("!show tabels;")
    assert caught.value.hint == 'did you mean "tables"?'
    with pytest.raises(UnknownName, match='no ET "StringIdx"') as caught:
        notebook.run("!show et/params/StringIdx;")
    assert "StringIndex" in str(caught.value.hint)


def test_desc(notebook: Notebook) -> None:
    notebook.run("select 1 as a, array('x') as b as t;")
    assert notebook.run("!desc t;") == [
        {"col_name": "a", "data_type": "int", "comment": ""},
        {"col_name": "b", "data_type": "array<string>", "comment": ""},
    ]
    (row,) = notebook.run("!desc t json;")
    assert str(row["value"]).startswith('{"type":"struct","fields":[{"name":"a","type":"integer"')
    with pytest.raises(UnknownName, match='no table "tt"'):
        notebook.run("!desc tt;")
    with pytest.raises(BadOption, match='"jsn" is not known'):
        notebook.run("!desc t jsn;")


def test_unknown_command_names_the_closest(notebook: Notebook) -> None:
    with pytest.raises(UnknownName, match='no command "hfds"') as caught:
        notebook.run("!hfds -ls;")
    assert '"hdfs"' in str(caught.value.hint)


def test_help_takes_no_words(notebook: Notebook, tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="one word too many"):
        notebook.run("!help me;")
