"""A table saved as Delta: everything is checked first, the files are written, one commit shows them.

The files are ours (so that their number and their order are what was asked for), the commit is
deltalake's. A failed save leaves the earlier version as the latest; files it wrote are removed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pybyzer.compat.pybyzer_worker import stored
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, Unsupported
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.delta_files import Files
from pybyzer.sources.delta_merge import upsert
from pybyzer.sources.delta_plan import Plan, Wish, planned
from pybyzer.sources.delta_retry import retried
from pybyzer.sources.delta_schema import aligned, checked
from pybyzer.sources.delta_table import Location, delta_errors, open_table, table_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction

    from pybyzer.arrow import Stream


LOG = "_delta_log"
"""The directory that makes a directory a table."""


def save(ctx: Context, request: SaveRequest, at: Location, wish: Wish) -> int | None:
    """Save ``request.table``; the number of rows written."""
    table = open_table(at)
    if table is not None and request.mode is Mode.IGNORE:
        return 0
    if table is not None and request.mode is Mode.ERROR:
        raise BadOption(
            f"delta table {at.shown} exists already",
            option="path",
            hint="save overwrite replaces it, save append adds to it",
        )
    if table is None and at.local and _is_foreign(at.uri):
        raise BadOption(
            f"cannot write {at.shown}: the directory is not empty, and not a delta table", option="path"
        )
    incoming = checked(ctx.engine.schema(request.table), request.partition_by)
    plan = planned(at, table, request, wish, incoming)
    if wish.keys and table is not None:
        return upsert(ctx, request, table, incoming, at=at, wish=wish)
    if wish.where:
        return _replace_where(ctx, request, plan, wish.where)
    if not at.local or (table is not None and (_needs_library(table) or _repartitions(plan, table))):
        return _through_library(ctx, request, plan, wish)
    try:
        return _through_files(ctx, request, plan, wish)
    except MadeMeanwhile:
        return save(ctx, request, at, wish)


def _is_foreign(path: str) -> bool:
    """Whether a directory holds other things than a table, or than one that somebody is just making."""
    names = os.listdir(path) if os.path.isdir(path) else []
    return bool(names) and LOG not in names


class MadeMeanwhile(Exception):
    """Somebody else has made the table that was not there: the save begins again, with it."""


def _needs_library(table: DeltaTable) -> bool:
    """Whether the table asks its writers for more than adding files."""
    protocol = table.protocol()
    plain = {"timestampNtz", "appendOnly", "invariants"}
    configuration = table.metadata().configuration
    return (
        bool(set(protocol.writer_features or ()) - plain)
        or (protocol.min_writer_version > 2 and not protocol.writer_features)
        or any(key.startswith("delta.constraints.") for key in configuration)
        or configuration.get("delta.appendOnly") == "true"
    )


def _repartitions(plan: Plan, table: DeltaTable) -> bool:
    """Whether the partition columns change: only the library's own writer can say so to the log."""
    return tuple(table.metadata().partition_columns) != plan.partition_by


# -- our files, one commit -----------------------------------------------------------------


def _through_files(ctx: Context, request: SaveRequest, plan: Plan, wish: Wish) -> int:
    stream = ctx.engine.stream(request.table)
    parts = request.partitions or stream.layout
    made = not os.path.isdir(plan.at.uri)
    done = False
    with delta_errors(plan.at, "write"):
        try:
            # First of all: it tells others that the files beside it are a table to be.
            os.makedirs(os.path.join(plan.at.uri, LOG), exist_ok=True)
            files = Files(plan.at.uri, plan.schema, plan.partition_by, plan.written)
            rows, actions = _linked(files, stream, plan, parts) or files.write(
                _aligned(stream, plan.schema), parts
            )
            retried(plan.at, lambda: _commit(plan, actions, wish))
            done = True
        finally:
            if not done:
                _remove(plan, made)
    return rows


def _linked(
    files: Files, stream: Stream, plan: Plan, parts: int | Sequence[int]
) -> tuple[int, list[AddAction]] | None:
    """A model that is a file already becomes a second name of it; None when it has to be written."""
    if len(stream.files) != 1 or parts != 1 or plan.partition_by or not plan.schema.equals(stored.schema()):
        return None
    try:
        found = files.link(stream.files[0]["path"], sum(stream.files[0]["batches"]))
    except OSError:
        return None  # another disk, or one without links
    stream.reader.close()
    return found


