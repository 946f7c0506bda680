"""``set``: what each type gives, and what stops it; secrets stay out of messages."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pybyzer import ByzerError, Session, Settings
from pybyzer.errors import BadOption, CommandError, Interrupted, ParseError, UnknownName


def fails(session: Session, text: str) -> ByzerError:
    with pytest.raises(ByzerError) as caught:
        session.run_text(text)
    return caught.value


def test_a_script_of_the_shell_can_be_stopped(session: Session, tmp_path: Path) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            session.run_text(f"set a = '''echo $$ > {tmp_path}/pid; sleep 60 & wait''' where type=\"shell\";")
        except ByzerError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.01)
    session.cancel()
    thread.join(30)
    assert [type(error) for error in raised] == [Interrupted]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert session.variables.get("a") is None


def test_a_script_that_is_killed(session: Session) -> None:
    error = fails(session, "set a = 'kill -9 $$' where type=\"shell\";")
    assert isinstance(error, CommandError)
    assert error.message == "the script was killed by SIGKILL"


def test_a_failing_set_keeps_the_earlier_value(session: Session) -> None:
    session.run_text('set a = "1"; select 1 as x as t;')
    fails(session, 'set a = "select nope from t" where type="sql";')
    fails(session, 'set a = "exit 1" where type="shell";')
    fails(session, 'set a = "#if(" ;')
    assert session.variables.get("a") == "1"
    assert [name for name in session.engine.tables() if name.startswith("set")] == []  # type: ignore[attr-defined]


def test_a_bad_template_of_a_value_has_its_place(session: Session) -> None:
    error = fails(session, "set a = '''one\n  #if($x ==)'''; ")
    assert isinstance(error, ParseError)
    assert error.span is not None
    assert (error.span.line, error.span.column) == (2, 12)


def test_dialects_are_checked_when_the_session_opens() -> None:
    with pytest.raises(BadOption, match='did you mean "duckdb"'):
        Settings.load(environ={"PYBYZER_DIALECT": "duckdbb"})


def test_dates_follow_the_zone_of_the_session(session: Session) -> None:
    session.run_text('set timezone = "Pacific/Kiritimati" where type="conf";')
    assert session.variables.fill('${date.toString("ZZ")}') == "+14:00"
    session.run_text('set timezone = "Nowhere" where type="conf";')
    assert isinstance(fails(session, '!println "${today}";'), BadOption)


@pytest.mark.parametrize(
    "sql",
    [
        "select '${password}' as a, nope as b from t as u;",
        "select ${password} as a from t as u;",
        "select * from ${password} as u;",
        "select '${both}' as a, nope as b from t as u;",
        "select :password as a, nope as b from t as u;",
        "select #set($p = $password) '$p' as a, nope as b from t as u;",
        "select '${password}' as a from t where ( as u;",
        "select '${hid}' as a, nope as b from t as u;",
        "insert into t select '${hid}', nope from t;",
    ],
)
def test_no_secret_reaches_a_message(session: Session, sql: str) -> None:
    session.run_text(
        'select 1 as x as t; set password = "hunter2"; set both = "x${password}y"; '
        'set hid = "hunter2" where visible="un_select";'
    )
    assert "hunter2" not in fails(session, sql).render()


def test_short_secrets_stay_references(session: Session) -> None:
    session.run_text('set token = "7";')
    error = fails(session, "select ${token} as a, 7 as b, nope as c from command as u;")
    assert "select ${token} as a, 7 as b, nope as c from command" in error.notes[0]


def test_bound_values_point_at_the_user_s_text(session: Session) -> None:
    session.run_text('set x = "a long text that moves what follows"; select 1 as a as t;')
    error = fails(session, "select :x as x,\n ${missing2} as y from t as u;")
    assert isinstance(error, UnknownName)
    error = fails(session, "select :x as x,\n nope as y from t as u;")
    assert error.span is not None
    assert (error.span.line, error.span.text) == (2, "nope")


def test_a_message_shows_the_beginning_of_long_sql(session: Session) -> None:
    error = fails(session, "select #foreach($i in [1..5000])$i as c$i,#end nope as x from command as t;")
    assert error.span is not None
    assert error.span.text == "nope"
    assert error.notes[0].endswith("…")
    assert len(error.notes[0]) < 5000
