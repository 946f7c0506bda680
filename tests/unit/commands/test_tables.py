"""Commands on whole tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer.errors import BadOption, CommandError, EngineError, UnknownName
from tests.unit.commands.conftest import Notebook


def test_cache_keeps_the_rows(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(f"select 1 as a as t; save overwrite t as parquet.`{tmp_path}/t`;")
    notebook.run(f"load parquet.`{tmp_path}/t` as u; !cache u session;")
    for file in (tmp_path / "t").iterdir():
        file.unlink()
    assert notebook.run("select * from u as v;") == [{"a": 1}]
    with pytest.raises(BadOption, match="something is missing"):
        notebook.run("!cache u;")
    with pytest.raises(BadOption, match='"forever" is no lifetime'):
        notebook.run("!cache u forever;")
    with pytest.raises(UnknownName, match='no table "w"'):
        notebook.run("!cache w script;")


def test_uncache_goes_back_to_what_it_was(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(f"select 1 as a as t; save overwrite t as parquet.`{tmp_path}/t`;")
    notebook.run(f"load parquet.`{tmp_path}/t` as u; !cache u session;")
    assert notebook.run("!uncache u;") == notebook.run("!unCache u script;") == [{"a": 1}]
    assert notebook.session.catalog.names() == ["t", "u"]
    for file in (tmp_path / "t").iterdir():
        file.unlink()
    with pytest.raises(EngineError, match="No files found"):
        notebook.run("select * from u as v;")


def test_uncache_of_a_table_defined_anew(notebook: Notebook) -> None:
    notebook.run("select 1 as a as t; !cache t session; select 2 as b as t;")
    assert notebook.run("!uncache t;") == [{"b": 2}]
    notebook.run("!cache t session; !cache t session;")
    assert notebook.run("!uncache t;") == [{"b": 2}]
    with pytest.raises(UnknownName, match='no table "w"'):
        notebook.run("!uncache w;")


def test_repartition(notebook: Notebook) -> None:
    notebook.run("select explode(sequence(1, 10)) as a as t; !tableRepartition _ -i t -num 3 -o t3;")
    stream = notebook.session.table("t3")
    assert stream.partitions == 3
    assert sorted(stream.reader.read_all().column("a").to_pylist()) == list(range(1, 11))
    with pytest.raises(BadOption, match="-num must be a whole number"):
        notebook.run("!tableRepartition _ -i t -num no -o t3;")
    with pytest.raises(BadOption, match=r"-o \(a name\) is missing"):
        notebook.run("!tableRepartition _ -i t -num 2;")
    with pytest.raises(BadOption, match='no "-n" here'):
        notebook.run("!tableRepartition _ -i t -n 2;")
    with pytest.raises(BadOption, match="the words must be named"):
        notebook.run("!tableRepartition t 2;")


def test_save_file(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(f"select 1 as a, encode('héllo', 'utf-8') as b as t; !saveFile _ -i t -o {tmp_path}/d/f;")
    assert (tmp_path / "d/f").read_text(encoding="utf-8") == "héllo"
    with pytest.raises(CommandError, match='"u" has no binary column'):
        notebook.run(f"select 1 as a as u; !saveFile _ -i u -o {tmp_path}/g;")
    with pytest.raises(CommandError, match="no content in its first row"):
        notebook.run(f"select * from t where a > 1 as none; !saveFile _ -i none -o {tmp_path}/g;")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"cannot write .*file/x"):
        notebook.run(f"!saveFile _ -i t -o {tmp_path}/file/x;")


def test_columns(notebook: Notebook) -> None:
    assert notebook.run('select 1 as a, 2 as b, 3 as c as t; !columns remove "a,C" from t;') == [{"b": 2}]
    assert notebook.run("select * from t as u;") == [{"b": 2}]
    with pytest.raises(BadOption, match='"t" has no column "a"'):
        notebook.run("!columns remove a from t;")
    with pytest.raises(BadOption, match="at least one column"):
        notebook.run("!columns remove b from t;")
    with pytest.raises(BadOption, match='"rename" is not remove or drop'):
        notebook.run("!columns rename b from t;")


def test_profiler(notebook: Notebook) -> None:
    assert notebook.run("!profiler sql '''select 7 as q;''' named t; select * from t as u;") == [{"q": 7}]
    names = [row["name"] for row in notebook.run("!profiler conf;")]
    assert "timezone" in names
