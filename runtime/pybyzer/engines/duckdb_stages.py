"""Stages in DuckDB: tables that a costly function fills, batch by batch, when they are first read."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pybyzer.engines.base import layout
from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.duckdb_functions import Functions
from pybyzer.engines.duckdb_stream import stream
from pybyzer.engines.duckdb_tables import Column, Table, Tables
from pybyzer.engines.sparksql.stages import Stage
from pybyzer.engines.sparksql.types import from_duck, quote, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa


class Stages:
    """Makes and fills the tables of stages."""

    def __init__(self, database: Database, tables: Tables, functions: Functions) -> None:
        self._database = database
        self._tables = tables
        self._functions = functions

    def make(self, stage: Stage) -> Table:
        """The (still empty) table of a stage."""
        columns = [Column(o.name, o.inner, o.type) for o in stage.carried]
        columns += [Column(call.gives, call.gives, call.returns) for call in stage.calls]
        table = Table(
            self._tables.fresh("m"),
            tuple(columns),
            reads=stage.reads,
            partitions=layout([read.partitions for read in stage.reads]),
            costly=True,
        )
        inside = ", ".join(f"{quote(column.inner)} {column.type.duck}" for column in columns)
        with self._database.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {quote(table.view)} ({inside})")
        kept = weakref.ref(table)
        table.fill = lambda: self._fill(kept, stage)
        return self._tables.track(table, kind_is_table=True)

    def _fill(self, kept: weakref.ref[Table], stage: Stage) -> None:
        import pyarrow as pa

        table = kept()
        assert table is not None
        sources = table.sources()
        with self._database.cursor(sources) as cursor:
            found = cursor.types(stage.sql)
        asked = pa.schema([(name, to_arrow(from_duck(kind))) for name, kind in found])
        given = pa.schema([(column.inner, to_arrow(column.type)) for column in table.columns])
        rows = stream(self._database.open(sources), stage.sql, asked, table)
        arriving = pa.RecordBatchReader.from_batches(given, self._answers(rows, stage, given))
        with self._database.cursor({"arriving": arriving}) as cursor:
            cursor.execute(f"INSERT INTO {quote(table.view)} SELECT * FROM arriving")

    def _answers(
        self, rows: pa.RecordBatchReader, stage: Stage, given: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        calls = [(self._functions.checked(call.function), call.takes) for call in stage.calls]
        try:
            for batch in rows:
                columns = [batch.column(output.inner) for output in stage.carried]
                columns += [run(*(batch.column(name) for name in takes)) for run, takes in calls]
                arrays = [
                    column if column.type == field.type else column.cast(field.type)
                    for column, field in zip(columns, given, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=given)
        except BaseException as error:
            # It passes through the database as text; this is the error itself.
            if error not in self._database.failures:
                self._database.failures.append(error)
            raise
