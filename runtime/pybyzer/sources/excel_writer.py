"""A table as a sheet of a workbook: a new one is streamed, an existing one gets a sheet or more rows."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pybyzer.context import Context
from pybyzer.errors import BadOption, TooLarge, Unsupported
from pybyzer.sources.base import Mode, SaveRequest
from pybyzer.sources.commit import written_aside
from pybyzer.sources.excel_book import Address, Area, Book, loading
from pybyzer.sources.paths import Place, explained

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CHARACTERS = 32_767
"""Of a cell."""
_EXACT = 1 << 53
_FIRST_DAY = datetime.datetime(1900, 3, 1)
"""Before it, Excel's days are one off, or do not exist."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value and the format of its cell."""

    value: Any
    code: str = "General"
    error: bool = False


def save_workbook(ctx: Context, request: SaveRequest, target: Place, options: Mapping[str, str]) -> int:
    """Write a table as the workbook at ``target``; returns the number of rows."""
    address = Address.of(options["dataAddress"])
    if address.table is not None:
        raise Unsupported("excel: a save cannot go into a table of a workbook").about("dataAddress")
    schema = ctx.engine.schema(request.table)
    writer = _Writer(schema, options, ctx.settings.timezone)
    sheet = options.get("sheetName") or address.sheet or "Sheet1"
    add = request.mode is Mode.APPEND and target.exists()
    with written_aside(ctx, target, Mode.OVERWRITE if add else request.mode) as aside:
        rows = writer.rows(ctx.engine.stream(request.table).reader)
        if add:
            with target.fs.open(target.path, "rb") as data, loading(target.shown, data) as book:
                given = any(key.lower() == "dataaddress" for key in request.options)
                _add(writer, book, rows, sheet, address.area if given else None)
                _store(target, aside, book.workbook)
        else:
            _store(target, aside, _fresh(writer, rows, sheet, address.area))
    return writer.written


def _store(target: Place, path: str, workbook: Any) -> None:
    with explained("write", target), target.fs.open(path, "wb") as out:
        workbook.save(out)


def _fresh(writer: _Writer, rows: Iterator[list[Shown]], sheet: str, area: Area) -> Any:
    """A new workbook, its cells streamed to a temporary file."""
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    worksheet = workbook.create_sheet(_title(sheet))
    before = [None] * (area.first_column - 1)
    try:
        for _ in range(area.first_row - 1):
            worksheet.append([])
        for row in writer.within(area, rows):
            worksheet.append([*before, *(writer.cell(worksheet, shown) for shown in row)])
    except BaseException:
        # Else what was written so far stays open, and in a temporary file, until the process ends.
        worksheet.close()
        worksheet._writer.cleanup()
        raise
    return workbook


def _add(writer: _Writer, book: Book, rows: Iterator[list[Shown]], sheet: str, given: Area | None) -> None:
    """A new sheet; in one that exists at ``given``, or below its last row."""
    workbook = book.workbook
    known = {worksheet.title.lower(): worksheet for worksheet in workbook.worksheets}
    if sheet.lower() not in known:
        worksheet, area = workbook.create_sheet(_title(sheet)), given or Area()
    else:
        worksheet = known[sheet.lower()]
        area = given or _below(writer, worksheet)
    for number, row in enumerate(writer.within(area, rows), area.first_row):
        for column, shown in enumerate(row, area.first_column):
            cell = worksheet.cell(number, column)
            made = writer.cell(worksheet, shown)
            cell.value = made.value
            cell.data_type, cell.number_format = made.data_type, made.number_format


def _below(writer: _Writer, worksheet: Any) -> Area:
    """The rows after those of a sheet, whose header must be ours."""
    if worksheet.max_row == 1 and worksheet.max_column == 1 and worksheet["A1"].value is None:
        return Area()
    if writer.header:
        there = [cell.value for cell in worksheet[1]]
        if there != writer.names:
            raise BadOption(
                f'excel: the sheet "{worksheet.title}" has other columns: {", ".join(map(str, there))}',
                hint="name another sheet, or a dataAddress",
                option="sheetName",
            )
        writer.header = False
    return Area(first_row=worksheet.max_row + 1)


