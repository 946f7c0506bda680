"""Selects that hypothesis makes over edge values (groups, joins, windows); Spark is the judge."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.differential import judge

pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

ROWS = """(select * from values
  (1, 'a', cast('NaN' as double), cast(0.05 as decimal(10,2)), date'2024-02-29',
   timestamp'2024-02-29 23:59:59.999999', 9223372036854775807L, true),
  (2, null, cast('Infinity' as double), cast(-99999999.99 as decimal(10,2)), date'1970-01-01',
   timestamp'1969-12-31 23:59:59', -9223372036854775807L, false),
  (3, '', -0.0d, null, date'9999-10-31', timestamp'1986-05-04 03:30:00', 0L, null),
  (4, 'a', 2.5d, cast(2.50 as decimal(10,2)), null, null, null, true),
  (null, 'b', null, cast(0 as decimal(10,2)), date'0002-01-01', timestamp'2024-01-01 00:00:00', 7L, false)
  as v(i, s, x, d, dt, ts, b, f))"""

NUMBERS = [
    "i",
    "x",
    "d",
    "i + 1",
    "d * 2",
    "x / 2",
    "i % 3",
    "abs(d)",
    "round(d, 1)",
    "floor(d)",
    "d / 3",
    "-i",
    "sign(x)",
]
TEXTS = ["s", "upper(s)", "concat(s, 'z')", "string(i)", "coalesce(s, 'n')", "string(dt)"]
DATES = ["dt", "add_months(dt, 1)", "last_day(dt)", "dt + interval 1 day", "trunc(dt, 'MM')", "to_date(ts)"]
MOMENTS = ["ts", "ts + interval 1 month", "date_trunc('day', ts)", "ts - interval 2 hours", "timestamp(dt)"]
PARTS = [
    "year(dt)",
    "month(ts)",
    "day(dt)",
    "hour(ts)",
    "dayofweek(dt)",
    "quarter(ts)",
    "weekofyear(dt)",
    "datediff(dt, date'2024-01-01')",
]
CONDITIONS = [
    "i > 1",
    "x = x",
    "d between -1 and 3",
    "s in ('a', 'b')",
    "dt > '1999-12-31'",
    "f",
    "s is null",
    "not f",
    "x > d",
    "i <=> null",
]
AGGREGATES = ["count(*)", "count({})", "min({})", "max({})", "count(distinct {})"]
SUMS = ["sum({})", "avg({})", "max({})", "min({})", "count_if({} > 1)", "sum(distinct {})"]
WINDOWS = [
    "row_number()",
    "rank()",
    "dense_rank()",
    "lag(i)",
    "lead(s)",
    "sum(i)",
    "count(x)",
    "min(dt)",
    "first_value(s)",
    "ntile(2)",
]

anything = st.sampled_from(NUMBERS + TEXTS + DATES + MOMENTS + PARTS + CONDITIONS)
conditions = st.sampled_from(CONDITIONS)


@st.composite
def plain(draw: Any) -> str:
    items = draw(st.lists(anything, min_size=1, max_size=5))
    where = f" where {draw(conditions)}" if draw(st.booleans()) else ""
    return f"select {', '.join(items)} from {ROWS}{where}"


@st.composite
def grouped(draw: Any) -> str:
    keys = draw(
        st.lists(st.sampled_from(["s", "f", "year(dt)", "i % 2"]), min_size=1, max_size=2, unique=True)
    )
    items = [draw(st.sampled_from(AGGREGATES)).format(draw(st.sampled_from(TEXTS + DATES + MOMENTS)))]
    items.append(draw(st.sampled_from(SUMS)).format(draw(st.sampled_from(["i", "d", "i + 1", "d * 2"]))))
    how = draw(st.sampled_from(["", " with rollup", " with cube"]))
    return f"select {', '.join([*keys, *items])} from {ROWS} group by {', '.join(keys)}{how}"


@st.composite
def joined(draw: Any) -> str:
    how = draw(
        st.sampled_from(["join", "left join", "right join", "full join", "left semi join", "left anti join"])
    )
    on = draw(st.sampled_from(["p.i = q.i + 1", "p.s = q.s", "p.i < q.i", "p.s <=> q.s and p.f = q.f"]))
    columns = "p.i, p.s" if "semi" in how or "anti" in how else "p.i, p.s, q.i, q.dt"
    return f"select {columns} from {ROWS} p {how} {ROWS} q on {on}"


@st.composite
def windowed(draw: Any) -> str:
    call = draw(st.sampled_from(WINDOWS))
    by = draw(st.sampled_from(["", "partition by s ", "partition by f "]))
    order = draw(st.sampled_from(["i", "i desc", "i nulls last"]))
    framed = call.split("(")[0] in ("sum", "count", "min", "first_value")
    frames = [
        "",
        " rows between 1 preceding and current row",
        " rows between unbounded preceding and 1 following",
    ]
    frame = draw(st.sampled_from(frames)) if framed else ""
    return f"select i, {call} over ({by}order by {order}{frame}) w from {ROWS}"


@pytest.fixture(scope="module")
def sides() -> Iterator[tuple[Any, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spark, engine = judge.open_spark(), judge.open_engine()
        yield spark, engine
        engine.close()
        spark.stop()


@pytest.mark.parametrize("kind", [plain, grouped, joined, windowed], ids=lambda kind: kind.__name__)
def test_same_as_spark(sides: tuple[Any, Any], kind: Any) -> None:
    spark, engine = sides

    @seed(7)
    @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(kind())
    def check(sql: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = judge.spark_answer(spark, sql)
        found = judge.difference(
            judge.Case("generated", 0, sql, unordered=True, names=False),
            expected,
            judge.our_answer(engine, sql),
        )
        assert found is None, f"{sql}\n{found}"

    check()
