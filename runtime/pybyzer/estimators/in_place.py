"""What InPlace ETs write: a model, and in ``path/data`` the whole table with its changed columns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pybyzer.context import Context
from pybyzer.engines.base import SqlFunction
from pybyzer.estimators.base import quoted
from pybyzer.models.directory import replacing
from pybyzer.models.saved import Saved


def temporary(ctx: Context, function: SqlFunction) -> str:
    """Define a function under a name of its own, for one query; the name."""
    name = ctx.catalog.fresh("step")
    ctx.define(
        SqlFunction(
            name, function.parameters, batch=function.batch, types=function.types, returns=function.returns
        )
    )
    return name


def replaced(ctx: Context, table: str, changed: Mapping[str, str], origin: str = "") -> str:
    """A select of all columns in their order, some of them as other expressions.

    ``origin`` is the from clause, when it is not the table alone.
    """
    parts = [
        f"{changed[name]} as {quoted(name)}" if name in changed else quoted(name)
        for name in ctx.engine.schema(table).names
    ]
    return f"select {', '.join(parts)} from {origin or quoted(table)}"


def save_with_data(ctx: Context, path: str, saved: Saved, sql: str) -> None:
    """Write the model and the rows of ``sql``, both or none; tables that read the old ones keep them."""
    import pyarrow.parquet as pq

    name = ctx.catalog.fresh("data")
    ctx.engine.query(sql, name)
    try:
        ctx.engine.settle([path])
        with replacing(path) as fresh:
            saved.write(fresh)
            os.mkdir(os.path.join(fresh, "data"))
            rows: Any = ctx.engine.stream(name).reader
            with pq.ParquetWriter(os.path.join(fresh, "data", "part-00000.parquet"), rows.schema) as file:
                for batch in rows:
                    file.write_batch(batch)
    finally:
        ctx.engine.drop(name)
