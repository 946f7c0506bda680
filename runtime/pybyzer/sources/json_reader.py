"""JSON lines to Arrow with Spark's schema inference.

Blocks of plain lines are parsed by Arrow; a block in which anything is unusual (a malformed line, types
that differ, numbers beyond 64 bits) is parsed line by line, so that the answer is Spark's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pybyzer.context import BOOLEAN, Parameter
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.json_text import Leniency, RepeatedKey, parse
from pybyzer.sources.json_types import Inference, TextWanted, coerced, merge, settled

if TYPE_CHECKING:
    import pyarrow as pa

_LONG_NUMBER = re.compile(rb"[0-9]{19}")
BATCH_ROWS = 10_000

JSON_PARAMETERS = (
    Parameter("mode", "malformed records", "PERMISSIVE", choices=("PERMISSIVE", "DROPMALFORMED", "FAILFAST")),
    Parameter("columnNameOfCorruptRecord", "the column of malformed records", "_corrupt_record"),
    Parameter("primitivesAsString", "numbers and booleans become strings", "false", choices=BOOLEAN),
    Parameter("prefersDecimal", "fractions become decimals when they fit", "false", choices=BOOLEAN),
    Parameter("dropFieldIfAllNull", "leave out columns that are always NULL", "false", choices=BOOLEAN),
    Parameter("inferTimestamp", "not done: texts stay strings", "false", choices=BOOLEAN),
    Parameter("allowComments", "accept /* */ and // comments", "false", choices=BOOLEAN),
    Parameter("allowUnquotedFieldNames", "accept {a: 1}", "false", choices=BOOLEAN),
    Parameter("allowSingleQuotes", "accept {'a': 'x'}", "true", choices=BOOLEAN),
    Parameter("allowNumericLeadingZeros", "accept 01", "false", choices=BOOLEAN),
    Parameter("allowNonNumericNumbers", "accept NaN and Infinity", "true", choices=BOOLEAN),
    Parameter("allowBackslashEscapingAnyCharacter", "accept \\x for any x", "false", choices=BOOLEAN),
    Parameter("allowUnquotedControlChars", "accept control characters in texts", "false", choices=BOOLEAN),
    Parameter("samplingRatio", "without effect: all rows are looked at"),
    Parameter("dateFormat", "without effect: dates are read as strings"),
    Parameter("timestampFormat", "without effect: timestamps are read as strings"),
    Parameter("timeZone", "without effect"),
    Parameter("locale", "without effect"),
)
"""Options of the reader; the defaults are Spark's."""


