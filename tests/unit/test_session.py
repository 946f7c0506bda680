"""A session runs statements, keeps what succeeded, and says where things failed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pybyzer import ByzerError, Session, Settings
from pybyzer.errors import BadOption, Interrupted, UnknownName, Unsupported
from pybyzer.events import Event, Failed, Finished, Started, TableReady


def rows(session: Session, name: str) -> list[dict[str, object]]:
    return session.table(name).reader.read_all().to_pylist()


def fails(session: Session, text: str) -> ByzerError:
    with pytest.raises(ByzerError) as caught:
        session.run_text(text)
    return caught.value


def test_the_last_table_is_shown_and_named(session: Session) -> None:
    events: list[Event] = []
    assert session.run_text("select 1 as id as a; select id + 1 as id from a as b;", events.append) == "b"
    shown = [event for event in events if isinstance(event, TableReady)]
    assert [event.rows.to_pylist() for event in shown] == [[{"id": 2}]]
    assert [type(event) for event in events] == [Started, Finished, Started, Finished, TableReady]


def test_a_name_can_be_defined_from_itself(session: Session) -> None:
    session.run_text("select 1 as id as t; select id + 1 as id from t as t; select id from t as u;")
    assert rows(session, "u") == [{"id": 2}]


def test_an_earlier_table_keeps_what_it_was_made_from(session: Session) -> None:
    session.run_text("select 1 as id as t; select id from t as u; select 9 as id as t;")
    assert rows(session, "u") == [{"id": 1}]


def test_a_failed_statement_leaves_earlier_tables(session: Session) -> None:
    error = fails(session, "select 1 as id as t; select nope from t as t;")
    assert error.span is not None
    assert (error.span.line, error.span.text) == (1, "nope")
    assert rows(session, "t") == [{"id": 1}]


def test_the_failure_is_an_event_too(session: Session) -> None:
    events: list[Event] = []
    with pytest.raises(UnknownName):
        session.run_text("load nope.`x` as t;", events.append)
    assert isinstance(events[-1], Failed)
    assert events[-1].label == "load nope as t"


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("load jsn.`x` as t;", "jsn", 'did you mean "json"'),
        ("!shw tables;", "shw", '"show"'),
        ("run command as TableRepartitio.`` as t;", "TableRepartitio", '"TableRepartition"'),
        (
            "select 1 as a as customers; save customer as parquet.`x`;",
            "customer",
            'did you mean "customers"?',
        ),
    ],
)
def test_unknown_names_point_at_the_name(session: Session, text: str, place: str, hint: str) -> None:
    error = fails(session, text)
    assert isinstance(error, UnknownName)
    assert error.span is not None
    assert error.span.text == place
    assert hint in (error.hint or "")


def test_variables_are_filled_and_outlive_the_cell(session: Session) -> None:
    session.run_text('set who = "world"; set greeting = "hello ${who}";')
    session.run_text('select "${greeting}" as text as t;')
    assert rows(session, "t") == [{"text": "hello world"}]


def test_a_default_parameter_gives_way(session: Session) -> None:
    session.run_text('set a = "1"; set a = "2" where type="defaultParam"; select "${a}" as a as t;')
    assert rows(session, "t") == [{"a": "1"}]


def test_a_variable_from_sql(session: Session) -> None:
    session.run_text('set n = "select max(id) from range(5)" where type="sql"; select ${n} as n as t;')
    assert rows(session, "t") == [{"n": 4}]


def test_a_hidden_variable_stays_out_of_selects(session: Session) -> None:
    session.run_text("""set secret = "s" where visible="un_select"; select '${secret}' as a as t;""")
    assert rows(session, "t") == [{"a": "${secret}"}]


def test_an_error_in_filled_sql_shows_the_sql(session: Session) -> None:
    session.run_text('set column = "nope";')
    error = fails(session, "select ${column} from command as t;")
    assert any("select nope from command" in note for note in error.notes)


def test_include_runs_a_file_and_points_into_it(session: Session, tmp_path: Path) -> None:
    script = tmp_path / "part.mlsql"
    script.write_text("select 1 as id as included;\nselect nope from included as u;")
    error = fails(session, f"\ninclude project.`{script}`;")
    assert rows(session, "included") == [{"id": 1}]
    assert error.span is not None
    assert (error.span.source.name, error.span.line) == (str(script), 2)
    assert "included from cell, line 2" in error.notes


def test_includes_in_a_circle_end(session: Session, tmp_path: Path) -> None:
    script = tmp_path / "a.mlsql"
    script.write_text(f"include project.`{script}`;")
    assert "circle" in fails(session, f"include project.`{script}`;").message


def test_an_include_stays_below_the_home(engine_name: str, tmp_path: Path) -> None:
    inside = tmp_path / "home" / "me"
    inside.mkdir(parents=True)
    (tmp_path / "outside.mlsql").write_text("select 1 as id as outside;")
    (inside / "inside.mlsql").write_text("select 2 as id as inside;")
    with Session(Settings(engine=engine_name, home=str(tmp_path / "home"), owner="me")) as session:
        session.run_text("include project.`/inside.mlsql`;")
        assert rows(session, "inside") == [{"id": 2}]
        error = fails(session, "include project.`../../outside.mlsql`;")
        assert isinstance(error, BadOption)
        assert error.span is not None and error.span.text == "../../outside.mlsql"
        assert isinstance(fails(session, "include project.`x://../outside.mlsql`;"), Unsupported)


def test_a_missing_include_points_at_its_path(session: Session) -> None:
    error = fails(session, "include project.`./nowhere.mlsql`;")
    assert error.span is not None
    assert error.span.text == "./nowhere.mlsql"


def test_file_num_must_be_a_number(session: Session, tmp_path: Path) -> None:
    error = fails(session, f'save command as parquet.`{tmp_path}/x` where fileNum="some";')
    assert isinstance(error, BadOption)
    assert error.span is not None
    assert error.span.text == "fileNum"


def test_a_save_answers_the_last_command_but_is_not_shown(session: Session, tmp_path: Path) -> None:
    events: list[Event] = []
    name = session.run_text(f"save command as parquet.`{tmp_path}/x`;", events.append)
    assert name is not None
    assert rows(session, name)[0]["jobName"] == "save command as parquet"
    assert not [event for event in events if isinstance(event, TableReady)]


def test_a_fixed_setting_cannot_change(session: Session) -> None:
    assert isinstance(fails(session, 'set engine = "spark" where type="conf";'), BadOption)


def test_cancel_stops_a_query_and_the_next_one_runs(session: Session) -> None:
    raised: list[BaseException] = []

    def long() -> None:
        try:
            session.run_text("select sum(a.id * b.id) as s from range(1000000) a, range(1000000) b as t;")
        except ByzerError as error:
            raised.append(error)

    thread = threading.Thread(target=long)
    thread.start()
    time.sleep(0.5)
    session.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert isinstance(raised[0], Interrupted)
    session.run_text("select 1 as id as t;")
    assert rows(session, "t") == [{"id": 1}]


def test_two_sessions_share_nothing(tmp_path: Path) -> None:
    with Session(Settings(lake=str(tmp_path))) as one, Session(Settings(lake=str(tmp_path))) as two:
        one.run_text('set a = "1"; select 1 as id as t;')
        assert two.variables.get("a") is None
        assert isinstance(fails(two, "select * from t as u;"), UnknownName)


def test_closing_twice_is_fine() -> None:
    session = Session()
    session.close()
    session.close()
