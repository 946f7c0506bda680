"""Where a select ends and its table begins."""

from __future__ import annotations

import pytest

from pybyzer.lang.ast import Quote, Select
from tests.unit.lang.shapes import failure, only


@pytest.mark.parametrize(
    ("text", "sql", "table"),
    [
        ("select 1 as a as b", "select 1 as a", "b"),
        ("SELECT a AS x FROM t AS out", "SELECT a AS x FROM t", "out"),
        ("select 1 as a as `${name}`", "select 1 as a", "${name}"),
        ("select 1 as a as ${name}", "select 1 as a", "${name}"),
        ("select 1 as a as t_${x.y}_2", "select 1 as a", "t_${x.y}_2"),
        ("select 'x as y; z' as c as t", "select 'x as y; z' as c", "t"),
        ("select count(*) from t as t2", "select count(*) from t", "t2"),
        ("select 1 as a\n-- the end\nas t -- really", "select 1 as a", "t"),
        ("select x as predict from t as u", "select x as predict from t", "u"),
        ("select 1 as 200", "select 1", "200"),
        ("select '''a;''' as b as t", "select '''a;''' as b", "t"),
        ("select `a;b` from `as t` as u", "select `a;b` from `as t`", "u"),
        ("with x as (select 1) select * from x as t", "with x as (select 1) select * from x", "t"),
    ],
)
def test_the_final_as_names_the_table(text: str, sql: str, table: str) -> None:
    found = only(text + " ;")
    assert isinstance(found, Select)
    assert found.sql.value == found.sql.span.text == sql
    assert found.table is not None
    assert found.table.value == found.table.span.text == table
    assert found.span.text == text.removesuffix(" -- really")


@pytest.mark.parametrize(
    "text",
    [
        "select * from t",
        "select 1",
        "select cast(a as int)",
        "select a from db.t",
        "select 'as t'",
        "select a from ${table}",
        "select map['a'].b from t limit 10",
        "with x as (select 1)\nselect * from x",
        "select 1 as a\nunion all\nselect 2",
        "select a as b, load\nfrom t",
    ],
)
def test_without_a_final_as_there_is_no_table(text: str) -> None:
    found = only(text)
    assert isinstance(found, Select)
    assert (found.sql.value, found.table) == (text, None)


def test_the_table_keeps_its_quote() -> None:
    found = only("select 1 as `a b`")
    assert isinstance(found, Select)
    assert found.table is not None
    assert (found.table.value, found.table.quote) == ("a b", Quote.BACK)


def test_doubled_back_quotes_are_one() -> None:
    found = only("select 1 as `a``b`")
    assert isinstance(found, Select)
    assert found.table is not None
    assert found.table.value == "a`b"


def test_a_select_needs_columns() -> None:
    assert failure("select as t").message == "expected columns, found the end"
    assert failure("select;").message == 'expected something after select, found ";"'