@dataclass(frozen=True, slots=True)
class JsonReader:
    """How JSON is read. ``documents``: a block is one document, not lines."""

    leniency: Leniency
    inference: Inference
    mode: str = "permissive"
    corrupt_column: str = "_corrupt_record"
    drop_nulls: bool = False
    documents: bool = False

    @classmethod
    def of(cls, options: Mapping[str, str], *, documents: bool = False) -> Self:
        """From checked options (all with defaults)."""
        if options["inferTimestamp"].lower() == "true":
            raise Unsupported(
                "json: inferTimestamp is not done here", hint="cast in a select: cast(t as timestamp)"
            )
        return cls(
            Leniency.of(options),
            Inference(
                options["primitivesAsString"].lower() == "true", options["prefersDecimal"].lower() == "true"
            ),
            options["mode"].lower(),
            options["columnNameOfCorruptRecord"],
            options["dropFieldIfAllNull"].lower() == "true",
            documents,
        )

    # -- types -----------------------------------------------------------------------------

    def schema(self, blocks: Iterable[bytes]) -> pa.Schema:
        """The columns of all the rows, in alphabetical order.

        ``blocks`` are UTF-8 and end at the end of a line (or document).
        """
        import pyarrow as pa

        whole = pa.struct([])
        corrupt = False
        for block in map(_with_newlines, blocks):
            fast = self._arrow_type(block)
            if fast is not None:
                whole = merge(whole, fast)
                continue
            for text in self._texts(block):
                rows = self._rows(text)
                if rows is None:
                    corrupt = corrupt or text.strip() != "null"
                    continue
                for row in rows:
                    whole = merge(whole, self.inference.type_of(row))
        if corrupt and self.mode == "permissive":
            whole = merge(whole, pa.struct([(self.corrupt_column, pa.string())]))
        columns = settled(whole, drop_nulls=self.drop_nulls)
        if columns is None:
            raise BadOption("json: no columns, because there are no records with fields")
        schema = pa.schema(list(columns))
        self._no_repetition(schema)
        return schema

    def _no_repetition(self, schema: pa.Schema) -> None:
        seen: dict[str, str] = {}
        for name in schema.names:
            if name.lower() in seen:
                raise BadOption(
                    f'json: the columns "{seen[name.lower()]}" and "{name}" differ only in case',
                    hint="rename one of them in the data",
                )
            seen[name.lower()] = name

    def _arrow_type(self, block: bytes) -> pa.DataType | None:
        """The types Arrow finds in a plain block; None when it is not plain."""
        import pyarrow as pa

        if self.inference != Inference() or not self._plain(block):
            return None
        table = _arrow_rows(block, None)
        if table is None or table.num_rows != _records(block):
            return None
        return _without_moments(pa.struct(list(table.schema)))

    def _plain(self, block: bytes) -> bool:
        """Whether each line of a block is an object and nothing else, written as every parser expects."""
        return not self.documents and _is_plain(block) and (block.isascii() or _is_utf8(block))

    # -- rows ------------------------------------------------------------------------------

    def batches(self, blocks: Iterable[bytes], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of blocks, with the columns of ``schema``."""
        for block in map(_with_newlines, blocks):
            fast = None
            if self.corrupt_column not in schema.names and self._plain(block):
                fast = _arrow_rows(block, schema)
            if fast is not None and fast.num_rows == _records(block):
                yield from fast.select(schema.names).cast(schema).to_batches(max_chunksize=100_000)
            else:
                yield from self._slowly(block, schema)

    def _slowly(self, block: bytes, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        kind = pa.struct(list(schema))
        waiting: list[dict[str, Any]] = []
        for text in self._texts(block):
            waiting += self._coerced(text, kind)
            if len(waiting) >= BATCH_ROWS:
                yield _batch(waiting, schema)
                waiting = []
        if waiting:
            yield _batch(waiting, schema)

    def _coerced(self, text: str, kind: pa.DataType) -> list[dict[str, Any]]:
        rows = self._rows(text)
        if rows is None:
            if self.mode == "dropmalformed":
                return []
            return [{self.corrupt_column: text} if kind.get_field_index(self.corrupt_column) >= 0 else {}]
        try:
            return [coerced(row, kind) for row in rows]
        except TextWanted:
            return [coerced(row, kind) for row in self._rows(text, keep_text=True) or []]

    def _texts(self, block: bytes) -> Iterator[str]:
        """The records of a block as text."""
        if self.documents:
            yield block.decode("utf-8", "replace")
            return
        for line in block.splitlines():
            if line.strip():
                yield line.decode("utf-8", "replace")

    def _rows(self, text: str, *, keep_text: bool = False) -> list[dict[str, Any]] | None:
        """The objects of a record; None when it is malformed."""
        try:
            value = parse(text, self.leniency, keep_text=keep_text)
        except RepeatedKey as error:
            raise BadOption(f'json: an object has the key "{error}" twice: {text[:80]}') from None
        except ValueError:
            value = 0
        rows = value if isinstance(value, list) else [value]
        if all(isinstance(row, dict) for row in rows):
            return rows
        if self.mode == "failfast":
            raise BadOption(f"json: malformed record (mode FAILFAST): {text[:200]}")
        return None


def _with_newlines(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n")


def _is_plain(block: bytes) -> bool:
    """Whether a block has no control characters, only lines ``{...}`` and no number beyond 64 bits."""
    import numpy as np

    text = np.frombuffer(block.rstrip() + b"\n", dtype=np.uint8)
    control = text < 32
    line_ends = np.flatnonzero(text == 10)
    if np.count_nonzero(control) != len(line_ends):
        return False
    starts = np.concatenate(([0], line_ends[:-1] + 1))
    filled = starts < line_ends
    if not (text[starts[filled]] == ord("{")).all() or not (text[line_ends[filled] - 1] == ord("}")).all():
        return False
    # 19 digits in a row cover two places 9 apart; only where there are such does a search pay.
    digits = (text - 48) < 10
    near = digits[:-9:9] & digits[9::9][: len(digits[:-9:9])]
    return not near.any() or _LONG_NUMBER.search(block) is None


def _records(block: bytes) -> int:
    """The number of lines of a plain block that are not blank."""
    return block.count(b"\n{") + block.startswith(b"{")


def _batch(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_struct_array(pa.array(rows, pa.struct(list(schema)))).cast(schema)


def _arrow_rows(block: bytes, schema: pa.Schema | None) -> pa.Table | None:
    """A block parsed by Arrow; None when it does not like it."""
    import pyarrow as pa
    import pyarrow.json as pj

    if not block.strip():
        return schema.empty_table() if schema is not None else None
    options = pj.ParseOptions(
        explicit_schema=schema, unexpected_field_behavior="infer" if schema is None else "ignore"
    )
    try:
        return pj.read_json(
            pa.BufferReader(block),
            read_options=pj.ReadOptions(block_size=len(block) + 1),
            parse_options=options,
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _without_moments(dtype: pa.DataType) -> pa.DataType:
    """Arrow's types as Spark's: texts that look like times stay texts; fields in order."""
    import pyarrow as pa

    if pa.types.is_struct(dtype):
        return pa.struct([(f.name, _without_moments(f.type)) for f in sorted(dtype, key=lambda f: f.name)])
    if pa.types.is_list(dtype):
        return pa.list_(_without_moments(dtype.value_type))
    return pa.string() if pa.types.is_timestamp(dtype) else dtype


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
