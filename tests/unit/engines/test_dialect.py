"""The dialect without Spark: what must hold whether or not the judge is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from pybyzer.engines.duckdb import DuckDBEngine
from pybyzer.engines.sparksql.call import RULES, UNSUPPORTED
from pybyzer.errors import EngineError, UnknownName, Unsupported
from pybyzer.settings import Settings


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(Settings(), lambda _: None)
    opened.ingest(
        "t", pa.table({"id": pa.array([1, 2, 3], pa.int32()), "k": ["a", "b", None], "a": [[1, 2], [], None]})
    )
    yield opened
    opened.close()


def rows(engine: DuckDBEngine, sql: str) -> list[tuple[Any, ...]]:
    engine.query(sql, "answer")
    return [tuple(row.values()) for row in engine.stream("answer").reader.read_all().to_pylist()]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("array(10, 20)[0]", 10),
        ("array(10, 20)[-1]", None),
        ("split('a.b', '\\\\.')[1]", "b"),
        ("concat(\"double\", 'single')", "doublesingle"),
        ("concat('a', null)", None),
        ("7 / 2", 3.5),
        ("1 / 0", None),
        ("-7 div 2", -3),
        ("cast(1.7 as int)", 1),
        ("cast('abc' as int)", None),
        ("cast('1.9' as int)", 1),
        ("cast(3000000000 as int)", -1294967296),
        ("cast(1e10 as string)", "1.0E10"),
        ("substring('hello', 0, 2)", "he"),
        ("regexp_replace('foo-bar', '(\\\\w+)-(\\\\w+)', '$2-$1')", "bar-foo"),
        ("dayofweek(date'2024-01-07')", 1),
        ("size(null)", -1),
        ("'a%' like 'a\\\\%'", True),
        ("'1' + 1", 2.0),
        ("'a' not like 'b%'", True),
    ],
)
def test_where_duckdb_alone_would_differ(engine: DuckDBEngine, expression: str, value: object) -> None:
    assert rows(engine, f"select {expression} as c") == [(value,)]


def test_null_is_first_ascending_and_last_descending(engine: DuckDBEngine) -> None:
    assert [row[0] for row in rows(engine, "select k from t order by k")] == [None, "a", "b"]
    assert [row[0] for row in rows(engine, "select k from t order by k desc")] == ["b", "a", None]


def test_outer_explode_keeps_rows(engine: DuckDBEngine) -> None:
    sql = "select id, e from t lateral view outer explode(a) x as e order by id, e"
    assert rows(engine, sql) == [(1, 1), (1, 2), (2, None), (3, None)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t version as of 3",
        "select id from t qualify row_number() over (order by id) = 1",
        "select distinct on (k) id from t",
        "merge into t using t s on t.id = s.id when matched then delete",
        "select upper(str => 'a')",
        "select count(*) from t tablesample (bucket 1 out of 2)",
        "select rand() as r, r + 1 as s",
    ],
)
def test_what_nobody_looks_at_is_refused(engine: DuckDBEngine, sql: str) -> None:
    with pytest.raises(Unsupported):
        engine.query(sql, "x")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select id + k.x from t", "k"),
        ("select sum(id) from t where sum(id) > 1", "having"),
        ("select id from t group by k", "id"),
        ("select case when 1 then 2 end", "boolean"),
        ("select array(1, array(2))", "do not meet"),
        ("select element_at(array(1), 0)", "counts from 1"),
        ("select length('a', 'b')", "takes 1 argument"),
        ("select explode(id) from t", "array or a map"),
        ("select 1 union select 1, 2", "columns"),
        ("select id from t order by 5", "no column 5"),
        ("select t.id, x.id from t, t x where id = 1", "several columns"),
        ("select row_number() from t", "over"),
    ],
)
def test_mistakes_say_what_is_wrong(engine: DuckDBEngine, sql: str, message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        engine.query(sql, "x")
    assert "Traceback" not in str(caught.value)


def test_an_error_of_the_database_is_placed_by_the_column_it_names(engine: DuckDBEngine) -> None:
    with pytest.raises(EngineError, match="GROUP BY") as caught:
        engine.query("select\n  id, count(*) from t group by k", "x")
    assert (caught.value.offset, caught.value.length) == (9, 2)
    assert "any_value" in str(caught.value.hint)


def test_a_known_function_that_is_not_done_is_unsupported_and_a_typing_mistake_is_not(
    engine: DuckDBEngine,
) -> None:
    with pytest.raises(Unsupported, match="the function from_protobuf"):
        engine.query("select from_protobuf('a')", "x")
    with pytest.raises(Unsupported, match="the table function python_worker_logs"):
        engine.query("select * from python_worker_logs()", "x")
    with pytest.raises(UnknownName) as caught:
        engine.query("select uper('a')", "x")
    assert str(caught.value.hint).startswith('did you mean "upper"')


def test_a_function_is_either_done_or_refused(engine: DuckDBEngine) -> None:
    engine.query("select 1", "x")
    assert len(RULES) > 300
    assert not set(RULES) & set(UNSUPPORTED)


def test_joins_on_a_column_of_both_keep_one(engine: DuckDBEngine) -> None:
    engine.query("select * from t join (select 1 id, 'x' extra) using (id)", "joined")
    assert engine.schema("joined").names == ["id", "k", "a", "extra"]


def test_a_correlated_subquery_sees_the_outer_row(engine: DuckDBEngine) -> None:
    sql = "select id, (select max(b.id) from t b where b.id < t.id) below from t order by id"
    assert rows(engine, sql) == [(1, None), (2, 1), (3, 2)]
