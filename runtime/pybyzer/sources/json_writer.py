"""Rows as lines of JSON, as Spark writes them: NULL fields left out, times in ISO form, column by column."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from pybyzer.context import BOOLEAN, Parameter
from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.parts import PartFormat, let_go
from pybyzer.sources.spark_text import lines_of, spark_text

if TYPE_CHECKING:
    import pyarrow as pa

SAVE_PARAMETERS = (
    Parameter("compression", "of the files", "none", choices=("none", "uncompressed", "gzip")),
    Parameter("ignoreNullFields", "leave out fields that are NULL", "true", choices=BOOLEAN),
    Parameter("dateFormat", "how dates are written", "yyyy-MM-dd"),
    Parameter("timestampFormat", "how timestamps are written", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"),
    Parameter(
        "timestampNTZFormat", "how timestamps without a zone are written", "yyyy-MM-dd'T'HH:mm:ss[.SSS]"
    ),
    Parameter("encoding", "how characters are written", "UTF-8", choices=("UTF-8",)),
    Parameter("owner", "the user below whose home the path is"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)


def json_format(options: Mapping[str, str], zone: str) -> PartFormat:
    """The part format for checked options."""
    compressed = options["compression"].lower() == "gzip"
    writer = JsonWriter(
        TimeFormat(options["dateFormat"], "dateFormat"),
        TimeFormat(options["timestampFormat"], "timestampFormat", zone),
        TimeFormat(options["timestampNTZFormat"], "timestampNTZFormat"),
        keep_nulls=options["ignoreNullFields"].lower() == "false",
    )
    extension = ".json.gz" if compressed else ".json"
    return PartFormat("json", extension, lambda file, schema: JsonSink(file, writer, compressed))


class JsonSink:
    """A file of JSON lines being written."""

    def __init__(self, file: IO[bytes], writer: JsonWriter, compressed: bool) -> None:
        self._file = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if compressed else file
        self._compressed, self._writer = compressed, writer

    def write(self, batch: pa.RecordBatch) -> None:
        for start in range(0, batch.num_rows, 50_000):
            self._file.write(self._writer.lines(batch.slice(start, 50_000)))

    def close(self) -> None:
        if self._compressed:
            self._file.close()

    def abandon(self) -> None:
        if self._compressed:
            let_go(self._file)


class JsonWriter:
    """Arrow columns to JSON text, a column at a time."""

    def __init__(self, date: TimeFormat, zoned: TimeFormat, local: TimeFormat, *, keep_nulls: bool) -> None:
        self._date, self._zoned, self._local, self._keep_nulls = date, zoned, local, keep_nulls

    def lines(self, batch: pa.RecordBatch) -> bytes:
        """The rows of a batch, each with its line end."""
        if batch.num_rows == 0:
            return b""
        return lines_of(self._object(batch.schema.names, batch.columns, batch.num_rows))

    def _object(self, names: list[str], columns: list[pa.Array], rows: int) -> pa.Array:
        """``{...}`` for each row."""
        import pyarrow as pa
        import pyarrow.compute as pc

        fields = []
        for name, column in zip(names, columns, strict=True):
            values = self._values(column)
            if self._keep_nulls:
                values = pc.fill_null(values, "null")
            key = json.dumps(name, ensure_ascii=False) + ":"
            fields.append(pc.binary_join_element_wise(pa.scalar(key), values, ""))
        if not fields:
            return pa.array(["{}"] * rows)
        # Arrow joins a single array to nothing at all.
        inner = (
            pc.binary_join_element_wise(*fields, ",", null_handling="skip")
            if len(fields) > 1
            else pc.fill_null(fields[0], "")
        )
        return pc.binary_join_element_wise(pa.scalar("{"), inner, pa.scalar("}"), "")

    def _values(self, column: pa.Array) -> pa.Array:
        """The JSON text of each value; NULL stays NULL."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds, dtype = pa.types, column.type
        if kinds.is_null(dtype):
            return pa.nulls(len(column), pa.string())
        if kinds.is_struct(dtype):
            names = [field.name for field in dtype]
            objects = self._object(names, column.flatten(), len(column))
            return pc.if_else(column.is_valid(), objects, None)
        if kinds.is_map(dtype):
            return self._lists(column, self._entries(column), "{}")
        if kinds.is_list(dtype) or kinds.is_large_list(dtype):
            return self._lists(column, pc.fill_null(self._values(column.flatten()), "null"), "[]")
        if kinds.is_boolean(dtype) or kinds.is_integer(dtype) or kinds.is_decimal(dtype):
            return spark_text(column)
        if kinds.is_floating(dtype):
            text = spark_text(column)
            odd = pc.is_in(text, value_set=pa.array(["NaN", "Infinity", "-Infinity"]))
            return pc.if_else(odd, quoted(text), text)
        return quoted(self.text(column))

    def text(self, column: pa.Array) -> pa.Array:
        """Dates, timestamps, binaries and everything else as plain text."""
        import pyarrow as pa

        kinds, dtype = pa.types, column.type
        if kinds.is_date(dtype):
            return self._date.texts(column)
        if kinds.is_timestamp(dtype):
            return (self._zoned if dtype.tz else self._local).texts(column)
        if kinds.is_binary(dtype) or kinds.is_large_binary(dtype):
            values = column.to_pylist()
            return pa.array(
                [None if v is None else base64.b64encode(v).decode() for v in values], pa.string()
            )
        return spark_text(column)

    def _entries(self, column: pa.MapArray) -> pa.Array:
        """``"key":value`` for every entry of every map."""
        import pyarrow as pa
        import pyarrow.compute as pc

        begin, end = _range(column)
        keys = column.keys.slice(begin, end - begin)
        if pa.types.is_date(keys.type) or pa.types.is_timestamp(keys.type):
            # Spark writes keys as it holds them: days, or microseconds.
            keys = keys.cast(pa.int32() if pa.types.is_date(keys.type) else pa.int64())
        keys = quoted(self.text(keys))
        values = pc.fill_null(self._values(column.items.slice(begin, end - begin)), "null")
        return pc.binary_join_element_wise(keys, values, pa.scalar(":"))

    def _lists(self, column: pa.Array, parts: pa.Array, brackets: str) -> pa.Array:
        """The parts of each list between brackets."""
        import pyarrow as pa
        import pyarrow.compute as pc

        lengths = pc.list_value_length(column if not pa.types.is_map(column.type) else _as_list(column))
        ends = pc.cumulative_sum(pc.fill_null(lengths, 0).cast(pa.int32()))
        offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
        joined = pc.binary_join(pa.ListArray.from_arrays(offsets, parts.cast(pa.string())), ",")
        whole = pc.binary_join_element_wise(pa.scalar(brackets[0]), joined, pa.scalar(brackets[1]), "")
        return pc.if_else(column.is_valid(), whole, None)