def _aligned(stream: Stream, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in stream.reader:
        yield aligned(batch, schema)


def _commit(plan: Plan, actions: list[AddAction], wish: Wish) -> None:
    """Show the written files, in one transaction."""
    from deltalake import DeltaTable, Schema
    from deltalake.exceptions import DeltaError
    from deltalake.transaction import create_table_with_add_actions

    schema = Schema.from_arrow(plan.schema)
    if plan.table is None:
        try:
            create_table_with_add_actions(
                plan.at.uri,
                schema,
                actions,
                mode="error",
                partition_by=list(plan.partition_by),
                description=wish.description,
            )
        except DeltaError:
            if open_table(plan.at) is None:
                raise
            raise MadeMeanwhile from None
        return
    table = DeltaTable(plan.at.uri)
    if plan.mode is Mode.OVERWRITE:
        table.create_write_transaction(actions, "overwrite", schema, list(plan.partition_by))
        return
    present = {name.lower() for name in table_schema(table).names}
    new = [f for f in plan.added if f.name.lower() not in present]
    if new:
        table.alter.add_columns(list(Schema.from_arrow(_schema_of(new)).fields))
        table = DeltaTable(plan.at.uri)
    if actions:
        table.create_write_transaction(actions, "append", table.schema(), list(plan.partition_by))


def _schema_of(fields: list[pa.Field]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema(fields)


def _remove(plan: Plan, made: bool) -> None:
    """Take back what a failed save has written."""
    for path in plan.written:
        if os.path.exists(path):
            os.unlink(path)
    if made and os.path.isdir(plan.at.uri):
        for folder, _, _ in os.walk(plan.at.uri, topdown=False):
            if not os.listdir(folder):
                os.rmdir(folder)


# -- deltalake's own writer ----------------------------------------------------------------


def _through_library(ctx: Context, request: SaveRequest, plan: Plan, wish: Wish) -> int:
    """Tables with constraints and the like, and URLs. The number of files is the library's."""
    from deltalake import write_deltalake

    if request.partitions is not None:
        raise Unsupported(
            f"fileNum is not supported for delta table {plan.at.shown}",
            hint="it works for local tables without constraints, whose partitions stay as they are",
        )
    mode = "overwrite" if request.mode is Mode.OVERWRITE else "append"
    schema_mode = "overwrite" if wish.replace_schema else "merge" if plan.added else None
    return _write_with(
        ctx,
        request,
        plan,
        lambda reader: write_deltalake(
            plan.at.uri,
            reader,
            storage_options=dict(plan.at.storage) or None,
            mode=mode if plan.table is not None else "error",
            schema_mode=schema_mode,
            partition_by=list(plan.partition_by) or None,
            description=wish.description,
        ),
    )


def _replace_where(ctx: Context, request: SaveRequest, plan: Plan, condition: str) -> int:
    """Replace the rows that fulfil a condition; the new ones must fulfil it, too."""
    from deltalake import write_deltalake

    if plan.table is None:
        raise BadOption(f"replaceWhere: there is no delta table {plan.at.shown} yet", option="replaceWhere")
    if request.partitions is not None:
        raise Unsupported("fileNum cannot be combined with replaceWhere")
    _refuse_others(ctx, request.table, condition)
    return _write_with(
        ctx,
        request,
        plan,
        lambda reader: write_deltalake(
            plan.at.uri,
            reader,
            storage_options=dict(plan.at.storage) or None,
            mode="overwrite",
            predicate=condition,
            schema_mode="merge" if plan.added else None,
        ),
    )


def _refuse_others(ctx: Context, table: str, condition: str) -> None:
    """``BadOption`` when a row of the saved table does not fulfil the condition."""
    name = ctx.catalog.fresh("others")
    rows = "`" + table.replace("`", "``") + "`"
    try:
        ctx.engine.query(f"select * from {rows} where not coalesce(({condition}), false)", name)
        found = ctx.engine.stream(name, limit=1).reader.read_all().to_pylist()
    except ByzerError as error:
        raise BadOption(f"replaceWhere: {error.message}", option="replaceWhere", hint=error.hint) from None
    finally:
        ctx.engine.drop(name)
    if found:
        row = ", ".join(f"{key}={value}" for key, value in found[0].items())
        raise BadOption(
            f"a row of the saved table does not fulfil replaceWhere: {row[:200]}",
            option="replaceWhere",
            hint="what is saved replaces the rows that do",
        )


def _write_with(
    ctx: Context, request: SaveRequest, plan: Plan, write: Callable[[pa.RecordBatchReader], None]
) -> int:
    import pyarrow as pa

    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        rows = 0
        for batch in _aligned(ctx.engine.stream(request.table), plan.schema):
            rows += batch.num_rows
            yield batch

    with delta_errors(plan.at, "write"):
        retried(plan.at, lambda: write(pa.RecordBatchReader.from_batches(plan.schema, counted())))
    return rows
