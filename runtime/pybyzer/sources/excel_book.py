"""An Excel workbook as rows of cells: its sheets, addresses, tables and colours, read as a stream."""

from __future__ import annotations

import contextlib
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from pybyzer.errors import BadOption, ByzerError, TooLarge, Unsupported
from pybyzer.registry import did_you_mean
from pybyzer.sources.paths import File, Place, explained

if TYPE_CHECKING:
    from pybyzer.context import Context

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Of an xlsx sheet."""
MOST_SHARED = 2 << 30
"""Bytes of a workbook's shared texts, which must be in memory; a small file may unpack to any size."""
_OLE = b"\xd0\xcf\x11\xe0"
_CELL = r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})"
_RANGE = re.compile(rf"{_CELL}(?::{_CELL})?\Z")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})\Z")
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.*)\Z", re.DOTALL)
_TABLE = re.compile(r"([^\[\]!]+)\[([^\]]*)\]\Z")

Cell = Any
"""openpyxl's cell: ``value``, ``data_type``, ``number_format``, ``fill``."""


@dataclass(frozen=True, slots=True)
class Area:
    """Rows and columns from 1, both ends inclusive."""

    first_row: int = 1
    first_column: int = 1
    last_row: int = LAST_ROW
    last_column: int = LAST_COLUMN


@dataclass(frozen=True, slots=True)
class Address:
    """``dataAddress`` read: a sheet (or None), an area, or a table's name."""

    sheet: str | None = None
    area: Area = Area()
    table: str | None = None
    given: bool = False

    @classmethod
    def of(cls, text: str | None) -> Address:
        """Read ``B3``, ``B3:F35``, ``A:C``, ``'Sheet'!A1:C8``, ``Table[#All]`` or a sheet's name."""
        if not text or not text.strip():
            return cls()
        own = text.strip()
        table = _TABLE.match(own)
        if table:
            if table[2].lower() != "#all":
                raise BadOption(
                    f"excel: of a table only all of it can be read: {table[1]}[#All]", option="dataAddress"
                )
            return cls(table=table[1], given=True)
        sheet = _SHEET.match(own)
        if sheet:
            name = sheet[1].replace("''", "'") if sheet[1] else sheet[2]
            area = _area(sheet[3])
            if area is None:
                raise BadOption(
                    f'excel: dataAddress: "{sheet[3]}" is not a cell or range',
                    option="dataAddress",
                    hint=_FORMS,
                )
            return cls(name, area, given=True)
        area = _area(own)
        if area is not None:
            return cls(area=area, given=True)
        return cls(own.strip("'"))


_FORMS = "B3, B3:F35, 'My Sheet'!A1:C8, MyTable[#All], or the name of a sheet"


def _area(text: str) -> Area | None:
    from openpyxl.utils import column_index_from_string as number

    columns = _COLUMNS.match(text)
    if columns:
        return _ordered(Area(1, number(columns[1]), LAST_ROW, number(columns[2])))
    found = _RANGE.match(text)
    if found is None:
        return None
    first = int(found[2]), number(found[1])
    last = (int(found[4]), number(found[3])) if found[3] else (LAST_ROW, LAST_COLUMN)
    return _ordered(Area(*first, *last))


def _ordered(area: Area) -> Area | None:
    rows = sorted((area.first_row, area.last_row))
    columns = sorted((area.first_column, area.last_column))
    if rows[0] < 1 or rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        return None
    return Area(rows[0], columns[0], rows[1], columns[1])


