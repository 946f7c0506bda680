"""A SQL cell against DuckDB called in-process: what the kernel, the parser and the preview add."""

from __future__ import annotations

import os
import tempfile

import duckdb

from benchmarks.kernels import OURS, Kernel
from benchmarks.measure import Row, alternate, in_seconds, main, milliseconds, timed
from pybyzer import Session, Settings

QUERY = "select k, count(*) as n, sum(v) as s from t group by k order by k"
HUGE = "select count(*) as n, sum(id % 7) as s from {} where id % 3 = 0"


def small() -> Row:
    """One aggregate over a million rows, through the kernel and back."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.parquet")
        database = duckdb.connect()
        database.execute(
            f"copy (select i as id, i % 50 as k, i * 0.5 as v from range(1000000) r(i)) to '{path}'"
        )
        database.execute(f"create view t as select * from read_parquet('{path}')")
        with Kernel(OURS) as kernel:
            kernel.run(f"load parquet.`{path}` as t;")
            ours, theirs = alternate(
                lambda: kernel.run(f"{QUERY} as answer;"),
                timed(lambda: database.execute(QUERY).fetchall()),
                repeats=25,
                warm=5,
            )
    over = (ours - theirs) * 1000
    return Row(
        "SQL cell in the kernel, over duckdb in-process",
        milliseconds(ours),
        milliseconds(theirs),
        over,
        "ms",
        10,
    )


def huge() -> Row:
    """A SELECT over 100 million generated rows."""
    database = duckdb.connect()
    with Session(Settings()) as session:
        ours, theirs = alternate(
            timed(lambda: session.run_text(HUGE.format("range(100000000)") + " as answer;")),
            timed(lambda: database.execute(HUGE.format("range(100000000) r(id)")).fetchall()),
            repeats=7,
        )
    return Row(
        "SELECT over 100 M generated rows", in_seconds(ours), in_seconds(theirs), ours / theirs, "x", 1.05
    )


def measure() -> list[Row]:
    return [small(), huge()]


if __name__ == "__main__":
    main(measure)
