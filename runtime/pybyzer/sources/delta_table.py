"""A Delta table found, opened, and what went wrong with it said in the user's terms."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pybyzer.arrow import canonical_schema
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, EngineError, TooLarge, UnknownName, Unsupported
from pybyzer.registry import did_you_mean
from pybyzer.sources.paths import explained

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

PLAIN_READER_FEATURES = {"timestampNtz"}
"""Features that do not change how the files of a table are read."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a table is: an absolute directory or a URL. ``shown`` is what the user wrote.

    ``storage`` are deltalake's options for a URL.
    """

    uri: str
    shown: str
    local: bool
    storage: Mapping[str, str] = field(default_factory=dict, repr=False)


def open_table(at: Location, version: int | None = None) -> DeltaTable | None:
    """The table, or None when there is none."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    if at.local and not os.path.isdir(os.path.join(at.uri, "_delta_log")):
        return None
    with delta_errors(at):
        try:
            return DeltaTable(at.uri, version=version, storage_options=dict(at.storage) or None)
        except TableNotFoundError:
            return None


def missing(ctx: Context, at: Location) -> UnknownName:
    """The error for a table that is not there, with the closest one of the lake."""
    lake = os.path.abspath(os.path.expanduser(ctx.settings.lake))
    logs = glob.glob(os.path.join(lake, "*", "*", "_delta_log"))
    tables = [".".join(path.split(os.sep)[-3:-1]) for path in logs]
    if at.local and os.path.exists(at.uri) and "/" in at.shown:
        return UnknownName(f"{at.shown} is not a delta table: it has no _delta_log")
    return UnknownName(f'no delta table "{at.shown}"', hint=did_you_mean(at.shown, tables))


def table_schema(table: DeltaTable) -> pa.Schema:
    """A table's columns with their canonical Arrow types."""
    import pyarrow as pa

    return canonical_schema(pa.schema(table.schema().to_arrow())).remove_metadata()


def special_features(table: DeltaTable) -> set[str]:
    """Features that plain Parquet readers would get wrong (deletion vectors, column mapping)."""
    features = set(table.protocol().reader_features or ()) - PLAIN_READER_FEATURES
    mapping = table.metadata().configuration.get("delta.columnMapping.mode", "none")
    return features | ({"columnMapping"} if mapping != "none" else set())


@contextmanager
def delta_errors(at: Location, action: str = "read") -> Iterator[None]:
    """Turns errors of the deltalake library into ours, with the table's name."""
    from deltalake.exceptions import CommitFailedError, DeltaError, DeltaProtocolError

    try:
        with explained(action, at.shown):
            yield
    except (ByzerError, CommitFailedError):
        raise
    except DeltaProtocolError as error:
        raise Unsupported(f"delta table {at.shown}: {error}") from None
    except DeltaError as error:
        text = str(error)
        if "No space left" in text:
            raise TooLarge(f"cannot {action} {at.shown}: no space left on the disk") from None
        if "ermission denied" in text or "ead-only file system" in text:
            raise BadOption(f"cannot {action} {at.shown}: permission denied") from None
        raise EngineError(f"delta table {at.shown}: {text}") from None
