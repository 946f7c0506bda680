"""What the runtime tells the world while it runs: small frozen records handed to ``emit``.

Kernel, IPython, HTTP, the batch runner and the tests differ only in the ``emit`` they pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Event:
    """The root; never emitted itself."""


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A statement begins. ``label`` is short and human: ``save t``, ``!sh``, ``select``."""

    label: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """How far the current statement is. ``done``/``total`` in ``unit``; total None = unknown."""

    label: str
    done: float
    total: float | None = None
    unit: str = "rows"


@dataclass(frozen=True, slots=True)
class Printed(Event):
    """Text from a shell command or from user code. ``source`` names a worker, or is empty."""

    text: str
    stream: str = "stdout"
    source: str = ""


@dataclass(frozen=True, slots=True)
class TableReady(Event):
    """The result table of a cell: its first rows. ``more`` says that there are others."""

    name: str
    rows: pa.Table
    more: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Displayed(Event):
    """Something already in MIME form (a picture, HTML)."""

    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """A statement ended well. ``rows`` written or transferred, when that is known for free."""

    label: str
    seconds: float
    rows: int | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A statement failed; the same error is raised by ``Session.run`` right after."""

    label: str
    error: BaseException


Emit = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An ``emit`` for callers who want only the effect."""
