"""Includes: files, notebooks and web servers; what is wrong points at the path."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pybyzer import ByzerError, Session, Settings, includes
from pybyzer.errors import BadOption, CommandError, Interrupted, Unsupported, WorkerError
from pybyzer_magics.router import read_statements


class Scripts(http.server.BaseHTTPRequestHandler):
    """Answers by path; ``/cut`` promises more than it sends, ``/silent`` says nothing."""

    asked, over = threading.Event(), threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.asked.set()
            self.over.wait(30)
            return
        texts = {
            "/ok": b"select 1 as a as w;",
            "/late": b"\n\nselect nope from command as w;",
            "/bytes": b"\xff",
        }
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/ok")
            self.end_headers()
            return
        body = texts.get(self.path.partition("?")[0])
        self.send_response(200 if body is not None or self.path == "/cut" else 404)
        self.send_header("Content-Length", str(len(body or b"") + (10 if self.path == "/cut" else 0)))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test reads answers."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripts) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        Scripts.over.set()
        running.shutdown()
        thread.join()


def rows(session: Session, name: str) -> list[dict[str, object]]:
    return session.table(name).reader.read_all().to_pylist()


def fails(session: Session, text: str) -> ByzerError:
    with pytest.raises(ByzerError) as caught:
        session.run_text(text)
    assert caught.value.span is not None
    return caught.value


@pytest.mark.parametrize("path", ["/ok", "/ok?token=secret", "/moved"])
def test_a_text_from_a_server(session: Session, server: str, path: str) -> None:
    assert session.run_text(f"include http.`{server}{path}`;") == "w"
    assert rows(session, "w") == [{"a": 1}]


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/nothing", CommandError, "answered with status 404"),
        ("/cut", CommandError, "cannot include it"),
        ("/bytes", BadOption, "is not UTF-8 text"),
    ],
)
def test_servers_that_do_not_answer(
    session: Session, server: str, path: str, kind: type[ByzerError], message: str
) -> None:
    error = fails(session, f"include http.`{server}{path}`;")
    assert isinstance(error, kind)
    assert message in error.message
    assert error.span is not None and error.span.text == f"{server}{path}"


def test_a_server_that_says_nothing(session: Session, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(includes, "READ_SECONDS", 0.1)
    assert "no answer in time" in fails(session, f"include http.`{server}/silent`;").message


def test_stop_is_heard_while_a_server_says_nothing(session: Session, server: str) -> None:
    def stop() -> None:
        if Scripts.asked.wait(20):
            session.cancel()

    Scripts.asked.clear()
    stopper = threading.Thread(target=stop)
    stopper.start()
    assert isinstance(fails(session, f"include http.`{server}/silent`;"), Interrupted)
    stopper.join()


def test_an_error_in_a_text_from_a_server(session: Session, server: str) -> None:
    error = fails(session, f"\ninclude http.`{server}/late?token=s3cret`;")
    assert error.span is not None
    assert (error.span.line, error.span.text) == (3, "nope")
    assert error.notes == ("included from cell, line 2",)
    assert "s3cret" not in error.render()


def test_a_text_that_is_too_large(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "large.mlsql"
    with file.open("wb") as out:
        out.truncate(includes.MOST_BYTES + 1)
    assert "larger than" in fails(session, f"include project.`{file}`;").message


@pytest.mark.parametrize("what", ["", "folder", "pipe", "folder/x.mlsql/y", "x" * 300])
def test_what_is_no_file(session: Session, tmp_path: Path, what: str) -> None:
    import os

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x.mlsql").write_text("set a=1;")
    os.mkfifo(tmp_path / "pipe")
    for kind in ("project", "hdfs"):
        error = fails(session, f"include {kind}.`{tmp_path / what}`;")
        assert error.span is not None and error.span.text == str(tmp_path / what)


def test_includes_of_other_file_systems(session: Session) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/scripts/a.mlsql", b"select 7 as a as m;")
    session.run_text("include hdfs.`memory://scripts/a.mlsql`;")
    assert rows(session, "m") == [{"a": 7}]
    assert isinstance(fails(session, "include hdfs.`nothing://a`;"), BadOption)


def test_files_are_found_beside_the_file_that_includes_them_not_beside_the_cell(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.mlsql").write_text("include project.`./two`;")
    (tmp_path / "deep" / "two.byzer").write_text("select 2 as a as two;")
    session.run_text(f"include project.`{tmp_path}/deep/one`;")
    assert rows(session, "two") == [{"a": 2}]
    assert "there is no" in fails(session, "include project.`./two`;").message


def test_a_library_cannot_lead_out_of_the_home(engine_name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "deep").mkdir(parents=True)
    (home / "deep" / "one.mlsql").write_text("include project.`../../outside`;")
    (tmp_path / "outside.mlsql").write_text("select 1 as a as t;")
    with Session(Settings(engine=engine_name, home=str(home))) as session:
        assert isinstance(fails(session, "include project.`deep.one`;"), BadOption)
        assert isinstance(fails(session, "include hdfs.`../outside.mlsql`;"), BadOption)


def test_options_become_variables(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.mlsql").write_text('select "${who} ${who.else}" as a as t;')
    session.run_text(f'include project.`{tmp_path}/a` where who="me" and who.else="you";')
    assert rows(session, "t") == [{"a": "me you"}]


def test_a_notebook_is_read_whole_before_anything_of_it_runs(session: Session, tmp_path: Path) -> None:
    notebook = tmp_path / "n.bznb"
    notebook.write_text('{"cell_list": [{"content": "set a = 1;"}, {"content": "laod x;"}]}')
    error = fails(session, f"include project.`{notebook}`;")
    assert error.span is not None and error.span.source.name == f"{notebook}, cell 2"
    assert session.variables.get("a") is None


def test_cells_in_other_languages(engine_name: str, tmp_path: Path) -> None:
    notebook = tmp_path / "n.mlsqlnb"
    notebook.write_text(
        '[{"kind": 2, "language": "mlsql", "value": "#%markdown\\ntext"},'
        '{"kind": 2, "language": "mlsql", "value": "set a = 1;"},'
        '{"kind": 2, "language": "ipython", "value": "x = 1"}]'
    )
    with Session(Settings(engine=engine_name), read_statements) as session:
        assert isinstance(fails(session, f"include project.`{notebook}`;"), Unsupported)
        session.run_text(f"include project.`{notebook}#1`; include project.`{notebook}#2`;")
        assert session.variables.get("a") == "1"


def test_python_cells_of_a_notebook_run_and_fail_at_their_line(engine_name: str, tmp_path: Path) -> None:
    notebook = tmp_path / "n.ipynb"
    build = "#%python\n#%output=made\ncontext.build_result([{'a': 5}])"
    fail = "#%python\nfirst = 1\nfirst / 0"
    cells = [
        {"cell_type": "code", "source": text} for text in (build, "select a + 1 as b from made as t;", fail)
    ]
    notebook.write_text(json.dumps({"cells": cells}))
    with Session(Settings(engine=engine_name), read_statements) as session:
        error = fails(session, f"include project.`{notebook}`;")
        assert rows(session, "t") == [{"b": 6}]
    assert isinstance(error, WorkerError)
    assert f"{notebook}, cell 3" in error.render() and "line 3" in error.render()


def test_a_script_may_be_included_twice(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.mlsql").write_text('set n = "${n}x";')
    session.run_text(f"set n = ''; include project.`{tmp_path}/a`; include project.`{tmp_path}/a`;")
    assert session.variables.get("n") == "xx"


def test_includes_through_commands_and_blocks_go_in_a_circle_only_once(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "a.mlsql").write_text("!if 'true'; !again; !fi;")
    error = fails(session, f"set again = '''include project.`{tmp_path}/a`'''; !again;")
    assert error.message == f"includes go in a circle: {tmp_path}/a.mlsql -> !again -> {tmp_path}/a.mlsql"
