"""What a save into a Delta table is going to do, decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pybyzer.errors import BadOption
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.delta_schema import fit
from pybyzer.sources.delta_table import Location, table_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of a save."""

    merge: bool = False
    replace_schema: bool = False
    where: str | None = None
    keys: tuple[str, ...] = ()
    delete: bool = False
    drop_duplicates: bool = False
    description: str | None = None


@dataclass(slots=True)
class Plan:
    """What a save is going to do. ``table`` is None when it makes a new one."""

    at: Location
    table: DeltaTable | None
    mode: Mode
    schema: pa.Schema
    partition_by: tuple[str, ...]
    added: tuple[pa.Field, ...] = ()
    written: list[str] = field(default_factory=list)


def planned(
    at: Location, table: DeltaTable | None, request: SaveRequest, wish: Wish, incoming: pa.Schema
) -> Plan:
    """Decide what is written; ``BadOption`` when it does not fit the table."""
    names = {name.lower(): name for name in incoming.names}
    partition_by = tuple(names[column.lower()] for column in request.partition_by)
    if table is None:
        return Plan(at, None, request.mode, incoming, partition_by)
    overwrite = request.mode is Mode.OVERWRITE
    current = tuple(table.metadata().partition_columns)
    if wish.replace_schema:
        kept = tuple(names[c.lower()] for c in current if c.lower() in names)
        return Plan(at, table, request.mode, incoming, partition_by or kept)
    if partition_by and tuple(c.lower() for c in partition_by) != tuple(c.lower() for c in current):
        raise BadOption(
            f"delta table {at.shown} is partitioned by ({', '.join(current)}),"
            f" not ({', '.join(partition_by)})",
            hint='save overwrite with overwriteSchema="true" changes that',
            option=f"partitionBy.{request.partition_by[0]}",
        )
    found = fit(incoming, table_schema(table), at.shown, merge=wish.merge, overwrite=overwrite)
    return Plan(at, table, request.mode, found.schema, current, found.added)
