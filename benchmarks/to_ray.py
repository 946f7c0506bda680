"""10 million rows of 4 columns from DuckDB to Ray workers and back to DuckDB, three ways and a yardstick.

The yardstick is DuckDB to Arrow to DuckDB in one process, the least that can be done. Ours is a
``#%python`` cell with ``map_batches``. Ray Data and fugue get the same Arrow table and give one back, which
DuckDB takes. Every side starts with the table in DuckDB and ends with the result in DuckDB; Ray is up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.measure import Row, alternate, in_seconds, main, timed
from pybyzer import Session, Settings

ROWS = 10_000_000
TABLE = (
    "select {id} as id, {id} % 1000 as k, cast({id} as double) * 0.5 as v, "
    "concat('name-', cast({id} % 100000 as {text})) as s from {range}"
)
CELL = """#%python
#%input=spread
#%output=mapped
#%dataMode=data
from pyjava.api.mlsql import RayContext

RayContext.connect(globals(), "127.0.0.1:10001").map_batches(lambda table: table)
"""
OTHERS = ("raydata", "fugue")


def duckdb_table() -> Any:
    """A DuckDB with the table ``t``."""
    database = duckdb.connect()
    database.execute("set preserve_insertion_order = true")
    select = TABLE.format(id="id", text="varchar", range=f"range({ROWS}) r(id)")
    database.execute(f"create table t as {select}")
    return database


def copy(database: Any) -> None:
    """DuckDB to Arrow to DuckDB, streaming."""
    reader = database.cursor().execute("select * from t").to_arrow_reader(100_000)
    database.register("incoming", reader)
    database.execute("create or replace table copied as select * from incoming")
    database.unregister("incoming")


def back(database: Any, table: pa.Table) -> None:
    """An Arrow table into DuckDB; its rows are counted."""
    database.register("incoming", table)
    database.execute("create or replace table copied as select * from incoming")
    database.unregister("incoming")
    found = database.execute("select count(*) from copied").fetchone()[0]
    if found != ROWS:
        raise RuntimeError(f"{found} rows came back")


def ours(session: Session) -> None:
    """One cell; its result is a table of the session."""
    from pybyzer_magics.router import route

    cell, front_end = route(CELL)
    session.run(front_end.statements(cell))


def other(name: str) -> float | None:
    """The median of another library, in a process of its own; None where it is not installed."""
    python = os.environ.get("BENCHMARK_FUGUE_PYTHON", sys.executable) if name == "fugue" else sys.executable
    done = subprocess.run(
        [python, os.path.abspath(__file__).replace("to_ray.py", "to_ray_others.py"), name],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "RAY_DEDUP_LOGS": "1"},
    )
    if done.returncode == 3:
        return None
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def measure() -> list[Row]:
    database = duckdb_table()
    with Session(Settings()) as session:
        session.run_text(TABLE.format(id="id", text="string", range=f"range({ROWS})") + " as numbers;")
        session.run_text('run numbers as TableRepartition.`` where partitionNum="2" as spread;')
        mine, least = alternate(timed(lambda: ours(session)), timed(lambda: copy(database)))
        found = session.run_text("select count(*) as n from mapped as counted;")
        assert found is not None
        count = session.table(found).reader.read_all()["n"][0].as_py()
    if count != ROWS:
        raise RuntimeError(f"map_batches gave {count} rows")
    database.close()
    rows = [
        Row(
            "10 M rows x 4 to Ray workers and back, vs in-process Arrow",
            in_seconds(mine),
            in_seconds(least),
            mine / least,
            "x",
            2,
        )
    ]
    titles = {
        "raydata": ("  times faster than Ray Data map_batches", 2.0),
        "fugue": ("  times faster than fugue on Ray", 1.3),
    }
    for name in OTHERS:
        title, bar = titles[name]
        theirs = other(name)
        if theirs is None:
            print(f'{name} left out: pip install "fugue[ray]"', file=sys.stderr)
            continue
        rows.append(Row(title, in_seconds(mine), in_seconds(theirs), theirs / mine, "x", bar, least=True))
    return rows


if __name__ == "__main__":
    main(measure)
