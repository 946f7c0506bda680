"""``jdbc``: tables of databases. The path is ``connection.table``; ``connect jdbc`` names the connection."""

from __future__ import annotations

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.databases.access import CONNECTION, access
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, Loaded, LoadRequest, SaveRequest, Source
from pybyzer.sources.jdbc_read import table_of
from pybyzer.sources.jdbc_save import save


@SOURCES.register("jdbc")
class JdbcSource(Source):
    """Databases that people reach by JDBC elsewhere: PostgreSQL, MySQL, MariaDB, SQLite, DuckDB."""

    name = "jdbc"
    parameters = (
        *CONNECTION,
        Parameter("directQuery", "a select that the database runs; the path names only the connection"),
        Parameter("partitionColumn", "a column of numbers, dates or times: the read is cut by its values"),
        Parameter("lowerBound", "with partitionColumn: where the cuts begin (no row is left out)"),
        Parameter("upperBound", "with partitionColumn: where they end"),
        Parameter("numPartitions", "with partitionColumn: how many parts there are"),
        Parameter("prePtnArray", "conditions, one for each part"),
        Parameter("prePtnDelimiter", "what separates them, a regular expression", ","),
        Parameter("fetchsize", "rows fetched at a time, where the driver takes such a number"),
        Parameter("customSchema", "other types for some columns: id DECIMAL(38, 0), name STRING"),
        Parameter("preferTimestampNTZ", "times without a zone stay so", "false", choices=BOOLEAN),
        Parameter("queryTimeout", "without effect: stop the cell instead"),
        Parameter("pushDown*", "without effect: columns and simple conditions are always pushed down"),
    )
    save_parameters = (
        *CONNECTION,
        Parameter(
            "truncate", "with overwrite: keep the table and replace its rows", "false", choices=BOOLEAN
        ),
        Parameter("createTableOptions", "what is written after create table (...)"),
        Parameter("createTableColumnTypes", "types for some columns of a new table: name varchar(64)"),
        Parameter("idCol", "with append: columns of a key; rows with a known key are updated (upsert)"),
        Parameter("batchsize", "without effect"),
        Parameter("isolationLevel", "without effect: a save is one transaction"),
        Parameter("numPartitions", "without effect: one connection writes"),
        Parameter("cascadeTruncate", "without effect"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Loaded:
        at = access(ctx, self.name, self.parameters, request.path, request.options)
        table = table_of(at, ctx.settings.timezone, ctx.on_cancel)
        return Loaded(table, table.partitions)

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        at = access(ctx, self.name, self.save_parameters, request.path, request.options)
        if request.partition_by:
            raise BadOption("partitionBy is for files, not for tables of a database")
        return save(ctx, request, at)
