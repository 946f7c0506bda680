"""The statements of a cell: frozen records, each with its span.

Texts are kept as written, without their quotes and before ``${}`` is filled in: the interpreter fills
templates when the statement runs. ``printer.to_text`` turns a statement back into its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pybyzer.errors import Span


class Quote(StrEnum):
    """How a text was quoted; the value is the quote itself."""

    NONE = ""
    SINGLE = "'"
    DOUBLE = '"'
    BACK = "`"
    BLOCK = "'''"


@dataclass(frozen=True, slots=True)
class Text:
    """A word or string of a statement. ``span`` covers the content, without the quotes."""

    value: str
    span: Span
    quote: Quote = Quote.NONE


@dataclass(frozen=True, slots=True)
class Option:
    """``key = "value"``; a dotted or back-quoted key is one string. ``span`` covers the key."""

    key: str
    value: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a statement, in order; a repeated key counts once, with its last value."""

    items: tuple[Option, ...] = ()

    def get(self, key: str) -> Option | None:
        found = [item for item in self.items if item.key == key]
        return found[-1] if found else None

    def __iter__(self) -> Iterator[Option]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The root. ``span`` covers the statement without its ``;``."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Statement):
    """``load format.`path` where ... as table``"""

    format: Text
    path: Text
    options: Options
    table: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Statement):
    """``select ... as table``; ``sql`` is the text without the final ``as table``.

    Without a final ``as`` the result has no name (``table`` is None) and is only shown.
    """

    sql: Text
    table: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Save(Statement):
    """``save overwrite table as format.`path` where ... partitionBy a, b``; mode None = errorIfExists."""

    mode: Text | None
    table: Text
    format: Text
    path: Text
    options: Options
    partition_by: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Statement):
    """What train, run and predict share: ``train table as Algorithm.`path` where ... as output``."""

    table: Text
    algorithm: Text
    path: Text
    options: Options
    output: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Train(Estimate):
    """``train t as X.`path` ...``"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Estimate):
    """``run t as X.`path` ...``; the same call as train."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(Estimate):
    """``predict t as X.`path` ...``"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Statement):
    """``register X.`path` as function where ...``"""

    algorithm: Text
    path: Text
    function: Text
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregister(Statement):
    """``unregister X.`path` ...``"""

    algorithm: Text
    path: Text
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Statement):
    """``set key = value where ...``"""

    key: Text
    value: Text
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Statement):
    """``connect format where ... as name``"""

    format: Text
    options: Options
    name: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Include(Statement):
    """``include format.`path` ...``"""

    format: Text
    path: Text
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Statement):
    """``insert``, ``create``, ``drop``, ``refresh``: SQL run for its effect; ``sql`` is the whole text."""

    keyword: str
    sql: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Statement):
    """``!name argument ...``"""

    name: Text
    arguments: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPython(Statement):
    """A ``#%python`` cell: code run in a worker.

    ``code`` is the whole cell with its directive lines, so that traceback lines are the cell's.
    ``inputs`` empty means the one-row table ``command``; ``output`` None means an unnamed result.
    ``directives`` are the other ``#%key=value`` lines.
    """

    code: Text
    inputs: tuple[str, ...] = ()
    output: str | None = None
    directives: Mapping[str, str] = field(default_factory=dict)
