"""Jobs: what is remembered of statements, what is not shown, and how another thread stops them."""

from __future__ import annotations

import threading
import time

import pytest

from pybyzer import Session
from pybyzer.concealed import public_text
from pybyzer.errors import CommandError, EngineError, Interrupted
from pybyzer.jobs import KEPT, State
from pybyzer.lang.parser import parse

ENDLESS = (
    "select 1 as a as t; select count(*) as n from range(1000000000000) a where hash(id) = 7 as endless;"
)


def test_a_statement_is_a_job_of_its_cell(session: Session) -> None:
    session.run_text("select 1 as a as t; select 2 as b as u;")
    session.run_text("!show jobs;")
    jobs = list(session.jobs)
    assert [job.id for job in jobs] == ["1.1", "1.2", "2.1"]
    assert [(job.name, job.total, job.state) for job in jobs[:2]] == [
        ("select as t", 2, State.DONE),
        ("select as u", 2, State.DONE),
    ]
    assert jobs[0].content == "select 1 as a as t"
    assert all(job.seconds is not None and job.seconds >= 0 for job in jobs)


def test_a_failed_statement_says_so(session: Session) -> None:
    with pytest.raises(EngineError):
        session.run_text("select 1 as a as t; select nothing from t as u; select 3 as c as v;")
    assert [(job.name, job.state, job.error) for job in session.jobs] == [
        ("select as t", State.DONE, ""),
        ("select as u", State.FAILED, "EngineError"),
    ]


def test_only_the_last_jobs_are_remembered(session: Session) -> None:
    session.run(parse("!println 'x';") * (KEPT + 5))
    assert len(list(session.jobs)) == KEPT
    assert next(iter(session.jobs)).index == 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            'load jdbc.`db.t` where user="me" and password="hunter2" as t',
            'load jdbc.`db.t` where user="…" and password="…" as t',
        ),
        ('connect jdbc where url="hunter2" as db', 'connect jdbc where url="…" as db'),
        ('set password = "hunter2"', 'set password = "…"'),
        ('!python conf "token=hunter2"', "!python conf …"),
        ("!sh script '''echo hunter2'''", "!sh script …"),
        ('!println "hunter2"', "!println …"),
        ("!own_command hunter2", "!own_command …"),
        ("!show et/params/RateSampler", "!show et/params/RateSampler"),
        ("!help", "!help"),
        (
            "load Rest.`https://me:hunter2@host/path?token=hunter2` as t",
            "load Rest.`https://…@host/path?…` as t",
        ),
        ("select 'a?b' as c as t", "select 'a?b' as c as t"),
    ],
)
def test_no_secrets_are_shown(text: str, shown: str) -> None:
    (statement,) = parse(text + ";")
    assert public_text(statement) == shown


def test_a_job_row_has_no_secrets(session: Session, tmp_path: object) -> None:
    session.run_text(f'select 1 as a as t; save overwrite t as csv.`{tmp_path}/t` where nullValue="hunter2";')
    session.run_text("!lastCommand named job;")
    (row,) = session.table("job").reader.read_all().to_pylist()
    assert "hunter2" not in str(row)
    assert row["groupId"] == "1"


def _in_a_thread(session: Session, text: str) -> tuple[threading.Thread, list[BaseException]]:
    """Run a cell elsewhere; returns when its second statement runs."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            session.run_text(text)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not any(job.id == "1.2" and job.state is State.RUNNING for job in session.jobs):
        time.sleep(0.01)
    return thread, errors


@pytest.mark.parametrize("name", ["1", "1.2", "select as endless"])
def test_kill_from_another_thread(session: Session, name: str) -> None:
    thread, errors = _in_a_thread(session, ENDLESS)
    shown = session.run_text(f'!kill "{name}";')
    thread.join(30)
    assert [type(error) for error in errors] == [Interrupted]
    assert shown is not None
    (row,) = session.table(shown).reader.read_all().to_pylist()
    assert row["param"] == name
    assert row["description"].startswith(f"The job {name} was stopped after ")
    first, endless, *others = session.jobs
    assert (first.state, endless.state) == (State.DONE, State.STOPPED)
    assert [job.name for job in others] == ["!kill"]
    assert session.run_text("select 1 as a as t;") == "t"


def test_kill_what_does_not_run(session: Session) -> None:
    session.run_text("select 1 as a as t;")
    assert session.kill("1") is False
    shown = session.run_text("!kill 1;")
    assert shown is not None
    (row,) = session.table(shown).reader.read_all().to_pylist()
    assert row["description"] == "You can not kill the job 1 cause it not exist any more"


def test_kill_leaves_other_jobs_alone(session: Session) -> None:
    thread, errors = _in_a_thread(session, ENDLESS)
    assert session.kill("7") is False
    assert session.kill("1.2") is True
    thread.join(30)
    assert [type(error) for error in errors] == [Interrupted]


def test_a_command_does_not_kill_itself(session: Session) -> None:
    with pytest.raises(CommandError, match="this very command"):
        session.run_text("select 1 as a as t; !kill 1;")