class Book:
    """An open workbook. ``shown`` is how it is called in messages."""

    def __init__(self, workbook: Any, shown: str) -> None:
        self.workbook, self.shown = workbook, shown

    def area(self, address: Address, sheet: str | None) -> tuple[Any, Area]:
        """The worksheet and the area that are asked for; ``sheet`` (a name or an index) comes first."""
        if address.table is not None:
            worksheet, area = self._table(address.table)
            return (self.sheet(sheet, "sheetName") if sheet else worksheet), area
        if sheet:
            return self.sheet(sheet, "sheetName"), address.area
        if address.sheet is not None:
            return self.sheet(address.sheet, "dataAddress"), address.area
        if not self.workbook.worksheets:
            raise BadOption(f"excel: {self.shown} has no sheet of cells", option="path")
        return self.workbook.worksheets[0], address.area

    def sheet(self, name: str, option: str) -> Any:
        """A sheet by index from 0, or by name."""
        sheets = self.workbook.worksheets
        if option == "sheetName" and name.isdigit() and int(name) < len(sheets):
            return sheets[int(name)]
        for worksheet in sheets:
            if worksheet.title.lower() == name.lower():
                return worksheet
        titles = [worksheet.title for worksheet in sheets]
        raise BadOption(
            f'excel: {self.shown} has no sheet "{name}"',
            option=option,
            hint=did_you_mean(name, titles) or "sheets: " + ", ".join(titles[:20]),
        )

    def _table(self, name: str) -> tuple[Any, Area]:
        from openpyxl.packaging.relationship import get_dependents, get_rels_path
        from openpyxl.worksheet.table import Table
        from openpyxl.xml.functions import fromstring

        archive = self.workbook._archive
        known = []
        for worksheet in self.workbook.worksheets:
            relations = get_rels_path(worksheet._worksheet_path)
            if relations not in archive.namelist():
                continue
            for relation in get_dependents(archive, relations).find(Table._rel_type):
                table = Table.from_tree(fromstring(archive.read(relation.target)))
                known.append(table.displayName)
                area = _area(table.ref)
                if table.displayName.lower() == name.lower() and area is not None:
                    return worksheet, area
        raise BadOption(
            f'excel: {self.shown} has no table "{name}"', option="dataAddress", hint=did_you_mean(name, known)
        )

    def rows(self, worksheet: Any, area: Area) -> Iterator[Sequence[Cell]]:
        """The cells of each row that the file has, from the area's first column on."""
        from openpyxl.cell.read_only import EMPTY_CELL

        number, row = area.first_row, ()
        try:
            worksheet.reset_dimensions()
            bounded = area.last_column if area.last_column < LAST_COLUMN else None
            read = worksheet.iter_rows(area.first_row, None, area.first_column, bounded)
            for row in itertools.islice(read, area.last_row - area.first_row + 1):
                if any(cell is not EMPTY_CELL for cell in row):
                    yield row
                number += 1
        except ByzerError:
            raise
        except Exception as error:  # whatever a damaged file makes the library raise
            raise self.damaged(error, worksheet.title, f"row {number}") from None

    def width(self, row: Sequence[Cell]) -> tuple[int, int]:
        """Where the cells of a row begin and end, blank ones at the end left out."""
        from openpyxl.cell.read_only import EMPTY_CELL

        there = [index for index, cell in enumerate(row) if cell is not EMPTY_CELL]
        filled = [index for index in there if row[index].value is not None] or there
        return there[0], filled[-1] + 1

    def damaged(self, error: BaseException, sheet: str | None = None, where: str | None = None) -> BadOption:
        """The error for a file that is not as it should be, with the place."""
        place = ", ".join(part for part in (sheet and f'sheet "{sheet}"', where) if part)
        at = f", {place}" if place else ""
        return BadOption(
            f"excel: {self.shown}{at}: the workbook is damaged ({type(error).__name__}: {str(error)[:200]})",
            option="path",
        )

    # -- colours ---------------------------------------------------------------------------

    def colour(self, cell: Cell) -> str | None:
        """The ARGB of a cell's filling, ``""`` without one, None where there is no cell."""
        from openpyxl.cell.read_only import EMPTY_CELL
        from openpyxl.styles.colors import COLOR_INDEX

        if cell is EMPTY_CELL:
            return None
        fill = cell.fill if cell.has_style else None
        if fill is None or getattr(fill, "fill_type", None) is None:
            return ""
        colour = fill.fgColor
        if colour.type == "rgb":
            return str(colour.rgb).upper()
        if colour.type == "indexed":
            return "FF" + COLOR_INDEX[colour.indexed][2:].upper() if colour.indexed < len(COLOR_INDEX) else ""
        return self._theme.get(colour.theme, "")

    @cached_property
    def _theme(self) -> dict[int, str]:
        """Colours of the theme by number: the first four stand in the other order in the file."""
        from openpyxl.xml.functions import fromstring

        if not self.workbook.loaded_theme:
            return {}
        space = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
        scheme = fromstring(self.workbook.loaded_theme).find(f".//{space}clrScheme")
        found = [
            entry[0].get("lastClr") or entry[0].get("val") for entry in ([] if scheme is None else scheme)
        ]
        order = (1, 0, 3, 2, *range(4, len(found)))
        return {number: f"FF{found[at]}".upper() for number, at in enumerate(order) if at < len(found)}