def _range(column: pa.MapArray) -> tuple[int, int]:
    """The first and last offset a (sliced) map array uses."""
    offsets = column.offsets
    return offsets[0].as_py(), offsets[len(offsets) - 1].as_py()


def _as_list(column: pa.MapArray) -> pa.Array:
    import pyarrow as pa

    return column.cast(pa.list_(pa.struct([("key", column.type.key_type), ("value", column.type.item_type)])))


def quoted(text: pa.Array) -> pa.Array:
    """Texts as JSON strings."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.binary_join_element_wise(pa.scalar('"'), text, pa.scalar('"'), "")
    odd = pc.fill_null(pc.match_substring_regex(text, r'["\\\x00-\x1f]'), False)
    if not pc.any(odd).as_py():
        return plain
    escaped = pa.array([escape(value) for value in text.filter(odd).to_pylist()], pa.string())
    return pc.replace_with_mask(plain, odd, escaped)


def escape(text: str) -> str:
    """One text as a JSON string; control characters as Jackson writes them (``\\u001F``)."""
    whole = json.dumps(text, ensure_ascii=False)
    if "\\u00" not in whole:
        return whole
    return "".join(
        f"\\u{ord(c):04X}" if c < " " and c not in "\n\r\t\b\f" else json.dumps(c, ensure_ascii=False)[1:-1]
        for c in text
    ).join('""')
