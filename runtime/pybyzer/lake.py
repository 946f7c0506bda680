"""The lake from outside a load: which Delta tables there are, and what is done to one as a whole."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import CommandError, UnknownName, Unsupported
from pybyzer.registry import did_you_mean
from pybyzer.stores import storage

if TYPE_CHECKING:
    from deltalake import DeltaTable

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DAY, WEEK = 24, 168
"""In hours. Files that no version needs any more are kept a week, unless somebody says otherwise."""


def tables(ctx: Context) -> list[tuple[str, str]]:
    """Database and name of every table in the lake."""
    lake = os.path.dirname(os.path.dirname(ctx.lake_directory("x.y")))
    found = []
    for database in sorted(os.listdir(lake)) if os.path.isdir(lake) else []:
        folder = os.path.join(lake, database)
        for table in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if os.path.isdir(os.path.join(folder, table, "_delta_log")):
                found.append((database, table))
    return found


def directory(ctx: Context, name: str) -> str:
    """Where ``db.table`` is; with a slash it is a path or a URL."""
    if "/" not in name:
        return ctx.lake_directory(name)
    path = ctx.resolve(name)
    return path.removeprefix("file://") if path.startswith("file:///") else path


def opened(ctx: Context, name: str) -> DeltaTable:
    """The table of that name; ``UnknownName`` with the closest of the lake."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    path = directory(ctx, name)
    options = dict(storage(ctx, path).delta) if "://" in path else {}
    with explained(name):
        try:
            return DeltaTable(path, storage_options=options or None)
        except TableNotFoundError:
            names = [f"{database}.{table}" for database, table in tables(ctx)]
            raise UnknownName(f'no Delta table "{name}"', hint=did_you_mean(name, names)) from None


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turns what the deltalake library says into our errors."""
    from deltalake.exceptions import CommitFailedError, DeltaError, DeltaProtocolError

    try:
        yield
    except DeltaProtocolError as error:
        raise Unsupported(f'"{name}": {_plain(error)}') from None
    except CommitFailedError as error:
        raise CommandError(
            f'"{name}" was changed by others meanwhile: {error}', hint="run it again"
        ) from None
    except (DeltaError, OSError) as error:
        raise CommandError(f'"{name}": {_plain(error)}') from None


def _plain(error: Exception) -> str:
    """The library's message on one line, without its colours."""
    lines = _COLOUR.sub("", str(error)).splitlines()
    return ": ".join(line.strip(" ↳") for line in lines if line.strip(" ↳"))


def compact(table: DeltaTable, files: int) -> tuple[int, int]:
    """Have at most ``files`` files in each partition; how many were added and removed.

    The library fills files up to a size in the order in which they are; with room for the largest beyond
    an equal share, no partition can need more than ``files``.
    """
    import pyarrow as pa

    found = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    columns = [f"partition.{column}" for column in table.metadata().partition_columns]
    shares: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for file in found:
        shares[tuple(file[column] for column in columns)].append(file["size_bytes"])
    if all(len(sizes) <= files for sizes in shares.values()):
        return 0, 0
    room = max(math.ceil(sum(sizes) / files) + max(sizes) for sizes in shares.values())
    done = table.optimize.compact(target_size=room)
    return int(done["numFilesAdded"]), int(done["numFilesRemoved"])


def vacuum(ctx: Context, table: DeltaTable, name: str, hours: int | None) -> int:
    """Remove files that no version of the last ``hours`` needs; how many there were.

    Tables of this session that read them are computed first. Files that no version names go only when
    they are older than a day: somebody may be about to commit them.
    """
    kept = WEEK if hours is None else hours
    full = kept >= DAY
    gone = table.vacuum(kept, dry_run=True, enforce_retention_duration=False, full=full)
    # Tables of a store are read through paths that begin in the table's directory.
    ctx.engine.settle([directory(ctx, name), *gone])
    return len(table.vacuum(kept, dry_run=False, enforce_retention_duration=False, full=full))


def remove(ctx: Context, name: str) -> None:
    """Remove a table with all its versions; those of this session that read it keep their rows."""
    opened(ctx, name)
    path = directory(ctx, name)
    if "://" in path:
        raise Unsupported(
            f'"{name}" is in a store whose directories cannot vanish at once', hint="!hdfs -rm -r"
        )
    ctx.engine.settle([path])
    gone = f"{path.rstrip('/')}.removed"
    with explained(name):
        os.rename(path, gone)  # from now on nobody finds half a table
        shutil.rmtree(gone)