# -- opening -------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(ctx: Context, at: Place, file: File, options: Mapping[str, str]) -> Iterator[Book]:
    """A workbook to read from."""
    with (
        workbook_file(ctx, at, file, options) as data,
        loading(file.path, data, read_only=True, data_only=True) as book,
        contextlib.closing(book.workbook),
    ):
        yield book


@contextlib.contextmanager
def loading(shown: str, data: IO[bytes], **how: Any) -> Iterator[Book]:
    """The workbook in ``data``; what is wrong with the file becomes an error that names it."""
    import warnings

    import openpyxl

    book = Book(None, shown)
    try:
        _check_size(data, shown)
        with warnings.catch_warnings():
            # openpyxl warns about parts (drawings, extensions) that do not matter here.
            warnings.simplefilter("ignore")
            book.workbook = openpyxl.load_workbook(data, **how)
    except (ByzerError, MemoryError):
        raise
    except zipfile.BadZipFile:
        raise BadOption(f"excel: {shown} is not an Excel workbook (xlsx)", option="path") from None
    except Exception as error:  # whatever a damaged file makes the library raise
        raise book.damaged(error) from None
    yield book


@contextlib.contextmanager
def workbook_file(ctx: Context, at: Place, file: File, options: Mapping[str, str]) -> Iterator[IO[bytes]]:
    """A workbook's bytes, decrypted when it has a password."""
    with explained("read", at), contextlib.ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(at.fs.open(file.path, "rb"))
        start = raw.read(4)
        raw.seek(0)
        if start == _OLE:
            raw = stack.enter_context(_decrypted(ctx, raw, file.path, options.get("workbookPassword")))
        yield raw


def _decrypted(ctx: Context, raw: IO[bytes], shown: str, password: str | None) -> IO[bytes]:
    import tempfile

    crypto: Any = ctx.require("msoffcrypto", "a workbook with a password", "msoffcrypto-tool")
    try:
        office = crypto.OfficeFile(raw)
        protected = office.is_encrypted() and office.type != "plain"
    except Exception:  # the library raises its own and others' classes
        protected = False
    if not protected or office.format != "ooxml":
        raise Unsupported(
            f"excel: {shown} is in the format of Excel before 2007 (xls)", hint="save it as xlsx in Excel"
        ).about("path")
    if not password:
        raise BadOption(f"excel: {shown} is protected by a password", hint='workbookPassword="..."').about(
            "path"
        )
    plain: IO[bytes] = tempfile.SpooledTemporaryFile(64 << 20)  # noqa: SIM115 - the caller closes it
    try:
        office.load_key(password=password)
        office.decrypt(plain)
    except Exception as error:  # a wrong password has several classes
        plain.close()
        raise BadOption(
            f"excel: {shown} does not open with this password ({type(error).__name__})",
            option="workbookPassword",
        ) from None
    plain.seek(0)
    return plain


def _check_size(data: IO[bytes], shown: str) -> None:
    with zipfile.ZipFile(data) as archive:
        size = sum(info.file_size for info in archive.infolist() if "worksheets/sheet" not in info.filename)
    data.seek(0)
    if size > MOST_SHARED:
        raise TooLarge(f"excel: the texts of {shown} take {size >> 20} MB when unpacked").about("path")
