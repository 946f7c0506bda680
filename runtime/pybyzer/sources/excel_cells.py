"""Cells of a sheet as Arrow columns: their types, or the texts that the workbook shows."""

from __future__ import annotations

import collections
import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption
from pybyzer.sources.excel_book import Book, Cell
from pybyzer.sources.excel_format import number_text, time_text

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 5_000
_KINDS = {"s": "string", "b": "boolean", "n": "double", "d": "timestamp"}
_ZERO_DAY = datetime.date(1899, 12, 31)
"""The day of a time without a date."""

Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table in a sheet; types by Spark's name; ``colours``: also how cells are filled."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    zone: str
    empty_is_null: bool = False
    plain: bool = False
    colours: bool = False

    @property
    def schema(self) -> pa.Schema:
        import pyarrow as pa

        from pybyzer.arrow import parse_type

        fields = [(name, parse_type(kind)) for name, kind in zip(self.names, self.kinds, strict=True)]
        more = [(f"{name}_color", pa.string()) for name in self.names if self.colours]
        return pa.schema([*fields, *more])

    def batches(self, book: Book, rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
        """The rows of a sheet, header left out."""
        import pyarrow as pa

        schema = self.schema
        rest = iter(rows)
        while part := list(itertools.islice(rest, BATCH_ROWS)):
            columns = []
            for index, kind in enumerate(self.kinds):
                columns.append(self._column([row[index] if index < len(row) else None for row in part], kind))
            if self.colours:
                for index in range(len(self.names)):
                    own = [book.colour(row[index]) if index < len(row) else None for row in part]
                    columns.append(pa.array(own, pa.string()))
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _column(self, cells: list[Cell | None], kind: str) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        if kind == "string":
            return pa.array([None if cell is None else self._text(cell) for cell in cells], pa.string())
        values = [None if cell is None or cell.data_type in ("e", "s") else cell.value for cell in cells]
        if kind == "timestamp":
            moments = pa.array([None if v is None else _moment(v) for v in values], pa.timestamp("us"))
            zoned = pc.assume_timezone(moments, self.zone, ambiguous="earliest", nonexistent="earliest")
            return zoned.cast(pa.timestamp("us", tz="UTC"))
        if kind == "double":
            values = [None if v is None else float(v) for v in values]
        return pa.array(values, self.schema.field(self.kinds.index(kind)).type)

    def _text(self, cell: Cell) -> str | None:
        """What the cell shows; NULL for an empty one."""
        value = cell.value
        if value is None or (value == "" and self.empty_is_null):
            return None
        if cell.data_type == "n":
            return number_text(value, cell.number_format, plain=self.plain)
        if cell.data_type == "d":
            moment = _moment(value)
            return time_text(moment, _serial(moment, value), cell.number_format)
        if cell.data_type == "b":
            return "TRUE" if value else "FALSE"
        return str(value)


def _moment(value: Any) -> datetime.datetime:
    """A cell's time as a moment; a time of day is one of the day zero."""
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.timedelta):
        return datetime.datetime.combine(_ZERO_DAY, datetime.time()) + value
    if isinstance(value, datetime.time):
        return datetime.datetime.combine(_ZERO_DAY, value)
    return datetime.datetime.combine(value, datetime.time())


def _serial(moment: datetime.datetime, value: Any) -> float:
    from openpyxl.utils.datetime import to_excel

    return float(to_excel(value if isinstance(value, datetime.timedelta) else moment))


def names_of(first: Row, *, header: bool, shown: str) -> tuple[str, ...]:
    """Names from the first row: ``_c0`` where a header is blank, with the index where one repeats."""
    if all(cell.value is None for cell in first):
        raise BadOption(
            f"excel: {shown}: the first row is empty", hint='say where the table is: dataAddress="B3"'
        )
    if not header:
        return tuple(f"_c{index}" for index in range(len(first)))
    texts = [_heading(cell) for cell in first]
    counts = collections.Counter(text for text in texts if text)
    return tuple(
        f"_c{index}" if not text else f"{text}{index}" if counts[text] > 1 else text
        for index, text in enumerate(texts)
    )


def _heading(cell: Cell) -> str:
    """A header's name; numbers and times are named as they are shown."""
    return Layout((), (), "UTC")._text(cell) or ""


def kinds_of(rows: Iterable[Row], width: int) -> tuple[str, ...]:
    """The type of each column: that of its cells, or string when they differ."""
    found: list[str | None] = [None] * width
    for row in rows:
        for index, cell in enumerate(row[:width]):
            if cell.value is None or cell.value == "" or found[index] == "string":
                continue
            own = _KINDS.get(cell.data_type)
            if own is not None:
                found[index] = own if found[index] in (None, own) else "string"
    return tuple(kind or "string" for kind in found)
