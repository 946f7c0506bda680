"""``!delta``: the tables of the lake, their versions, their size and their files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pybyzer import lake
from pybyzer.commands.base import COMMANDS, Arguments, Command, again, column, cut_named, placed, rows
from pybyzer.context import Context
from pybyzer.errors import Span

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
HELP = (
    ("!delta show tables;", "the tables of the lake"),
    ("!delta history db.table;", "its versions, newest first"),
    ("!delta info db.table;", "its files and bytes"),
    (
        "!delta compact db.table 10 1;",
        "the same rows in at most 1 file for each partition; 10 is its version",
    ),
    ("!delta vacuum db.table 168;", "removes files that no version of the last 168 hours needs"),
    ("!deltaTable desc|truncate|delete|vacuum|remove db.table;", "columns; changes to the whole table"),
)
NOTE = "A table is db.table of the lake, or a path with a slash."


@COMMANDS.register("delta")
class DeltaCommand(Command):
    """``history``: one row for each version, newest first; ``info``: files and bytes of the newest.

    ``numOfRemoves`` and ``numOfSetTransactions`` are NULL: the library does not tell them. ``compact``
    keeps the rows and their order; readers and writers go on meanwhile, so ``background`` changes nothing.
    """

    name = "delta"
    usage = (
        "!delta show tables | history t | info t | compact t [version files] | vacuum t [hours]   [named x]"
    )
    description = "the tables of the lake, their history, size and files"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1)
        result = self._answer(ctx, words)
        return result if name is None else again(ctx, result, name, "!delta")

    def _answer(self, ctx: Context, arguments: Arguments) -> str:
        action, rest = arguments[0], arguments[1:]
        if action.value == "help":
            return column(ctx, "value", [*(f"{usage:<56} {does}" for usage, does in HELP), NOTE])
        if action.value == "show" and [word.value for word in rest] == ["tables"]:
            return rows(ctx, ("table", "database"), [[t, d] for d, t in lake.tables(ctx)])
        if action.value not in ("history", "info", "compact", "vacuum"):
            names = "show tables, history, info, compact, vacuum or help"
            raise self.wrong(f'"{action.value}" is not {names}', action)
        self.require(arguments, 2, {"compact": 5, "vacuum": 3}.get(action.value, 2))
        with placed(rest[0].span):
            table = lake.opened(ctx, rest[0].value)
            if action.value == "history":
                return _history(ctx, table)
            if action.value == "info":
                return _info(ctx, table)
            if action.value == "compact":
                return self._compact(ctx, table, rest)
            hours = self.whole(rest[1], "the hours", 0) if len(rest) > 1 else None
            with lake.explained(rest[0].value):
                removed = lake.vacuum(ctx, table, rest[0].value, hours)
            return rows(ctx, ("name", "value"), [["removedFiles", removed]])

    def _compact(self, ctx: Context, table: DeltaTable, words: Arguments) -> str:
        version = self.whole(words[1], "the version", 0) if len(words) > 1 else table.version()
        files = self.whole(words[2], "the number of files", 1) if len(words) > 2 else 1
        if version > table.version():
            raise self.wrong(f"the newest version is {table.version()}", words[1])
        if len(words) > 3 and words[3].value != "background":
            raise self.wrong(f'"{words[3].value}" should be background', words[3])
        with lake.explained(words[0].value):
            added, removed = lake.compact(table, files)
        return rows(ctx, ("name", "value"), [["addNewFiles", added], ["removeFiles", removed]])


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
