"""The same journey with Ray Data or fugue: needs duckdb, pyarrow, ray (and fugue) only, not pybyzer."""

from __future__ import annotations

import importlib.util
import json
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

ROWS = 10_000_000
REPEATS = 5


def database() -> Any:
    """A DuckDB with the table ``t``."""
    made = duckdb.connect()
    made.execute(
        "create table t as select id, id % 1000 as k, cast(id as double) * 0.5 as v, "
        f"concat('name-', cast(id % 100000 as varchar)) as s from range({ROWS}) r(id)"
    )
    return made


def back(made: Any, table: pa.Table) -> None:
    """An Arrow table into DuckDB; its rows are counted."""
    made.register("incoming", table)
    made.execute("create or replace table copied as select * from incoming")
    made.unregister("incoming")
    found = made.execute("select count(*) from copied").fetchall()[0][0]
    if found != ROWS:
        raise RuntimeError(f"{found} rows came back")


def double(table: pa.Table) -> pa.Table:
    """What every side does to a batch."""
    return table.set_column(2, "v", pc.multiply(table["v"], 2.0))


def ray_data(made: Any, arrow: bool) -> Callable[[], None]:
    """``ray.data.from_arrow(...).map_batches(...)``, with its default batches (numpy) or with Arrow's."""
    import ray

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False

    def numpy_double(batch: dict[str, Any]) -> dict[str, Any]:
        return {**batch, "v": batch["v"] * 2.0}

    def work() -> None:
        table = made.sql("select * from t").to_arrow_table()
        source = ray.data.from_arrow([table.slice(0, ROWS // 2), table.slice(ROWS // 2)])
        if arrow:
            mapped = source.map_batches(double, batch_format="pyarrow")
        else:
            mapped = source.map_batches(numpy_double)
        back(made, pa.concat_tables(ray.get(mapped.to_arrow_refs())))

    return work


def fugue(made: Any) -> Callable[[], None]:
    """``fugue.api.transform`` over Arrow tables on the Ray engine."""
    import fugue.api as fa
    import fugue_ray  # noqa: F401  # registers the engine

    def mapped(batches: Iterable[pa.Table]) -> Iterable[pa.Table]:
        for batch in batches:
            yield double(batch)

    def work() -> None:
        table = made.sql("select * from t").to_arrow_table()
        done = fa.transform(
            table, mapped, schema="*", engine="ray", partition={"num": 2}, as_local=True, as_fugue=True
        )
        back(made, done.as_arrow())

    return work


def main(name: str) -> int:
    if name == "fugue" and importlib.util.find_spec("fugue_ray") is None:
        return 3
    import ray

    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    made = database()
    work = fugue(made) if name == "fugue" else ray_data(made, arrow=name == "raydata-arrow")
    work()
    taken = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    print(json.dumps(statistics.median(taken)))
    ray.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
