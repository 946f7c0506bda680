"""``:name`` in SQL: where it is a variable, and what becomes of it."""

from __future__ import annotations

import pytest

from pybyzer.binding import bind


def bound(sql: str, *, doubled: bool = False) -> str:
    values = {"x": "1", "odd": "a'b\\c"}
    return bind(sql, lambda name, offset: values[name], doubled=doubled).text


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("select :x", "select '1'"),
        ("where a=:x", "where a='1'"),
        ("where a >:x and b in (:x,:x)", "where a >'1' and b in ('1','1')"),
        ("a between :x AND :x", "a between '1' AND '1'"),
        ("case when :x then :x else :x end", "case when '1' then '1' else '1' end"),
        ("f(:x, -:x)[:x]", "f('1', -'1')['1']"),
        ("limit :x", "limit '1'"),
        ("cast(:x as int)", "cast('1' as int)"),
        ("select :x::int", "select '1'::int"),
        ("select :odd", "select 'a\\'b\\\\c'"),
        ("not :x or /* :x */ :x -- :x", "not '1' or /* :x */ '1' -- :x"),
    ],
)
def test_variables(sql: str, text: str) -> None:
    assert bound(sql) == text


@pytest.mark.parametrize(
    "sql",
    [
        "a:x",
        "a:x.y[0]:x",
        "a :x",
        "f(a):x",
        "`a`:x",
        "'a':x",
        "a::x",
        "a:: x",
        "'where :x'",
        '"where :x"',
        "`where :x`",
        "cast(a as struct<x:x, when:x, `k`:x>)",
        "cast(a as struct<x :x>)",
        "select {'a':x}",
        "where : x",
        "where :{x}",
        "where :1",
        "select ':x",
    ],
)
def test_what_only_looks_like_one(sql: str) -> None:
    assert bound(sql) == sql


def test_duckdb_doubles_quotes_and_has_slices() -> None:
    assert bound("select :odd, a[:x], {'k': :x}", doubled=True) == "select 'a''b\\c', a[:x], {'k': '1'}"


def test_the_way_back() -> None:
    sql = "select :odd, b, :x from t"
    made = bind(sql, lambda name, offset: name * 5)
    start, end = made.origin(made.text.index("b,"))
    assert sql[start:end] == "b"
    start, end = made.origin(made.text.index("'x"))
    assert sql[start:end] == ":x"
    start, end = made.origin(made.text.index("from"), 4)
    assert sql[start:end] == "from"
