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

from benchmarks.measure import Row, alternate, in_seconds, main, timed
from benchmarks.to_ray_others import ROWS, database
from pybyzer import Session, Settings

CELL = """#%python
#%input=numbers
#%output=mapped
#%dataMode=data
from pyjava.api.mlsql import RayContext

ray_context = RayContext.connect(globals(), "127.0.0.1:10001")

def double(table):
    import pyarrow.compute as pc

    return table.set_column(2, "v", pc.multiply(table["v"], 2.0))

ray_context.map_batches(double)
"""
OTHERS = {
    "raydata": ("  times faster than Ray Data map_batches", 2.0),
    "raydata-arrow": ("  times faster than Ray Data, batch_format=pyarrow", 2.0),
    "fugue": ("  times faster than fugue on Ray", 1.3),
}


def copy(database: Any) -> None:
    """DuckDB to Arrow to DuckDB, streaming."""
    other = database.cursor()
    other.register("incoming", database.sql("select * from t").to_arrow_reader(100_000))
    other.execute("create or replace table copied as select * from incoming")
    other.unregister("incoming")


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
    made = database()
    with Session(Settings()) as session:
        session.engine.ingest("numbers", made.sql("select * from t").to_arrow_reader(100_000), partitions=2)
        mine, least = alternate(timed(lambda: ours(session)), timed(lambda: copy(made)))
        found = session.run_text("select count(*) as n from mapped as counted;")
        assert found is not None
        count = session.table(found).reader.read_all()["n"][0].as_py()
    if count != ROWS:
        raise RuntimeError(f"map_batches gave {count} rows")
    made.close()
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
    for name, (title, bar) in OTHERS.items():
        theirs = other(name)
        if theirs is None:
            print(f'{name} left out: pip install "fugue[ray]"', file=sys.stderr)
            continue
        rows.append(Row(title, in_seconds(mine), in_seconds(theirs), theirs / mine, "x", bar, least=True))
    return rows


if __name__ == "__main__":
    main(measure)
