"""``!delta``: the tables of the lake, their versions and their size."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, column, rows
from pybyzer.context import Context
from pybyzer.errors import CommandError, Span, UnknownName, Unsupported
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    from deltalake import DeltaTable

TEXT_COLUMNS = ("userId", "userName", "operation", "job", "notebook", "clusterId", "isolationLevel")
INFO_COLUMNS = (
    "sizeInBytes",
    "numOfFiles",
    "numOfMetadata",
    "numOfProtocol",
    "numOfRemoves",
    "numOfSetTransactions",
)
HELP = """!delta show tables;
!delta history db.table;
!delta info db.table;
A table is db.table of the lake, or a path with a slash."""


@COMMANDS.register("delta")
class DeltaCommand(Command):
    """``history``: one row for each version, newest first; ``info``: files and bytes of the newest.

    ``numOfRemoves`` and ``numOfSetTransactions`` are NULL: the library does not tell them.
    """

    name = "delta"
    usage = "!delta show tables   or   !delta history|info db.table"
    description = "the tables of the lake, their history and size"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        action = arguments[0].value
        if action == "help":
            return column(ctx, "value", [HELP])
        if action == "compact":
            raise Unsupported(
                "!delta compact is not offered yet",
                span=arguments[0].span,
                hint='save overwrite ... as delta with fileNum="1" writes fewer files',
            )
        self.require(arguments, 2, 2)
        if action == "show" and arguments[1].value == "tables":
            return rows(ctx, ("table", "database"), [[t, d] for d, t in _lake(ctx)])
        if action == "history":
            return _history(ctx, _open(ctx, arguments[1]))
        if action == "info":
            return _info(ctx, _open(ctx, arguments[1]))
        raise self.wrong(f'"{action}" is not show tables, history or info', arguments[0])


def _lake(ctx: Context) -> list[tuple[str, str]]:
    """Database and name of every table in the lake."""
    lake = os.path.dirname(os.path.dirname(ctx.lake_directory("x.y")))
    found = []
    for database in sorted(os.listdir(lake)) if os.path.isdir(lake) else []:
        folder = os.path.join(lake, database)
        for table in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if os.path.isdir(os.path.join(folder, table, "_delta_log")):
                found.append((database, table))
    return found


def _open(ctx: Context, word: Argument) -> DeltaTable:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    path = ctx.resolve(word.value) if "/" in word.value else ctx.lake_directory(word.value)
    try:
        return DeltaTable(path)
    except TableNotFoundError:
        names = [f"{database}.{table}" for database, table in _lake(ctx)]
        hint = did_you_mean(word.value, names)
        raise UnknownName(f'no Delta table "{word.value}"', span=word.span, hint=hint) from None
    except (DeltaError, OSError) as error:
        raise CommandError(f'"{word.value}" cannot be read: {error}', span=word.span) from None


def _history(ctx: Context, table: DeltaTable) -> str:
    import pyarrow as pa

    pairs = pa.map_(pa.string(), pa.string())
    schema = pa.schema(
        [
            ("version", pa.int64()),
            ("timestamp", pa.timestamp("us", "UTC")),
            ("userId", pa.string()),
            ("userName", pa.string()),
            ("operation", pa.string()),
            ("operationParameters", pairs),
            ("job", pa.string()),
            ("notebook", pa.string()),
            ("clusterId", pa.string()),
            ("readVersion", pa.int64()),
            ("isolationLevel", pa.string()),
            ("isBlindAppend", pa.bool_()),
            ("operationMetrics", pairs),
            ("userMetadata", pa.string()),
            ("engineInfo", pa.string()),
        ]
    )
    found = [_version(entry, schema.names) for entry in table.history()]
    return ctx.result(pa.Table.from_pylist(found, schema=schema))


def _version(entry: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    row = {name: entry.get(name) for name in names}
    for name in TEXT_COLUMNS:
        row[name] = None if row[name] is None else _text(row[name])
    if row["timestamp"] is not None:
        row["timestamp"] *= 1000  # milliseconds there, microseconds here
    for name in ("operationParameters", "operationMetrics"):
        row[name] = [(key, _text(value)) for key, value in (row[name] or {}).items()]
    return row


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _info(ctx: Context, table: DeltaTable) -> str:
    import pyarrow as pa

    files = pa.table(table.get_add_actions(flatten=True))
    sizes = files.column("size_bytes").to_pylist()
    values = (sum(sizes), len(sizes), 1, 1, None, None)
    columns = {name: pa.array([value], pa.int64()) for name, value in zip(INFO_COLUMNS, values, strict=True)}
    return ctx.result(pa.table(columns))
