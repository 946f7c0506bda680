"""!deltaTable: conditions that delete what Spark would delete, and those that are refused."""

from __future__ import annotations

import pytest

from pybyzer.errors import UnknownName, Unsupported
from tests.unit.commands.conftest import Notebook

ROWS = """
select 1 as id, 1.5D as x, "a" as s, true as b, cast("2026-01-01" as date) as d as one;
select 2 as id, cast("NaN" as double) as x, "B" as s, false as b, cast("2026-02-01" as date) as d as two;
select 3 as id, null as x, null as s, null as b, null as d as three;
select 4 as id, -2.0D as x, "it's" as s, true as b, cast("1999-12-31" as date) as d as four;
select * from one union all select * from two union all select * from three union all select * from four as t;
save overwrite t as delta.`db.t`;
"""


@pytest.fixture
def lake(notebook: Notebook) -> Notebook:
    notebook.run(ROWS)
    return notebook


@pytest.mark.parametrize(
    "condition",
    [
        "id = 1",
        "ID > 2",
        "3 >= id",
        "id <> 2 and id != 3",
        "id in (1, 4)",
        "id between 2 and 3",
        "not (id = 1)",
        "x > 1",
        "x > -2.5",
        "x <= 1.5",
        "s = 'it\\'s'",
        "s < 'b'",
        's in ("a", "B")',
        "s is null",
        "s is not null",
        "b",
        "not b",
        "b = false or id = 1",
        "d >= '2026-01-01'",
        "d between '1999-01-01' and '2026-01-31'",
        "`id` = 1",
    ],
)
def test_deletes_what_the_condition_selects(lake: Notebook, condition: str) -> None:
    left = lake.run(f"select id from t where not coalesce(({condition}), false) order by id as stays;")
    lake.run(f"!deltaTable delete db.t ''' {condition} ''';")
    assert lake.run("load delta.`db.t` as now; select id from now order by id as rest;") == left
    assert 0 < len(left) < 4


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("id = '1'", "no constant of the column's type"),
        ("s = 1", "no constant of the column's type"),
        ("id > 1.5", "no constant of the column's type"),
        ("d > '2026'", "no constant of the column's type"),
        ("b = 'true'", "no constant of the column's type"),
        ("id = 99999999999999999999", "no constant of the column's type"),
        ("lower(s) = 'a'", "compares no column"),
        ("id + 1 = 2", "compares no column"),
        ("id = x", "no constant"),
        ("s like 'a%'", "no comparison"),
        ("id in (select 1)", "no comparison"),
        ("s", "no comparison"),
        ("id =", "no condition"),
        ("id = 1; drop table t", "no comparison"),
        ("true", "no comparison"),
    ],
)
def test_refused_conditions_delete_nothing(lake: Notebook, condition: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        lake.run(f"!deltaTable delete db.t ''' {condition} ''';")
    assert caught.value.span is not None
    assert caught.value.span.text.strip() == condition
    assert lake.run("load delta.`db.t` as now; select count(*) as n from now as c;") == [{"n": 4}]


def test_unknown_column(lake: Notebook) -> None:
    with pytest.raises(UnknownName, match='no column "idd"'):
        lake.run("!deltaTable delete db.t 'idd = 1';")
