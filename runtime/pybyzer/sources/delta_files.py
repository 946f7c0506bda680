"""The Parquet files of a Delta save: exactly as many as asked for, with statistics for the log."""

from __future__ import annotations

import datetime
import json
import math
import os
import time
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote

from pybyzer.models.shape import is_archive
from pybyzer.sources.parquet import ParquetSink
from pybyzer.sources.parts import by_partition, contiguous, let_go

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from deltalake.transaction import AddAction

LONGEST = 32
"""Characters of a text kept as a minimum; longer ones have no statistics."""


class Files:
    """The files of one save, below ``root``. ``written`` collects their paths while they are made, so
    that a failed save can remove them.
    """

    def __init__(
        self, root: str, schema: pa.Schema, partition_by: tuple[str, ...], written: list[str]
    ) -> None:
        self._root, self._schema, self._partition_by = root, schema, partition_by
        self._inner = _without(schema, partition_by)
        self._written = written
        self._id = str(uuid.uuid4())
        self._open: dict[str, _File] = {}

    def write(
        self, batches: Iterable[pa.RecordBatch], parts: int | Sequence[int]
    ) -> tuple[int, list[AddAction]]:
        """Write the rows in so many files, or with so many rows each (for each partition of the table);
        the number of rows, and what a commit needs.
        """
        rows = 0
        files: list[_File] = []
        try:
            with contiguous(self._schema, batches, parts, self._root) as cut:
                for number, part in enumerate(cut):
                    rows += self._part(part, number, even_if_empty=parts != 1)
                    for file in self._open.values():
                        file.close()
                    files += self._open.values()
                    self._open = {}
        except BaseException:
            for file in self._open.values():
                file.sink.abandon()
                let_go(file.file)
            raise
        now = int(time.time() * 1000)
        return rows, [file.action(now) for file in files]

    def link(self, path: str, rows: int) -> tuple[int, list[AddAction]]:
        """Take a finished file of the same rows as it is; ``OSError`` when it is on another disk."""
        name = f"part-00000-{self._id}-c000.parquet"
        full = os.path.join(self._root, name)
        os.link(path, full)
        self._written.append(full)
        return rows, [_action(full, name, "", int(time.time() * 1000))]

    def _part(self, batches: Iterable[pa.RecordBatch], number: int, *, even_if_empty: bool) -> int:
        rows = 0
        if even_if_empty and not self._partition_by:
            self._file("", number)
        for batch in batches:
            rows += batch.num_rows
            pieces = by_partition(batch, self._partition_by) if self._partition_by else [("", batch)]
            for folder, piece in pieces:
                if piece.num_rows:
                    self._file(folder, number).sink.write(piece)
        return rows

    def _file(self, folder: str, number: int) -> _File:
        if folder not in self._open:
            codec = "" if is_archive(self._inner) else ".snappy"
            name = f"part-{number:05d}-{self._id}-c000{codec}.parquet"
            path = os.path.join(self._root, folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._written.append(path)
            self._open[folder] = _File(path, os.path.join(folder, name), folder, self._inner)
        return self._open[folder]


def _without(schema: pa.Schema, columns: tuple[str, ...]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([field for field in schema if field.name not in columns])


class _File:
    """One file of a table."""

    def __init__(self, full: str, path: str, folder: str, schema: pa.Schema) -> None:
        import pyarrow as pa

        self.full, self.path, self.folder = full, path, folder
        self.file: IO[bytes] = pa.OSFile(full, "wb")  # one of Python's would copy all that passes it
        # Models are many bytes that do not get smaller.
        self.sink = ParquetSink(self.file, schema, "none" if is_archive(schema) else "snappy")

    def close(self) -> None:
        try:
            self.sink.close()
        finally:
            self.file.close()

    def action(self, now: int) -> AddAction:
        """How the log describes this file."""
        return _action(self.full, self.path, self.folder, now)


def _action(full: str, path: str, folder: str, now: int) -> AddAction:
    import pyarrow.parquet as pq
    from deltalake.transaction import AddAction

    return AddAction(
        path=path,
        size=os.path.getsize(full),
        partition_values=_values(folder),
        modification_time=now,
        data_change=True,
        stats=json.dumps(statistics(pq.read_metadata(full))),
    )


def _values(folder: str) -> dict[str, str | None]:
    pairs = [part.partition("=") for part in folder.split("/")] if folder else []
    return {
        unquote(key): None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
        for key, _, value in pairs
    }


def statistics(metadata: pq.FileMetaData) -> dict[str, Any]:
    """Number of rows, and minimum, maximum and NULLs of plain top-level columns."""
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    bad: set[str] = set()
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            name, found = column.path_in_schema, column.statistics
            if "." in name or found is None or not found.has_min_max or not found.has_null_count:
                bad.add(name)
                continue
            low, high = _plain(found.min), _plain(found.max)
            if low is None or high is None:
                bad.add(name)
                continue
            least[name] = min(least.get(name, low), low)
            most[name] = max(most.get(name, high), high)
            nulls[name] = nulls.get(name, 0) + found.null_count
    return {
        "numRecords": metadata.num_rows,
        "minValues": {k: v for k, v in least.items() if k not in bad},
        "maxValues": {k: v for k, v in most.items() if k not in bad},
        "nullCount": {k: v for k, v in nulls.items() if k not in bad},
    }


def _plain(value: object) -> int | float | str | None:
    """A statistic as the log writes it; None when it has no exact place there."""
    match value:
        case bool() | bytes() | Decimal() | datetime.datetime():
            return None
        case int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            return value if len(value) <= LONGEST else None
        case datetime.date():
            return value.isoformat()
        case _:
            return None
