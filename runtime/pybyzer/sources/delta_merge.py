"""``save append ... where idCols="a,b"``: rows whose key the table knows are replaced, or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import SaveRequest
from pybyzer.sources.delta_plan import Wish
from pybyzer.sources.delta_retry import retried
from pybyzer.sources.delta_schema import aligned, fit
from pybyzer.sources.delta_table import Location, delta_errors, open_table, table_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable


def upsert(
    ctx: Context,
    request: SaveRequest,
    table: DeltaTable,
    incoming: pa.Schema,
    *,
    at: Location,
    wish: Wish,
) -> int:
    """Merge the saved table into ``table`` by its key columns; the number of its rows.

    The saved table is held in memory: a key that occurs twice must be known before anything changes.
    """
    import pyarrow as pa

    existing = table_schema(table)
    for key in wish.keys:
        for where, columns in (("the saved table", incoming.names), (at.shown, existing.names)):
            if key.lower() not in [name.lower() for name in columns]:
                hint = did_you_mean(key, columns)
                missing = UnknownName(f'idCols: {where} has no column "{key}"', hint=hint)
                raise missing.about("idCols")
    names = {name.lower(): name for name in existing.names}
    own = [names[key.lower()] for key in wish.keys]
    if wish.delete:
        schema = pa.schema([existing.field(key) for key in own])
    else:
        schema = fit(incoming, existing, at.shown, merge=False, overwrite=False).schema
    rows = _source(ctx, request, schema, own, wish)
    condition = " and ".join(f't."{key}" = s."{key}"' for key in own)

    def merge() -> None:
        fresh = open_table(at)
        assert fresh is not None
        merger = fresh.merge(rows, condition, source_alias="s", target_alias="t")
        if wish.delete:
            merger = merger.when_matched_delete()
        else:
            merger = merger.when_matched_update_all().when_not_matched_insert_all()
        merger.execute()

    with delta_errors(at, "write"):
        retried(at, merge)
    return int(rows.num_rows)


def _source(ctx: Context, request: SaveRequest, schema: pa.Schema, keys: list[str], wish: Wish) -> pa.Table:
    """The saved rows in the table's columns, each key once."""
    import pyarrow as pa

    batches = [aligned(batch, schema) for batch in ctx.engine.stream(request.table).reader]
    rows = pa.Table.from_batches(batches, schema)
    order = rows.append_column("__row__", pa.array(range(rows.num_rows), pa.int64()))
    first = order.group_by(keys, use_threads=False).aggregate([("__row__", "min")])
    if first.num_rows == rows.num_rows:
        return rows
    if not wish.drop_duplicates and not wish.delete:
        raise BadOption(
            "Cannot perform MERGE as multiple source rows matched and attempted to update the same target row"
            f" in the Delta table: {rows.num_rows - first.num_rows} rows repeat a key of ({', '.join(keys)})",
            option="idCols",
            hint='dropDuplicate="true" keeps the first row of each key',
        )
    return rows.take(_sorted(first))


def _sorted(first: pa.Table) -> pa.Array:
    import pyarrow.compute as pc

    column = first["__row___min"].combine_chunks()
    return column.take(pc.array_sort_indices(column))
