"""The two methods of a format: ``load`` and ``save``. A new format is one file in this folder.

``scan`` is optional and only faster: it names files that the engine may read natively; when the
engine says "not I", ``load`` is asked for Arrow. A save becomes visible whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from pybyzer.arrow import Stream
from pybyzer.context import Context, Parameter
from pybyzer.engines.base import Scan
from pybyzer.errors import Span, Unsupported
from pybyzer.registry import Registry

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


class Mode(StrEnum):
    """What a save does when there is something already."""

    ERROR = "errorifexists"
    OVERWRITE = "overwrite"
    APPEND = "append"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """One load statement, templates filled. ``path`` as written: resolve it with ``ctx.resolve``."""

    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """One save statement, templates filled. ``table`` is the name of the table being saved.

    ``partitions`` is the value of the generic option ``fileNum``, None when not given.
    """

    table: str
    path: str
    mode: Mode = Mode.ERROR
    options: Mapping[str, str] = field(default_factory=dict)
    partition_by: tuple[str, ...] = ()
    partitions: int | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load gives when it knows how the table is laid out: Arrow in so many partitions."""

    data: Ingestible
    partitions: int


class Source:
    """A format. Subclasses give their options (checked and documented) and override what they can do."""

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    """Options of load."""
    save_parameters: ClassVar[tuple[Parameter, ...]] = ()
    """Options of save; ``fileNum`` is every format's."""

    def scan(self, ctx: Context, request: LoadRequest) -> Scan | None:
        """Files for the engine to read natively, or None when only ``load`` can."""
        return None

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible | Loaded:
        """The table as Arrow: a dataset or a factory of readers (stays lazy), or a reader."""
        raise Unsupported(f"load is not supported in {self.name}")

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        """Write the table ``request.table``; returns the number of rows when known."""
        raise Unsupported(f"save is not supported in {self.name}")


SOURCES: Registry[type[Source]] = Registry("format", "pybyzer.sources")

__all__ = ["SOURCES", "LoadRequest", "Loaded", "Mode", "SaveRequest", "Source", "Stream"]
