"""Selects in DuckDB's own SQL: tables of both dialects, types, places of errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pybyzer import ByzerError, Session, Settings
from pybyzer.errors import EngineError, ParseError, UnknownName, Unsupported


@pytest.fixture
def own() -> Iterator[Session]:
    with Session(Settings(dialect="duckdb")) as session:
        session.run_text("select 1 as a, 'é' as b union all select 2, 'x' as t;")
        yield session


def rows(session: Session, name: str) -> list[dict[str, object]]:
    return session.table(name).reader.read_all().to_pylist()


def fails(session: Session, text: str) -> ByzerError:
    with pytest.raises(ByzerError) as caught:
        session.run_text(text)
    return caught.value


def test_a_name_defined_from_itself(own: Session) -> None:
    own.run_text("select a + 1 as a from T as t;")
    assert rows(own, "t") == [{"a": 2}, {"a": 3}]


def test_tables_keep_what_they_were_made_from(own: Session) -> None:
    own.run_text("select sum(a) as s from t as u; select 9 as a as t;")
    assert rows(own, "u") == [{"s": 3}]


def test_order_is_kept(own: Session) -> None:
    own.run_text("select i from range(100000) r(i) order by i desc as n;")
    assert session_values(own, "n")[:3] == [99999, 99998, 99997]


def session_values(session: Session, name: str) -> list[object]:
    return [value for row in rows(session, name) for value in row.values()]


def test_random_rows_stay(own: Session) -> None:
    own.run_text("select uuid() as u from range(3) as r;")
    assert rows(own, "r") == rows(own, "r")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1::hugeint", "decimal(38,0)"),
        ("1::utinyint", "smallint"),
        ("1::ubigint", "decimal(20,0)"),
        ("uuid()", "string"),
        ("[1,2]::int[2]", "array<int>"),
        ("'a'::enum('a')", "string"),
        ("map {'k': 1}", "map<string,int>"),
        ("now()", "timestamp"),
    ],
)
def test_types_become_sparks(own: Session, value: str, kind: str) -> None:
    own.run_text(f'select {value} as v as typed; set dialect="spark" where type="conf";')
    own.run_text("select typeof(v) as k from typed as kinds;")
    assert rows(own, "kinds") == [{"k": kind}]


@pytest.mark.parametrize(
    ("sql", "error", "place"),
    [
        ("select 'é', nope from t as u;", EngineError, "nope"),
        ("select a,\n 'éé' || nope(b) from t as u;", UnknownName, "nope(b)"),
        ("select * from nowhere as u;", UnknownName, "nowhere"),
        ("select a frm t where as u;", ParseError, "t"),
        ("select t.nope from t as u;", EngineError, "t.nope"),
        ("select (a from t as u;", ParseError, None),
        ("select '2020'::date + [1] from t as u;", EngineError, None),
        ("select union_value(k := 1) as v as u;", Unsupported, None),
    ],
)
def test_errors_have_their_place(own: Session, sql: str, error: type[ByzerError], place: str | None) -> None:
    caught = fails(own, sql)
    assert isinstance(caught, error)
    assert caught.span is not None
    if place is not None:
        assert caught.span.text == place


def test_names_that_need_quotes(own: Session) -> None:
    own.run_text('select 1 as "two words", 2 as "quo""te" as `odd table`; select * from "Odd Table" as u;')
    assert rows(own, "u") == [{"two words": 1, 'quo"te': 2}]


def test_statements_stay_sparks(own: Session) -> None:
    own.run_text("create table kept (a int); insert into kept values (1); select a from kept as u;")
    assert rows(own, "u") == [{"a": 1}]