def _title(sheet: str) -> str:
    if len(sheet) > 31 or any(character in sheet for character in r"[]:*?/\ "[:-1]):
        raise BadOption(
            f'excel: "{sheet}" cannot be the name of a sheet',
            option="sheetName",
            hint=r"at most 31 characters, without [ ] : * ? / \ ",
        )
    return sheet


class _Writer:
    """Rows of a table as rows of cells."""

    def __init__(self, schema: pa.Schema, options: Mapping[str, str], zone: str) -> None:
        self.header = options["header"].lower() == "true"
        self.names = list(schema.names)
        self.written = 0
        self._zone = ZoneInfo(zone)
        self._date, self._time = options["dateFormat"], options["timestampFormat"]
        self._cells = [self._maker(field) for field in schema]

    def rows(self, batches: pa.RecordBatchReader) -> Iterator[list[Shown]]:
        """The rows, one by one."""
        for batch in batches:
            columns = [
                [Shown(None) if value is None else make(value) for value in column.to_pylist()]
                for column, make in zip(batch.columns, self._cells, strict=True)
            ]
            for row in zip(*columns, strict=True):
                self.written += 1
                yield list(row)

    def within(self, area: Area, rows: Iterator[list[Shown]]) -> Iterator[list[Shown]]:
        """Header and rows; ``TooLarge`` when they do not fit into the area."""
        space = area.last_row - area.first_row + 1 - self.header
        if len(self.names) > area.last_column - area.first_column + 1:
            raise TooLarge(f"excel: {len(self.names)} columns do not fit into the sheet or range").about(
                "dataAddress"
            )
        if self.header:
            yield [Shown(name) for name in self.names]
        for row in rows:
            if self.written > space:
                raise TooLarge(
                    f"excel: more than {space} rows do not fit into the sheet or range",
                    hint="save as csv or parquet, or in several sheets",
                )
            yield row

    def cell(self, worksheet: Any, shown: Shown) -> Any:
        """A cell; texts stay texts, whatever they begin with."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.utils.exceptions import IllegalCharacterError

        value = shown.value
        try:
            cell = WriteOnlyCell(worksheet, value)
        except IllegalCharacterError:
            raise BadOption(
                f"excel: row {self.written}: a control character cannot be in a cell: {value!r:.80}"
            ) from None
        if isinstance(value, str):
            if len(value) > MOST_CHARACTERS:
                raise TooLarge(
                    f"excel: row {self.written}: a text of {len(value)} characters does not fit into a cell",
                    hint=f"at most {MOST_CHARACTERS}",
                )
            cell.data_type = "e" if shown.error else "s"
        cell.number_format = shown.code
        return cell

    def _maker(self, field: pa.Field) -> Callable[[Any], Shown]:
        import pyarrow as pa

        kinds, dtype = pa.types, field.type
        if kinds.is_timestamp(dtype):
            return self._zoned if dtype.tz else self._local
        if kinds.is_date(dtype):
            return self._day
        if kinds.is_integer(dtype):
            return lambda value: Shown(value if abs(value) <= _EXACT else str(value))
        if kinds.is_floating(dtype):
            return _double
        if kinds.is_decimal(dtype):
            return _decimal
        if kinds.is_boolean(dtype) or kinds.is_string(dtype) or kinds.is_null(dtype):
            return Shown
        raise Unsupported(
            f'excel: the column "{field.name}" cannot be put into cells',
            hint=f"to_json({field.name}) as text",
        )

    def _zoned(self, value: datetime.datetime) -> Shown:
        return self._local(value.astimezone(self._zone).replace(tzinfo=None))

    def _local(self, value: datetime.datetime) -> Shown:
        if value < _FIRST_DAY:
            return Shown(value.isoformat(" "))
        return Shown(value, self._time)

    def _day(self, value: datetime.date) -> Shown:
        moment = datetime.datetime.combine(value, datetime.time())
        return Shown(value.isoformat()) if moment < _FIRST_DAY else Shown(moment, self._date)


def _double(value: float) -> Shown:
    """NaN and infinity are no numbers in Excel: the error #NUM!, as in the original."""
    return Shown(value) if math.isfinite(value) else Shown("#NUM!", error=True)


def _decimal(value: Decimal) -> Shown:
    """A number where a cell can hold it exactly, else its text."""
    return Shown(float(value)) if Decimal(repr(float(value))) == value else Shown(format(value, "f"))
