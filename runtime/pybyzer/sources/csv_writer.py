"""Rows as CSV, as Spark writes them: quotes where needed, times in ISO form, column by column."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pybyzer.arrow import type_name
from pybyzer.context import BOOLEAN, Parameter
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.lines import unescaped
from pybyzer.sources.parts import PartFormat, let_go
from pybyzer.sources.spark_text import lines_of, spark_text

if TYPE_CHECKING:
    import pyarrow as pa

SAVE_PARAMETERS = (
    Parameter("header", "write the names of the columns first", "false", choices=BOOLEAN),
    Parameter("sep", "what separates values", ","),
    Parameter("delimiter", "the same as sep"),
    Parameter("quote", "around values with separators, quotes or line ends", '"'),
    Parameter("escape", "before a quote inside quotes", "\\"),
    Parameter("quoteAll", "quote every value", "false", choices=BOOLEAN),
    Parameter("escapeQuotes", "quote values that hold a quote", "true", choices=BOOLEAN),
    Parameter("nullValue", "what is written for NULL", ""),
    Parameter("emptyValue", "what is written for an empty text", '""'),
    Parameter("dateFormat", "how dates are written", "yyyy-MM-dd"),
    Parameter("timestampFormat", "how timestamps are written", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"),
    Parameter("timestampNTZFormat", "how those without a zone are", "yyyy-MM-dd'T'HH:mm:ss[.SSS]"),
    Parameter("ignoreLeadingWhiteSpace", "leave out blanks before texts", "true", choices=BOOLEAN),
    Parameter("ignoreTrailingWhiteSpace", "leave out blanks after texts", "true", choices=BOOLEAN),
    Parameter("compression", "of the files", "none", choices=("none", "uncompressed", "gzip", "bzip2")),
    Parameter("codec", "the same as compression", choices=("none", "uncompressed", "gzip", "bzip2")),
    Parameter("encoding", "how characters are written", "UTF-8", choices=("UTF-8",)),
    Parameter("lineSep", "what ends a line", "\n"),
    Parameter("owner", "the user below whose home the path is"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Arrow columns to CSV text, a column at a time."""

    separator: str
    quote: str
    escape: str
    null: str
    empty: str
    end: str
    header: bool
    quote_all: bool
    escape_quotes: bool
    trim_left: bool
    trim_right: bool
    date: TimeFormat
    zoned: TimeFormat
    local: TimeFormat

    def head(self, names: list[str]) -> bytes:
        """The header line."""
        import pyarrow as pa

        cells = [self._cells(pa.array([name]), first=i == 0)[0].as_py() for i, name in enumerate(names)]
        return (self.separator.join(cells) + self.end).encode()

    def lines(self, batch: pa.RecordBatch) -> bytes:
        """The rows of a batch, each with its line end."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if batch.num_rows == 0:
            return b""
        cells = [self._cells(self._texts(c), first=i == 0) for i, c in enumerate(batch.columns)]
        rows = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, self.separator)
        if len(cells) == 1 and not self.null:
            # A line with nothing on it would be no row.
            rows = pc.if_else(pc.equal(rows, ""), pa.scalar(self.quote * 2), rows)
        return lines_of(rows, self.end)

    def _texts(self, column: pa.Array) -> pa.Array:
        import pyarrow as pa

        kinds, dtype = pa.types, column.type
        if kinds.is_date(dtype):
            return self.date.texts(column)
        if kinds.is_timestamp(dtype):
            return (self.zoned if dtype.tz else self.local).texts(column)
        if kinds.is_binary(dtype) or kinds.is_large_binary(dtype):
            hexes = [None if v is None else f"[{v.hex(' ').upper()}]" for v in column.to_pylist()]
            return pa.array(hexes, pa.string())
        return spark_text(column)

    def _cells(self, texts: pa.Array, *, first: bool) -> pa.Array:
        """Texts with quotes where they need them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        original = texts
        if self.trim_left:
            texts = pc.utf8_ltrim(texts, characters=_BLANKS)
        if self.trim_right:
            texts = pc.utf8_rtrim(texts, characters=_BLANKS)
        empty = pc.equal(texts, "")
        quoted = texts
        if self.quote:
            special = [self.separator, "\n", "\r", *([self.quote] if self.escape_quotes else [])]
            pattern = "|".join(map(re.escape, special)) + ("|^#" if first else "")
            needed = pc.match_substring_regex(original, pattern)
            if self.quote_all:
                needed = pc.invert(empty)
            if pc.any(needed).as_py():
                inner = texts
                if self.escape and self.escape != self.quote:
                    inner = pc.replace_substring(inner, self.escape, self.escape * 2)
                inner = pc.replace_substring(inner, self.quote, self.escape + self.quote)
                whole = pc.binary_join_element_wise(pa.scalar(self.quote), inner, pa.scalar(self.quote), "")
                quoted = pc.if_else(needed, whole, texts)
        quoted = pc.if_else(empty, self.empty, quoted)
        null = f"{self.quote}{self.null}{self.quote}" if self.quote_all else self.null
        return pc.fill_null(quoted, null)


_BLANKS = "".join(map(chr, range(33)))


def csv_format(options: Mapping[str, str], zone: str) -> PartFormat:
    """The part format for checked options."""
    codec = (options.get("codec") or options["compression"]).lower()
    quote, escape = unescaped(options["quote"]), unescaped(options["escape"])
    for name, value in (("quote", quote), ("escape", escape)):
        if len(value) > 1:
            raise BadOption(f'csv: {name} must be one character, not "{value}"', option=name)

    def flag(name: str) -> bool:
        return options[name].lower() == "true"

    writer = CsvWriter(
        unescaped(options.get("delimiter") or options["sep"]),
        quote.replace("\0", ""),
        escape.replace("\0", ""),
        options["nullValue"],
        options["emptyValue"],
        unescaped(options["lineSep"]),
        flag("header"),
        flag("quoteAll"),
        flag("escapeQuotes"),
        flag("ignoreLeadingWhiteSpace"),
        flag("ignoreTrailingWhiteSpace"),
        TimeFormat(options["dateFormat"], "dateFormat"),
        TimeFormat(options["timestampFormat"], "timestampFormat", zone),
        TimeFormat(options["timestampNTZFormat"], "timestampNTZFormat"),
    )
    extension = {"gzip": ".csv.gz", "bzip2": ".csv.bz2"}.get(codec, ".csv")
    return PartFormat("csv", extension, lambda file, schema: CsvSink(file, schema, writer, codec))


class CsvSink:
    """A CSV file being written."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, writer: CsvWriter, codec: str) -> None:
        import pyarrow as pa

        for field in schema:
            if pa.types.is_nested(field.type):
                raise Unsupported(
                    f'csv cannot hold column "{field.name}" of type {type_name(field.type)}',
                    hint=f"to_json({field.name}) makes a text of it, or save it as json or parquet",
                )
        self._compressed, self._writer = codec in ("gzip", "bzip2"), writer
        self._file: IO[bytes] | gzip.GzipFile | bz2.BZ2File = file
        if codec == "gzip":
            self._file = gzip.GzipFile("", "wb", fileobj=file, mtime=0)
        elif codec == "bzip2":
            self._file = bz2.BZ2File(file, "wb")
        if writer.header:
            self._file.write(writer.head(schema.names))

    def write(self, batch: pa.RecordBatch) -> None:
        for start in range(0, batch.num_rows, 50_000):
            self._file.write(self._writer.lines(batch.slice(start, 50_000)))

    def close(self) -> None:
        if self._compressed:
            self._file.close()

    def abandon(self) -> None:
        if self._compressed:
            let_go(self._file)
