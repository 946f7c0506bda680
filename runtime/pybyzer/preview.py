"""The one place with a row limit: the first rows of a table, and whether there are more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.engines.base import Engine

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a table. ``more`` says that the table has others."""

    rows: pa.Table
    more: bool


def take(engine: Engine, name: str, limit: int) -> Preview:
    """At most ``limit`` rows; asks for one more to know whether that is all."""
    rows = engine.stream(name, limit=limit + 1).reader.read_all()
    return Preview(rows.slice(0, limit), rows.num_rows > limit)
