"""``excel``: a sheet, a range or a table of a workbook (xlsx); saved as one file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.commit import skipped
from pybyzer.sources.excel_book import Address, Book, opened
from pybyzer.sources.excel_cells import Layout, Row, kinds_of, names_of
from pybyzer.sources.excel_writer import save_workbook
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, find, place
from pybyzer.sources.stopping import until_cancelled
from pybyzer.sources.tables import partitioned

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

_HEADER = Parameter("header", "the first row holds the names of the columns", required=True, choices=BOOLEAN)
_ADDRESS = Parameter("dataAddress", "B3, B3:F35, 'Sheet'!A1:C8, Table[#All] or a sheet's name", "A1")


@SOURCES.register("excel", "com.crealytics.spark.excel")
class ExcelSource(Source):
    """Workbooks as Excel 2007 and later write them. Several files must have the same columns."""

    name = "excel"
    parameters = (
        _HEADER,
        _ADDRESS,
        Parameter("sheetName", "the sheet, by name or by index from 0; the first one by default"),
        Parameter("inferSchema", "find types: double, timestamp, boolean", "false", choices=BOOLEAN),
        Parameter("treatEmptyValuesAsNulls", "an empty text is NULL", "false", choices=BOOLEAN),
        Parameter("usePlainNumberFormat", "numbers as text with all their digits", "false", choices=BOOLEAN),
        Parameter(
            "addColorColumns", "a column name_color with how a cell is filled", "false", choices=BOOLEAN
        ),
        Parameter("skipFirstNLines", "data rows left out at the start", "0"),
        Parameter("workbookPassword", "the workbook's password"),
        Parameter("dateFormat", "without effect on load"),
        Parameter("timestampFormat", "without effect on load"),
        Parameter("maxRowsInMemory", "without effect: sheets are always streamed"),
        Parameter("excerptSize", "without effect: types are those of all rows"),
        *FILE_PARAMETERS,
    )
    save_parameters = (
        _HEADER,
        _ADDRESS,
        Parameter("sheetName", "the sheet's name; that of dataAddress, or Sheet1"),
        Parameter("dateFormat", "Excel's format of dates", "yy-m-d h:mm"),
        Parameter("timestampFormat", "Excel's format of timestamps", "yyyy-mm-dd hh:mm:ss.000"),
        Parameter("owner", "the user below whose home the path is"),
        Parameter("implClass", "accepted for old scripts; without effect"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        ctx.require("openpyxl", "excel", "openpyxl")
        at = place(ctx, request.path, options)
        sheet = _Sheet(ctx, at, options)
        files = find(at, options)
        layout = sheet.layout(files)
        return partitioned(files, layout.schema, lambda file: sheet.batches(file, layout))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        ctx.require("openpyxl", "excel", "openpyxl")
        if request.partition_by:
            raise BadOption("excel: partitionBy has no meaning here: a workbook is one file")
        target = place(ctx, request.path, options)
        if skipped(target, request.mode):
            return 0
        return save_workbook(ctx, request, target, options)


class _Sheet:
    """How one sheet of each of some workbooks is read."""

    def __init__(self, ctx: Context, at: Place, options: Mapping[str, str]) -> None:
        self._ctx, self._at, self._options = ctx, at, options
        self._header = self._on("header")
        skip = options["skipFirstNLines"]
        if not skip.isdigit():
            raise BadOption(
                f'excel: skipFirstNLines must be a whole number, not "{skip}"', option="skipFirstNLines"
            )
        self._skip = int(skip)
        self._address = Address.of(options["dataAddress"])

    def _on(self, name: str) -> bool:
        return self._options[name].lower() == "true"

    def layout(self, files: list[File]) -> Layout:
        """The columns, those of the first file; types of all of them."""
        found: tuple[str, ...] = ()
        types: list[tuple[str, ...]] = []
        for index, file in enumerate(files):
            with opened(self._ctx, self._at, file, self._options) as book:
                rows = self._rows(book)
                first = next(rows, ())
                names = names_of(first, header=self._header, shown=file.path)
                if index and names != found:
                    raise BadOption(
                        f"excel: {file.path} has other columns than {files[0].path}: {', '.join(names)}",
                        option="path",
                    )
                found = names
                if not self._on("inferSchema"):
                    continue
                data = rows if self._header else itertools.chain([first], rows)
                types.append(kinds_of(until_cancelled(self._ctx, self._data(data)), len(names)))
        kinds = tuple(_common(of_column) for of_column in zip(*types, strict=True)) if types else ()
        return Layout(
            found,
            kinds or ("string",) * len(found),
            self._ctx.settings.timezone,
            self._on("treatEmptyValuesAsNulls"),
            self._on("usePlainNumberFormat"),
            self._on("addColorColumns"),
        )

    def _rows(self, book: Book) -> Iterator[Row]:
        """The rows, from the first column to the last one that has a cell in the first row."""
        rows = book.rows(*book.area(self._address, self._options.get("sheetName")))
        first = next(rows, None)
        if first is not None:
            start, stop = book.width(first)
            yield first[start:stop]
            for row in rows:
                yield row[start:stop]

    def _data(self, rows: Iterator[Row]) -> Iterator[Row]:
        return itertools.islice(rows, self._skip, None)

    def batches(self, file: File, layout: Layout) -> Iterator[pa.RecordBatch]:
        """The rows of one file."""
        with opened(self._ctx, self._at, file, self._options) as book:
            rows = self._rows(book)
            if self._header:
                next(rows, None)
            yield from layout.batches(book, self._data(rows))


def _common(kinds: tuple[str, ...]) -> str:
    return kinds[0] if len(set(kinds)) == 1 else "string"
