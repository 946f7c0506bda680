"""What every database must do: keep rows and types, change all or nothing, refuse by name."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.databases.base import Database
from pybyzer.errors import BadOption, ByzerError, EngineError, Interrupted, UnknownName

MOMENT = datetime.datetime(2024, 3, 10, 4, 5, 6, 123456, tzinfo=datetime.UTC)
ROWS = pa.table(
    {
        "i": pa.array([1, -(2**31), None], pa.int32()),
        "l": pa.array([2**63 - 1, -(2**63), None], pa.int64()),
        "x": pa.array([0.1, 1e300, None], pa.float64()),
        "m": pa.array([Decimal("12.50"), Decimal("-99999999.99"), None], pa.decimal128(10, 2)),
        "big": pa.array([Decimal("12345678901234567890.123456789"), Decimal(0), None], pa.decimal128(38, 9)),
        "s": pa.array(['it\'s "quoted" \\ %s \n; drop table t; -- 中', "", None], pa.string()),
        "b": pa.array([b"\x00\xff'\\", b"", None], pa.binary()),
        "yes": pa.array([True, False, None], pa.bool_()),
        "d": pa.array([datetime.date(2024, 2, 29), datetime.date(1970, 1, 1), None], pa.date32()),
        "at": pa.array(
            [MOMENT, MOMENT.replace(year=2000, microsecond=0), None], pa.timestamp("us", tz="UTC")
        ),
    }
)


def _load(session: Session, table: str = "t", options: str = "") -> pa.Table:
    session.run_text(f"load jdbc.`db1.{table}` {options} as loaded;")
    return session.table("loaded").reader.read_all()


def _save(session: Session, rows: pa.Table, mode: str, table: str = "t", options: str = "") -> None:
    session.engine.ingest("rows", rows)
    session.run_text(f"save {mode} rows as jdbc.`db1.{table}` {options};")


def _sorted(rows: pa.Table, key: str) -> list[dict[str, Any]]:
    return rows.sort_by(key).to_pylist()  # type: ignore[no-any-return]


def test_values_come_back_as_they_were(connected: Session) -> None:
    _save(connected, ROWS, "overwrite")
    back = _load(connected)
    assert back.to_pylist() == ROWS.to_pylist()
    changed = {f.name for f, g in zip(ROWS.schema, back.schema, strict=True) if f.type != g.type}
    assert changed <= {"i"}, "only SQLite has one type for whole numbers"


def test_an_empty_table(connected: Session) -> None:
    _save(connected, ROWS.slice(0, 0), "overwrite")
    assert _load(connected).num_rows == 0


def test_append_matches_columns_by_name_and_converts(connected: Session) -> None:
    _save(connected, ROWS, "overwrite")
    _save(connected, pa.table({"S": ["new"], "l": pa.array([7], pa.int16())}), "append")
    rows = _load(connected)
    assert rows.num_rows == 4
    added = rows.filter(pa.compute.equal(rows["l"], 7)).to_pylist()[0]
    assert (added["s"], added["i"]) == ("new", None)


def test_names_may_be_anything(connected: Session) -> None:
    rows = pa.table({"a b": [1], "select": ["x"], 'q"`%s': [2]})
    _save(connected, rows, "overwrite", "Odd Name")
    assert _load(connected, "Odd Name").to_pylist() == rows.to_pylist()


def test_overwrite_replaces_the_columns_unless_truncate(connected: Session) -> None:
    _save(connected, ROWS, "overwrite")
    _save(connected, pa.table({"a": [1]}), "overwrite")
    assert _load(connected).to_pylist() == [{"a": 1}]
    _save(connected, pa.table({"A": [2, 3]}), "overwrite", options='where truncate="true"')
    assert _load(connected).to_pylist() == [{"a": 2}, {"a": 3}]


def test_upsert(connected: Session) -> None:
    _save(connected, pa.table({"id": [1, 2], "k": ["a", "b"], "n": [10, 20], "o": ["x", "y"]}), "overwrite")
    changes = pa.table({"ID": [2, 3, None], "k": ["b", "b", "b"], "n": [21, 30, 40]})
    _save(connected, changes, "append", options='where idCol="id, k"')
    found = _sorted(_load(connected), "n")
    assert [tuple(row.values()) for row in found] == [
        (1, "a", 10, "x"),
        (2, "b", 21, "y"),
        (3, "b", 30, None),
        (None, "b", 40, None),
    ]


def test_upsert_of_keys_alone(connected: Session) -> None:
    _save(connected, pa.table({"id": [1]}), "overwrite")
    _save(connected, pa.table({"id": [1, 2]}), "append", options='where idCol="id"')
    assert _sorted(_load(connected), "id") == [{"id": 1}, {"id": 2}]


def test_a_key_twice_changes_nothing(connected: Session) -> None:
    _save(connected, pa.table({"id": [1], "n": [1]}), "overwrite")
    with pytest.raises(BadOption, match=r"several rows of the saved table have the same key \(id\)"):
        _save(connected, pa.table({"id": [2, 2], "n": [2, 3]}), "append", options='where idCol="id"')
    assert _load(connected).to_pylist() == [{"id": 1, "n": 1}]


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("overwrite", ""),
        ("overwrite", 'where truncate="true"'),
        ("append", ""),
        ("append", 'where idCol="a"'),
    ],
)
def test_a_save_that_fails_leaves_what_was_there(connected: Session, mode: str, options: str) -> None:
    _save(connected, pa.table({"a": [1, 2]}), "overwrite")

    def failing() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.record_batch({"a": pa.array(range(3, 20_000))})
            raise EngineError("the third batch is gone")

        return pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())

    connected.engine.ingest("bad", failing)
    with pytest.raises(ByzerError, match="the third batch is gone"):
        connected.run_text(f"save {mode} bad as jdbc.`db1.t` {options};")
    assert _sorted(_load(connected), "a") == [{"a": 1}, {"a": 2}]


def test_a_failed_save_leaves_no_other_table(connected: Session, database: Database) -> None:
    _save(connected, pa.table({"a": [1]}), "overwrite")
    before = sorted(database.tables(None))
    database.commit()
    with pytest.raises(ByzerError):
        _save(connected, pa.table({"a": ["x"]}), "overwrite", options='where createTableOptions="nonsense ("')
    assert sorted(database.tables(None)) == before


def test_a_value_that_does_not_fit_is_an_error(connected: Session, url: str) -> None:
    if url.startswith("jdbc:sqlite"):
        return  # its columns take any value; test_sqlite looks at what a load then says
    _save(connected, pa.table({"a": pa.array([1], pa.int16())}), "overwrite")
    with pytest.raises(ByzerError, match="cannot write"):
        _save(connected, pa.table({"a": [1_000_000]}), "append")
    assert _load(connected).to_pylist() == [{"a": 1}]


def test_only_the_columns_and_rows_that_are_needed(connected: Session) -> None:
    _save(connected, pa.table({"a": list(range(100)), "s": [f"n{n}" for n in range(100)]}), "overwrite")
    connected.run_text("load jdbc.`db1.t` as t;")
    for sql, expected in [
        ("select count(*) as n from t", 100),
        ("select sum(a) as n from t where s = 'n42'", 42),
        ("select count(a) as n from t where a >= 10 and a < 20 and s <> 'n12'", 9),
        ("select count(*) as n from t where s > 'n97' or a = 5", 3),
        ("select max(a) as n from t where a in (3, 4, 500) and length(s) = 2", 4),
        ("select count(*) as n from t where s = 'it''s'", 0),
    ]:
        connected.run_text(f"{sql} as found;")
        assert connected.table("found").reader.read_all()["n"].to_pylist() == [expected], sql


def test_a_read_in_parts_is_the_whole_table(connected: Session) -> None:
    rows = pa.table({"a": pa.array([*range(50), None]), "d": [datetime.date(2024, 1, 1)] * 51})
    _save(connected, rows, "overwrite")
    bounds = 'where partitionColumn="A" and lowerBound="10" and upperBound="20" and numPartitions="4"'
    assert _sorted(_load(connected, options=bounds), "a") == _sorted(rows, "a")
    assert connected.table("loaded").partitions == 4
    bounds = bounds.replace('"A"', '"d"').replace('"10"', '"2023-12-01"').replace('"20"', '"2024-02-01"')
    assert _load(connected, options=bounds).num_rows == 51


def test_a_table_saved_over_itself(connected: Session) -> None:
    _save(connected, pa.table({"a": list(range(20_000))}), "overwrite")
    connected.run_text(
        "load jdbc.`db1.t` as t; select a + 1 as a from t as u; save overwrite u as jdbc.`db1.t`;"
    )
    assert sorted(_load(connected)["a"].to_pylist()) == list(range(1, 20_001))


def test_what_is_not_there(connected: Session) -> None:
    _save(connected, pa.table({"a": [1]}), "overwrite", "t2")
    with pytest.raises(UnknownName, match=r'has no table "t22"') as caught:
        _load(connected, "t22")
    assert "t2" in (caught.value.hint or "")
    with pytest.raises(EngineError, match="nowhere"):
        _load(connected, "_", 'where directQuery="select * from nowhere"')


def test_one_statement_at_a_time(connected: Session) -> None:
    _save(connected, pa.table({"a": [1]}), "overwrite")
    with pytest.raises(ByzerError):
        _load(
            connected, "_", "where directQuery='select 1 as a) temp; drop table t; select * from (select 1'"
        )
    with pytest.raises(ByzerError):
        connected.run_text("run command as JDBC.`db1._` where `driver-statement-0`='select 1; drop table t';")
    assert _load(connected).to_pylist() == [{"a": 1}]


def test_statements_all_or_none(connected: Session, url: str) -> None:
    connected.run_text(
        """run command as JDBC.`db1._` where `driver-statement-0`="create table t (a int, s varchar(10))"
           and `driver-statement-2`="update t set a = 2 where a = 1"
           and `driver-statement-1`="insert into t values (1, 'x')";"""
    )
    assert _load(connected).to_pylist() == [{"a": 2, "s": "x"}]
    with pytest.raises(EngineError, match="driver-statement-1 failed"):
        connected.run_text(
            """run command as JDBC.`db1._` where `driver-statement-0`="insert into t values (3, 'y')"
               and `driver-statement-1`="insert into nowhere values (1)";"""
        )
    assert _load(connected).to_pylist() == [{"a": 2, "s": "x"}]


SLOW = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
    "duckdb": "select count(*) as i from range(1000000) a, range(1000000) b where a.range + b.range < 0",
    "postgresql": "select 1 as i, pg_sleep(600)::text as s",
    "mariadb": "select 1 as i, sleep(600) as s",
}


def test_the_session_stops_a_slow_query(connected: Session, url: str) -> None:
    _save(connected, pa.table({"a": [1]}), "overwrite")
    slow = SLOW[url.split(":")[1]]
    errors: list[BaseException] = []

    def run() -> None:
        try:
            connected.run_text(
                f"load jdbc.`db1._` where directQuery='{slow}' as t;"
                "select count(i) as n from t as u; select * from u;"
            )
        except ByzerError as error:
            errors.append(error)

    running = threading.Thread(target=run)
    running.start()
    while running.is_alive():
        running.join(2)
        connected.cancel()
    assert [type(error) for error in errors] == [Interrupted]
