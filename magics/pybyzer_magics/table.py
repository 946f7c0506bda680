"""A preview as a table: aligned text, and HTML that needs no script and no style sheet."""

from __future__ import annotations

import base64
import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import type_name
from pybyzer_magics.values import NULL, image_type, is_number, python_values, shown, size_text

if TYPE_CHECKING:
    import pyarrow as pa

TEXT_WIDTH = 60
"""Columns a value may take in the text form; longer ones are cut with an ellipsis."""
TALL_ROWS = 20
"""A table with more rows scrolls in a frame of its own, so that it does not push the notebook apart."""
HTML_LENGTH = 1000
"""Characters of a value in the HTML form."""
LONE_LENGTH = 100_000
"""Characters of a value that is the whole table: the listing of a directory, the text of a file."""
PICTURE_BYTES = 64 * 1024
"""A larger picture is shown as bytes."""
PICTURES_BYTES = 1024 * 1024
"""All pictures of one table together."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a preview, its values still Python's."""

    name: str
    type: str
    number: bool
    values: Sequence[Any]


def columns(rows: pa.Table) -> list[Column]:
    """The columns of a table, types by their Spark names."""
    return [
        Column(field.name, type_name(field.type), is_number(field.type), python_values(rows.column(i)))
        for i, field in enumerate(rows.schema)
    ]


def count_text(rows: int, more: bool = False, total: int | None = None) -> str:
    """How much of the table this is: ``3 rows``, ``first 200 of 1,797 rows``."""
    if not more:
        return "1 row" if rows == 1 else f"{rows:,} rows"
    return (
        f"first {rows:,} of {total:,} rows" if total is not None else f"first {rows:,} rows, there are more"
    )


def as_text(shown_columns: Sequence[Column], note: str, zone: str = "UTC") -> str:
    """Aligned columns: names, types, a rule, the rows, and the note. Wide characters count as two."""
    if not shown_columns:
        return note
    if len(shown_columns) == 1 and any("\n" in str(value) for value in shown_columns[0].values):
        only = shown_columns[0]
        return "\n".join([only.name, *(shown(value, zone) for value in only.values), note])
    laid_out = [_lay_out(column, zone) for column in shown_columns]
    lines = ["  ".join(cells).rstrip() for cells in zip(*laid_out, strict=True)]
    return "\n".join([*lines, note])


def as_html(shown_columns: Sequence[Column], note: str, zone: str = "UTC") -> str:
    """A ``<table>`` with types in its header; numbers to the right, NULL apart from the text NULL."""
    budget = PICTURES_BYTES
    head = "".join(
        f'<th style="text-align:{_side(column)}">{html.escape(column.name)}'
        f'<br><small style="font-weight:normal;opacity:0.6">{html.escape(column.type)}</small></th>'
        for column in shown_columns
    )
    alone = len(shown_columns) == 1 and len(shown_columns[0].values) == 1
    limit = LONE_LENGTH if alone else HTML_LENGTH
    cells: list[list[str]] = []
    for column in shown_columns:
        made = []
        for value in column.values:
            picture = image_type(value) if isinstance(value, bytes) else None
            if picture and len(value) <= min(PICTURE_BYTES, budget):
                budget -= len(value)
                inner = _picture(picture, value)
            else:
                inner = _cell(value, zone, limit)
            # Notebooks collapse blanks in cells of tables: only where there are some is it undone.
            blanks = ";white-space:pre-wrap" if "\n" in inner or "  " in inner else ""
            if alone and "\n" in inner:
                blanks += ";font-family:monospace"
            made.append(f'<td style="text-align:{_side(column)}{blanks}">{inner}</td>')
        cells.append(made)
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in zip(*cells, strict=True))
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"
    if cells and len(cells[0]) > TALL_ROWS:
        table = f'<div style="max-height:32em;overflow:auto">\n{table}</div>\n'
    return f'{table}<p style="opacity:0.6">{html.escape(note)}</p>'


def _side(column: Column) -> str:
    return "right" if column.number else "left"


def _cell(value: object, zone: str, limit: int) -> str:
    if value is None:
        return f'<i style="opacity:0.5">{NULL}</i>'
    text = shown(value, zone)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return html.escape(cut)


def _picture(mime: str, value: bytes) -> str:
    data = base64.b64encode(value).decode("ascii")
    return (
        f'<img src="data:{mime};base64,{data}" alt="{size_text(len(value))}" '
        'style="max-height:64px;max-width:128px">'
    )


def _lay_out(column: Column, zone: str) -> list[str]:
    """Name, type, rule and values of a column, all of one width."""
    texts = [_one_line(shown(value, zone)) for value in column.values]
    head = [_one_line(column.name), _one_line(column.type)]
    width = max(_width(text) for text in (*head, *texts))
    return [_pad(text, width, column.number) for text in (*head, "-" * width, *texts)]


def _one_line(text: str) -> str:
    flat = text.replace("\\", "\\\\") if "\n" in text else text
    flat = flat.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    if _width(flat) <= TEXT_WIDTH:
        return flat
    used, kept = 0, []
    for char in flat:
        used += _width(char)
        if used > TEXT_WIDTH - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def _width(text: str) -> int:
    """Columns a text takes in a terminal: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks
