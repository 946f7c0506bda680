"""A table saved as one file for each row: pictures, texts."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.commit import skipped, written_aside
from pybyzer.sources.paths import place

if TYPE_CHECKING:
    import pyarrow as pa


def save_row_files(ctx: Context, request: SaveRequest, options: Mapping[str, str], content: str) -> int:
    """Write a column of each row to the file that another column names, below the path.

    The columns are the values of the options ``content`` and ``fileName``.

    Appending replaces files of the same name. Errors say which row it was.
    """
    if request.partitions is not None:
        raise BadOption("fileNum has no meaning here: each row is one file", option="fileNum")
    target = place(ctx, request.path, request.options)
    if skipped(target, request.mode):
        return 0
    schema = ctx.engine.schema(request.table)
    contents, names = _column(schema, options, content), _column(schema, options, "fileName")
    row = 0
    seen: dict[str, int] = {}
    with written_aside(ctx, target, request.mode, replace_files=request.mode is Mode.APPEND) as aside:
        target.fs.makedirs(aside, exist_ok=True)
        for batch in ctx.engine.stream(request.table).reader:
            pairs = zip(batch.column(names), batch.column(contents), strict=True)
            for file, data in pairs:
                row += 1
                path = checked_name(file.as_py(), row, options["fileName"])
                if path in seen:
                    raise BadOption(f'row {row}: the file "{path}" is also that of row {seen[path]}')
                seen[path] = row
                full = posixpath.join(aside, path)
                if "/" in path:
                    target.fs.makedirs(posixpath.dirname(full), exist_ok=True)
                with target.fs.open(full, "wb") as out:
                    out.write(_bytes(data, row, options[content]))
    return row


def _column(schema: pa.Schema, options: Mapping[str, str], option: str) -> int:
    name = options[option]
    folded = [own.lower() for own in schema.names]
    if name.lower() not in folded:
        error = UnknownName(f'the table has no column "{name}"', hint=did_you_mean(name, schema.names))
        raise error.about(option)
    return folded.index(name.lower())


def checked_name(name: object, row: int, column: str) -> str:
    """A file name that stays below its directory."""
    if not isinstance(name, str) or not name.strip("/"):
        raise BadOption(f'row {row}: no file name in column "{column}": {name!r}')
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or "\\" in name:
        raise BadOption(
            f'row {row}: the file name "{name}" leads out of the directory',
            hint="a name like a.png or train/a.png",
        )
    return posixpath.normpath(name)


def _bytes(value: pa.Scalar, row: int, column: str) -> bytes:
    own = value.as_py()
    if isinstance(own, bytes):
        return own
    if isinstance(own, str):
        return own.encode()
    what = "NULL" if own is None else f"{type(own).__name__}, not binary"
    raise BadOption(f'row {row}: column "{column}" is {what}')
