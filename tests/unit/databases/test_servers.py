"""What only servers have: users and passwords, their own types, many rows, somebody who reads meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.databases.base import opened
from pybyzer.databases.target import parse_url
from pybyzer.errors import EngineError, MissingPackage

BOTH = pytest.mark.parametrize(
    "kind", [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("postgresql", "mariadb")]
)


def _url(kind: str) -> str:
    return os.environ[f"PYBYZER_TEST_{kind.upper()}"]


def _without_user(kind: str) -> str:
    return _url(kind).partition("?")[0]


@BOTH
def test_a_wrong_password_is_not_shown(kind: str, session: Session) -> None:
    with pytest.raises(EngineError, match="cannot connect to jdbc:") as caught:
        session.run_text(
            f'connect jdbc where url="{_without_user(kind)}" and user="byzer" and password="wr0ng" as db1;'
            "load jdbc.`db1.t` as t;"
        )
    assert "wr0ng" not in caught.value.message
    assert caught.value.hint == "check url, user and password"


@BOTH
def test_a_password_by_reference(kind: str, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    found = parse_url(_url(kind))
    monkeypatch.setenv("DB_PASSWORD", found.password or "")
    session.run_text(
        f'connect jdbc where url="{_without_user(kind)}" and user="byzer"'
        ' and password="env:DB_PASSWORD" as db1;'
        'load jdbc.`db1._` where directQuery="select 1 as a" as t;'
    )
    assert session.table("t").reader.read_all()["a"].to_pylist() == [1]


@pytest.mark.parametrize("url", ["jdbc:postgresql://127.0.0.1:1/x", "jdbc:mysql://127.0.0.1:1/x"])
def test_nobody_listens(url: str, session: Session) -> None:
    pytest.importorskip("pymysql", reason="pip install 'pybyzer[jdbc]'")
    pytest.importorskip("adbc_driver_postgresql", reason="pip install 'pybyzer[jdbc]'")
    with pytest.raises(EngineError, match=f"cannot connect to {re.escape(url)}"):
        session.run_text(f'load jdbc.`t` where url="{url}" and user="me" and password="tiger" as t;')


@pytest.mark.parametrize(
    ("package", "url"),
    [
        ("pymysql", "jdbc:mysql://127.0.0.1:1/x"),
        ("adbc_driver_postgresql", "jdbc:postgresql://127.0.0.1:1/x"),
    ],
)
def test_a_missing_driver_says_what_to_install(
    package: str, url: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage) as caught:
        session.run_text(f'load jdbc.`t` where url="{url}" as t;')
    assert caught.value.hint == "pip install 'pybyzer[jdbc]'"


@pytest.mark.needs("postgresql")
def test_types_of_postgresql(session: Session) -> None:
    session.run_text(f'connect jdbc where url="{_url("postgresql")}" as db1;')
    session.run_text(
        """load jdbc.`db1._` where directQuery='''
        select 1::smallint as si, 1.5::numeric as n, 12.34::numeric(10,2) as nn, 'x'::char(3) as c,
               '1.50'::money::text as mo,
               'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as u, '{"a": 1}'::jsonb as j, '101'::bit(3) as bi,
               '1 day'::interval as iv, '10:00'::time as ti, timestamp '2024-01-02 03:04:05' as ts,
               timestamptz '2024-01-02 03:04:05+02' as tz, array[1, null] as ai, array['a'] as ta,
               array[1.25]::numeric[] as na, '1.2.3.4'::inet as ip,
               '<a/>'::xml as xm, null as nothing''' as t;"""
    )
    table = session.table("t").reader.read_all()
    assert {f.name: str(f.type) for f in table.schema} == {
        "si": "int16",
        "n": "decimal128(38, 18)",
        "nn": "decimal128(10, 2)",
        "c": "string",
        "mo": "string",
        "u": "string",
        "j": "string",
        "bi": "string",
        "iv": "string",
        "ti": "timestamp[us, tz=UTC]",
        "ts": "timestamp[us, tz=UTC]",
        "tz": "timestamp[us, tz=UTC]",
        "ai": "list<item: int32>",
        "ta": "list<item: string>",
        "na": "list<item: decimal128(38, 18)>",
        "ip": "string",
        "xm": "string",
        "nothing": "string",
    }
    row = table.to_pylist()[0]
    assert (row["n"], row["nn"], row["c"]) == (Decimal("1.5"), Decimal("12.34"), "x  ")
    assert (row["u"], row["j"], row["bi"]) == ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', "101")
    assert (row["iv"], row["ip"], row["xm"]) == ("1 day", "1.2.3.4/32", "<a/>")
    assert (row["ai"], row["ta"], row["na"]) == ([1, None], ["a"], [Decimal("1.25")])
    assert [str(row[name]) for name in ("ti", "ts", "tz")] == [
        "1970-01-01 10:00:00+00:00",
        "2024-01-02 03:04:05+00:00",
        "2024-01-02 01:04:05+00:00",
    ]


@pytest.mark.needs("postgresql")
def test_a_value_beyond_the_type_is_an_error(session: Session) -> None:
    session.run_text(f'connect jdbc where url="{_url("postgresql")}" as db1;')
    with pytest.raises(EngineError, match="numeric field overflow"):
        session.run_text(
            'load jdbc.`db1._` where directQuery="select 1e30::numeric as n" as t; select * from t as u;'
        )


@pytest.mark.needs("postgresql")
def test_arrays_are_stored_in_postgresql(session: Session) -> None:
    session.run_text(f'connect jdbc where url="{_url("postgresql")}" as db1;')
    rows = pa.table({"a": pa.array([[1, None], None], pa.list_(pa.int64())), "s": [["x"], []]})
    session.engine.ingest("rows", rows)
    session.run_text("save overwrite rows as jdbc.`db1.t`; load jdbc.`db1.t` as back;")
    assert session.table("back").reader.read_all().to_pylist() == rows.to_pylist()


@pytest.mark.needs("mariadb")
def test_types_of_mysql(session: Session) -> None:
    session.run_text(f'connect jdbc where url="{_url("mariadb")}" as db1;')
    session.run_text(
        """run command as JDBC.`db1._` where `driver-statement-0`="drop table if exists t"
        and `driver-statement-1`='''
        create table t (yes bool, ti tinyint, tu tinyint unsigned, su smallint unsigned, m mediumint,
          iu int unsigned, lu bigint unsigned, f float, n decimal(10,2) unsigned, da date, dt datetime(6),
          ts timestamp null, tm time, y year, c char(5), v varbinary(5), b1 bit(1), b9 bit(9),
          e enum('a','b'), j json)
          default charset utf8mb4''' and `driver-statement-2`='''
        insert into t values (1, -1, 255, 65535, -5, 4294967295, 18446744073709551615, 1.5, 1.5, '2024-02-29',
          '2024-02-29 10:00:00.5', '2024-02-29 10:00:00', '10:00:00', 2024, '中', 'ab', 1, 257, 'b', '{}')''';
        load jdbc.`db1.t` as t;"""
    )
    table = session.table("t").reader.read_all()
    assert [str(kind) for kind in table.schema.types] == [
        *(
            "bool",
            "int8",
            "int16",
            "int32",
            "int32",
            "int64",
            "decimal128(20, 0)",
            "float",
            "decimal128(10, 2)",
        ),
        *("date32[day]", "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]"),
        *("date32[day]", "string", "binary", "bool", "binary", "string", "string"),
    ]
    values = [str(value) for value in table.to_pylist()[0].values()]
    assert values == [
        *("True", "-1", "255", "65535", "-5", "4294967295", "18446744073709551615", "1.5", "1.50"),
        *("2024-02-29", "2024-02-29 10:00:00.500000+00:00", "2024-02-29 10:00:00+00:00"),
        *("1970-01-01 10:00:00+00:00", "2024-01-01", "中", "b'ab'", "True", "b'\\x01\\x01'", "b", "{}"),
    ]


@pytest.mark.needs("mariadb")
def test_nan_is_refused_by_mysql(session: Session) -> None:
    session.engine.ingest("rows", pa.table({"x": [float("nan")]}))
    with pytest.raises(EngineError, match="MySQL cannot store NaN"):
        session.run_text(f'save overwrite rows as jdbc.`t` where url="{_url("mariadb")}";')


@BOTH
def test_readers_see_the_old_table_until_the_new_one_is_there(kind: str, session: Session) -> None:
    session.run_text(f'connect jdbc where url="{_url(kind)}" as db1;')
    session.engine.ingest("rows", pa.table({"a": [1]}))
    session.run_text("save overwrite rows as jdbc.`db1.t`;")
    seen: list[Any] = []

    def looking() -> pa.RecordBatchReader:
        schema = pa.schema([("a", pa.int64())])

        def batches() -> object:
            yield pa.record_batch({"a": pa.array([2])}, schema=schema)
            reader = opened(parse_url(_url(kind)), "UTC", read_only=True)
            seen.append(reader.first("SELECT a FROM t"))
            reader.close()

        return pa.RecordBatchReader.from_batches(schema, batches())

    session.engine.ingest("slow", looking)
    session.run_text("save overwrite slow as jdbc.`db1.t`; load jdbc.`db1.t` as t;")
    assert [str(row[0]) for row in seen] == ["1"]
    assert session.table("t").reader.read_all()["a"].to_pylist() == [2]


@BOTH
def test_rows_are_streamed(kind: str) -> None:
    """A table of 200 MB of texts passes through less than 120 MB of memory more than its first rows."""
    script = f"""
        import resource
        from pybyzer.databases.base import opened
        from pybyzer.databases.target import parse_url
        database = opened(parse_url({_url(kind)!r}), "UTC", read_only=True)
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        query = "( select repeat('x', 1000) as s from " + {_numbers(kind)!r} + ") temp"
        columns = database.columns(query)
        rows = 0
        for batch in database.batches(f"SELECT s FROM {{query}}", columns, 10_000):
            first = peak() if not rows else first
            rows += batch.num_rows
        assert rows == 200_000, rows
        assert peak() - first < 120, peak() - first
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=120)


def _numbers(kind: str) -> str:
    return "generate_series(1, 200000) n" if kind == "postgresql" else "seq_1_to_200000"
