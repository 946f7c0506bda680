"""Blocks run: the statements of the branch that holds, in order, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybyzer import ByzerError, Session, Settings
from pybyzer.errors import BadOption, Interrupted, ParseError, UnknownName
from pybyzer.events import Event, Failed, Finished, Printed, Started, TableReady

Program: TypeAlias = "list[int | list[tuple[bool | None, Program]]]"
"""Numbers to print, and blocks: for each branch what its condition is (None for else), and its body."""


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One session for many programs."""
    with Session(Settings(lake=str(tmp_path_factory.mktemp("lake")))) as session:
        yield session


def written(program: Program) -> str:
    parts = []
    for item in program:
        if isinstance(item, int):
            parts.append(f'!println "{item}";')
            continue
        for number, (condition, body) in enumerate(item):
            word = (
                "!else" if condition is None else f'!{"elif" if number else "if"} "{str(condition).lower()}"'
            )
            parts.append(f"{word};{written(body)}")
        parts.append("!fi;")
    return "\n".join(parts)


def expected(program: Program) -> list[int]:
    """The oracle: what a reader would say is printed."""
    found: list[int] = []
    for item in program:
        if isinstance(item, int):
            found.append(item)
        else:
            found += next((expected(body) for condition, body in item if condition is not False), [])
    return found


def blocks(inner: st.SearchStrategy[Program]) -> st.SearchStrategy[list[tuple[bool | None, Program]]]:
    chain = st.lists(st.tuples(st.booleans(), inner), min_size=1, max_size=3)
    last = st.lists(st.tuples(st.none(), inner), max_size=1)
    return st.builds(lambda first, end: [*first, *end], chain, last)


numbers = st.integers(0, 9)
programs = st.recursive(
    st.lists(numbers, max_size=2), lambda inner: st.lists(numbers | blocks(inner), max_size=3), max_leaves=8
)


@settings(max_examples=40, deadline=None)
@given(programs)
def test_nested_blocks_print_what_a_reader_says(calm: Session, program: Program) -> None:
    events: list[Event] = []
    calm.run_text(written(program), events.append)
    assert [int(event.text) for event in events if isinstance(event, Printed)] == expected(program)
    assert sum(isinstance(event, Started) for event in events) == sum(isinstance(e, Finished) for e in events)


def test_skipped_statements_emit_nothing(session: Session) -> None:
    events: list[Event] = []
    session.run_text('!if "false"; !sh nothing; !else; set a = 1; !fi;', events.append)
    assert [event.label for event in events if isinstance(event, Started)] == ["!if", "set a"]
    assert not [event for event in events if isinstance(event, TableReady)]


def test_a_failing_condition_is_an_event_and_runs_nothing(session: Session) -> None:
    events: list[Event] = []
    with pytest.raises(UnknownName, match='no variable "nope"'):
        session.run_text('!if ":nope"; set a = 1; !else; set a = 2; !fi;', events.append)
    assert [event.label for event in events if isinstance(event, Failed)] == ["!if"]
    assert session.variables.get("a") is None


def test_a_block_that_does_not_end_is_found_before_anything_runs(session: Session) -> None:
    events: list[Event] = []
    with pytest.raises(ParseError, match="no !fi"):
        session.run_text('set a = 1; !if "true";', events.append)
    assert (events, session.variables.get("a")) == ([], None)


def test_what_a_condition_assigned_goes_with_its_block_also_after_an_error(session: Session) -> None:
    with pytest.raises(ByzerError):
        session.run_text('!if "select 1 as :x; true"; select nope from command as t; !fi;')
    assert session.variables.get("x") is None
    session.run_text('!if "select 2 as :x; true"; set kept = "${x}"; !fi;')
    assert (session.variables.get("kept"), session.variables.get("x")) == ("2", None)


def test_types_are_kept_in_the_chain_and_in_inner_blocks(session: Session) -> None:
    session.run_text("""
        !if ''' select array(10, 20) as :list, 1.5D as :half; false ''';
        !elif ''' select :list[1] + :half as :sum; :sum == 21.5 ''';
          !if ''' :list[0] < :sum '''; set seen = "${sum} ${list}"; !fi;
        !fi;
    """)
    assert session.variables.get("seen") == "21.5 [10, 20]"


def test_an_inner_value_stands_before_an_outer_one_of_another_type(session: Session) -> None:
    session.run_text("""
        !if ''' select array(1) as :x; true ''';
          !if ''' select "text" as :x; length(:x) == 4 '''; set inner = "${x}"; !fi;
          !if ''' :x[0] == 1 '''; set outer = "${x}"; !fi;
        !fi;
    """)
    assert (session.variables.get("inner"), session.variables.get("outer")) == ("text", "[1]")


@pytest.mark.parametrize("condition", ["1", "'true'", "array(true)", "select 2 as :x; :x"])
def test_a_condition_is_true_or_false(session: Session, condition: str) -> None:
    with pytest.raises(BadOption, match="neither true nor false"):
        session.run_text(f'!if "{condition}"; !fi;')


def test_a_condition_shows_no_secret(session: Session) -> None:
    session.run_text('set password = "s3cret";')
    for condition in (":password", "no_such(:password)", "date_format(:password, 'QQQQQQQ') = 1"):
        with pytest.raises(ByzerError) as caught:
            session.run_text(f'!if "{condition}"; !fi;')
        assert "s3cret" not in caught.value.render()


def test_conditions_leave_no_tables(session: Session) -> None:
    session.run_text("set n = 1; !if ''' select array(1) as :x; :n == 1 '''; !if ':x[0] = 1'; !fi; !fi;")
    assert session.catalog.names() == []
    assert [row["tableName"] for row in _rows(session, "!show tables;")] == []


def _rows(session: Session, text: str) -> list[dict[str, object]]:
    name = session.run_text(text)
    assert name is not None
    return session.table(name).reader.read_all().to_pylist()


def test_stop_is_heard_between_the_statements_of_a_block(session: Session) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Printed):
            session.cancel()

    with pytest.raises(Interrupted):
        session.run_text('!if "true"; !println "x"; set a = 1; !fi;', stop)
    assert session.variables.get("a") is None


def test_errors_of_a_result_point_at_the_statement_of_the_branch(session: Session) -> None:
    """A table is computed when it is shown, after its block has ended."""
    session.run_text("select '1' as a as t;")
    with pytest.raises(ByzerError) as caught:
        session.run_text("!if 'true';\nselect raise_error('late') as e from t as u;\n!fi;")
    assert caught.value.span is not None
    assert caught.value.span.line == 2
