"""``foreach`` over a million rows on two workers, against a bare Python loop over dicts on one core."""

from __future__ import annotations

import os

from benchmarks.measure import Row, alternate, in_seconds, main, timed
from pybyzer import Session, Settings

ROWS = 1_000_000
TABLE = f"select id, id % 97 as k, cast(id as double) * 0.5 as v from range({ROWS}) as numbers;"
CELL = """#%python
#%input=spread
#%output=mapped
#%schema=st(field(id,long),field(k,long),field(v,double))
#%dataMode=data
from pyjava.api.mlsql import RayContext

ray_context = RayContext.connect(globals(), "127.0.0.1:10001")

def change(row):
    return {"id": row["id"] + 1, "k": row["k"], "v": row["v"] * 2.0}

ray_context.foreach(change)
"""


def change(row: dict[str, float]) -> dict[str, float]:
    return {"id": row["id"] + 1, "k": row["k"], "v": row["v"] * 2.0}


def measure() -> list[Row]:
    from pybyzer_magics.router import route

    rows = [{"id": i, "k": i % 97, "v": i * 0.5} for i in range(ROWS)]
    with Session(Settings()) as session:
        session.run_text(TABLE)
        session.run_text('run numbers as TableRepartition.`` where partitionNum="2" as spread;')
        cell, front_end = route(CELL)
        statements = front_end.statements(cell)
        ours, theirs = alternate(
            timed(lambda: session.run(statements)), timed(lambda: [change(row) for row in rows])
        )
        count = session.table("mapped").reader.read_all().num_rows
    if count != ROWS:
        raise RuntimeError(f"foreach gave {count} rows")
    note = f"{os.cpu_count()} cores; ours includes reading the table from SQL and making the result one"
    return [
        Row(
            "foreach over 1 M rows, vs a bare loop",
            in_seconds(ours),
            in_seconds(theirs),
            ours / theirs,
            "x",
            1.5,
            note=note,
        )
    ]


if __name__ == "__main__":
    main(measure)
