"""Rows as XML: an element for each row, laid out as Spark does it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from pybyzer.context import Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.parts import PartFormat, let_go
from pybyzer.sources.spark_text import spark_text

if TYPE_CHECKING:
    import pyarrow as pa

SAVE_PARAMETERS = (
    Parameter("rootTag", "the element around the rows; attributes may follow its name", "ROWS"),
    Parameter("rowTag", "the element of a row", "ROW"),
    Parameter(
        "declaration", "the XML declaration; empty: none", 'version="1.0" encoding="UTF-8" standalone="yes"'
    ),
    Parameter("attributePrefix", "columns whose name begins so become attributes", "_"),
    Parameter("valueTag", "the column that becomes an element's own text", "_VALUE"),
    Parameter("arrayElementName", "elements of an array in an array", "item"),
    Parameter("nullValue", "what is written for NULL; without it nothing is"),
    Parameter("indent", "what lines are indented with, for each level", "    "),
    Parameter("dateFormat", "how dates are written", "yyyy-MM-dd"),
    Parameter("timestampFormat", "how timestamps are written", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"),
    Parameter(
        "timestampNTZFormat", "how timestamps without a zone are written", "yyyy-MM-dd'T'HH:mm:ss[.SSS]"
    ),
    Parameter("compression", "of the files", "none", choices=("none", "uncompressed", "gzip")),
    Parameter("codec", "the same as compression", choices=("none", "uncompressed", "gzip")),
    Parameter("charset", "how characters are written", "UTF-8", choices=("UTF-8",)),
    Parameter("encoding", "the same as charset", choices=("UTF-8",)),
    Parameter("owner", "the user below whose home the path is"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)
_NAME = re.compile(r"[A-Za-z_:\u00c0-\U000effff][-.\w:\u00b7]*\Z")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TEXT = re.compile(r"[&<\r]|(?:\A|(?<=\]))>")
_ATTRIBUTE = re.compile(r'[&<"\r\n\t]')
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\r": "&#xd;",
    "\n": "&#xa;",
    "\t": "&#x9;",
}


def xml_format(options: Mapping[str, str], zone: str) -> PartFormat:
    """The part format for checked options."""
    codec = options.get("codec") or options["compression"]
    compressed = codec.lower() == "gzip"
    layout = Layout(
        options["rootTag"],
        _named(options["rowTag"], "rowTag"),
        options["declaration"],
        options["attributePrefix"],
        options["valueTag"],
        _named(options["arrayElementName"], "arrayElementName"),
        options.get("nullValue"),
        options["indent"],
    )
    _named(layout.root.partition(" ")[0], "rootTag")
    times = (
        TimeFormat(options["dateFormat"], "dateFormat"),
        TimeFormat(options["timestampFormat"], "timestampFormat", zone),
        TimeFormat(options["timestampNTZFormat"], "timestampNTZFormat"),
    )
    extension = ".xml.gz" if compressed else ".xml"
    return PartFormat("xml", extension, lambda file, schema: XmlSink(file, layout, times, compressed))


@dataclass(frozen=True, slots=True)
class Layout:
    """Names and spaces of a document."""

    root: str
    row: str
    declaration: str
    prefix: str
    value: str
    item: str
    null: str | None
    indent: str


class XmlSink:
    """A document being written."""

    def __init__(
        self,
        file: IO[bytes],
        layout: Layout,
        times: tuple[TimeFormat, TimeFormat, TimeFormat],
        compressed: bool,
    ) -> None:
        self._file = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if compressed else file
        self._compressed, self._layout, self._times = compressed, layout, times
        self._line = "\n" if layout.indent else ""
        self._begun = False

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        if batch.num_rows == 0:
            return
        if not self._begun:
            self._begun = True
            self._begin()
        texts = [self._texts(column) for column in batch.columns]
        rows = pa.RecordBatch.from_arrays(texts, list(map(str, range(len(texts)))))
        for start in range(0, rows.num_rows, 5_000):
            columns = [
                column.to_pylist(maps_as_pydicts="strict") for column in rows.slice(start, 5_000).columns
            ]
            written = (
                self._element(self._layout.row, dict(zip(batch.schema.names, row, strict=True)), 1)
                for row in zip(*columns, strict=True)
            )
            self._file.write("".join(written).encode())

    def _begin(self) -> None:
        own = self._layout
        text = f"<?xml {own.declaration}?>\n" if own.declaration else ""
        self._file.write(f"{text}<{own.root.replace(chr(39), chr(34))}>".encode())

    def close(self) -> None:
        if self._begun:
            self._file.write(f"{self._line}</{self._layout.root.partition(' ')[0]}>".encode())
        if self._compressed:
            self._file.close()

    def abandon(self) -> None:
        if self._compressed:
            let_go(self._file)

    # -- values ----------------------------------------------------------------------------

    def _texts(self, column: pa.Array) -> pa.Array:
        """A column with every leaf as text."""
        import pyarrow as pa

        kinds, dtype = pa.types, column.type
        if kinds.is_struct(dtype):
            parts = [self._texts(part) for part in column.flatten()]
            return pa.StructArray.from_arrays(parts, [field.name for field in dtype], mask=column.is_null())
        if kinds.is_map(dtype):
            keys, items = self._texts(column.keys), self._texts(column.items)
            return pa.MapArray.from_arrays(_offsets(column), keys, items)
        if kinds.is_list(dtype):
            return pa.ListArray.from_arrays(_offsets(column), self._texts(column.values))
        if kinds.is_date(dtype):
            return self._times[0].texts(column)
        if kinds.is_timestamp(dtype):
            return self._times[1 if dtype.tz else 2].texts(column)
        if kinds.is_binary(dtype):
            shown = [
                None if v is None else f"[{' '.join(f'{byte:02X}' for byte in v)}]"
                for v in column.to_pylist()
            ]
            return pa.array(shown, pa.string())
        return spark_text(column)

    def _element(self, name: str, value: Any, depth: int) -> str:
        """One element, on a line of its own. ``value``: an object, a list, a text or None."""
        own = self._layout
        if value is None:
            if own.null is None:
                return ""
            value = own.null
        begin = f"{self._line}{own.indent * depth}<{_checked(name)}"
        if isinstance(value, str):
            return f"{begin}>{_escaped(value, _TEXT)}</{name}>"
        attributes, content, nested = "", "", False
        pairs = value.items() if isinstance(value, dict) else ((own.item, each) for each in value)
        for key, part in pairs:
            if key == own.value and not isinstance(part, (dict, list)):
                text = own.null if part is None else part
                content += "" if text is None else _escaped(text, _TEXT)
            elif own.prefix and key.startswith(own.prefix):
                text = own.null if part is None else part
                if text is not None:
                    attributes += f' {_checked(key[len(own.prefix) :])}="{_escaped(str(text), _ATTRIBUTE)}"'
            else:
                inner = self._field(key, part, depth + 1)
                nested = nested or bool(inner)
                content += inner
        if not content:
            return f"{begin}{attributes}/>"
        end = f"{self._line}{own.indent * depth}" if nested else ""
        return f"{begin}{attributes}>{content}{end}</{name}>"

    def _field(self, name: str, value: Any, depth: int) -> str:
        """A field: an element, or one for each element of an array."""
        if isinstance(value, list):
            return "".join(self._of_array(name, each, depth) for each in value)
        return self._element(name, value, depth)

    def _of_array(self, name: str, value: Any, depth: int) -> str:
        if isinstance(value, dict) and set(value) == {self._layout.value}:
            value = value[self._layout.value]
        return self._element(name, value, depth)


def _offsets(column: pa.Array) -> pa.Array:
    """The offsets of a list array, NULL where it is."""
    import numpy as np
    import pyarrow as pa

    if not column.null_count:
        return column.offsets
    nulls = np.append(column.is_null().to_numpy(zero_copy_only=False), False)
    return pa.array(column.offsets.to_numpy(), pa.int32(), mask=nulls)


def _escaped(text: str, pattern: re.Pattern[str]) -> str:
    illegal = _ILLEGAL.search(text)
    if illegal:
        raise BadOption(f"xml: the character U+{ord(illegal[0]):04X} cannot be written: {text[:60]!r}")
    return pattern.sub(lambda found: _ESCAPES[found[0]], text)


def _checked(name: str) -> str:
    if not _NAME.match(name):
        raise BadOption(
            f'xml: "{name}" cannot be the name of an element', hint=f"give it another: `{name}` as x"
        )
    return name


def _named(name: str, option: str) -> str:
    if not _NAME.match(name):
        raise BadOption(f'xml: {option}: "{name}" cannot be the name of an element', option=option)
    return name
