"""CSV to Arrow: blocks of plain lines by Arrow's parser (``csv_arrow``), everything else line by line."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pybyzer.errors import BadOption
from pybyzer.sources.csv_arrow import plain_kinds, plain_texts, plain_values
from pybyzer.sources.csv_dialect import Dialect
from pybyzer.sources.csv_records import Records, Values
from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.text_types import TextTypes

if TYPE_CHECKING:
    import pyarrow as pa

    Chunk = bytes | list[str]

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class CsvReader:
    """How CSV is read."""

    dialect: Dialect
    types: TextTypes
    header: bool = False
    infer: bool = False
    mode: str = "permissive"
    documents: bool = False
    skip_first: int = 0
    skip_last: int = 0

    @classmethod
    def of(cls, options: Mapping[str, str], zone: str, *, documents: bool = False) -> Self:
        """From checked options."""
        formats = {
            name: TimeFormat(options[name], name) if options.get(name) else None
            for name in ("dateFormat", "timestampFormat")
        }
        types = TextTypes(
            options.get("timeZone") or zone,
            formats["dateFormat"],
            formats["timestampFormat"],
            options["nanValue"],
            options["positiveInf"],
            options["negativeInf"],
        )
        return cls(
            Dialect.of(options),
            types,
            options["header"].lower() == "true",
            options["inferSchema"].lower() == "true",
            options["mode"].lower(),
            documents,
            _count(options, "skipFirstNLines"),
            _count(options, "skipLastNLines"),
        )

    @cached_property
    def _records(self) -> Records:
        return Records(self.dialect)

    @property
    def whole_lines(self) -> bool:
        """Whether lines must be counted, so that blocks of bytes will not do."""
        return bool(self.skip_first or self.skip_last)

    # -- names and types -------------------------------------------------------------------

    def names(self, chunks: Iterable[Chunk]) -> list[str]:
        """The columns, from the first line of the first file; empty when there is none."""
        first = next(self._rows(self._trimmed(chunks)), None)
        if first is None:
            return []
        if not self.header:
            return [f"_c{index}" for index in range(len(first))]
        names = [name if name else f"_c{index}" for index, name in enumerate(first)]
        counts = collections.Counter(name.lower() for name in first if name)
        return [
            f"{name}{index}" if counts[name.lower()] > 1 and first[index] else name
            for index, name in enumerate(names)
        ]

    def kinds(self, files: Iterable[Iterable[Chunk]], names: list[str]) -> list[str]:
        """The type of each column, by Spark's name."""
        found = ["void"] * len(names)
        if not self.infer:
            return ["string"] * len(names)
        for chunks in files:
            for own in self._bodies(chunks):
                quick = plain_kinds(own, found, self.dialect, self.types) if isinstance(own, bytes) else None
                if quick is not None:
                    found = quick
                    continue
                for batch in self._texts_of(own, names):
                    found = [self.types.wider(k, c) for k, c in zip(found, batch.columns, strict=True)]
        return ["string" if kind == "void" else kind for kind in found]

    # -- rows ------------------------------------------------------------------------------

    def batches(
        self, chunks: Iterable[Chunk], names: list[str], kinds: list[str]
    ) -> Iterator[pa.RecordBatch]:
        """The rows of one file with the types of ``kinds``."""
        import pyarrow as pa

        for own in self._bodies(chunks):
            quick = (
                plain_values(own, names, kinds, self.dialect, self.types) if isinstance(own, bytes) else None
            )
            if quick is not None:
                yield from quick.to_batches(max_chunksize=200_000)
                continue
            for batch in self._texts_of(own, names):
                columns = [self.types.column(c, kind) for c, kind in zip(batch.columns, kinds, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, names)

    def _texts_of(self, own: bytes | Iterator[Values], names: list[str]) -> Iterator[pa.RecordBatch]:
        """Lines as columns of strings."""
        if not isinstance(own, bytes):
            yield from self._as_batches(own, names)
            return
        fast = plain_texts(own, names, self.dialect)
        if fast is not None:
            yield from fast.to_batches(max_chunksize=200_000)
        else:
            yield from self._as_batches(self._rows([own]), names)

    def _bodies(self, chunks: Iterable[Chunk]) -> Iterator[bytes | Iterator[Values]]:
        """The chunks of one file without its header: bytes where blocks of lines will do, else records."""
        first = self.header
        for chunk in self._trimmed(chunks):
            if isinstance(chunk, bytes) and not self.documents:
                own = chunk
                if first:
                    own, first = self._behind_header(own)
                if not first:
                    yield own
                continue
            rows = self._rows([chunk])
            if first:
                first = next(rows, None) is None
            yield rows

    def _behind_header(self, block: bytes) -> tuple[bytes, bool]:
        """A file's first block without its header; whether the header is still to come."""
        at = 0
        for line in block.splitlines(keepends=True):
            at += len(line)
            if not self._records.skips(line.decode("utf-8", "replace")):
                return block[at:], False
        return b"", True

    def _trimmed(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Chunks without the lines that ``skipFirstNLines`` and ``skipLastNLines`` leave out."""
        if not self.whole_lines:
            yield from chunks
            return
        lines: Iterator[str] = itertools.chain.from_iterable(
            chunk if isinstance(chunk, list) else self._lines(chunk) for chunk in chunks
        )
        # As in the original, with a header one line more is dropped than was asked for.
        more = 1 if self.header and self.skip_first else 0
        lines = itertools.islice(lines, self.skip_first + more, None)
        kept = _all_but_last(lines, self.skip_last)
        while part := list(itertools.islice(kept, BATCH_ROWS)):
            yield part

    def _lines(self, block: bytes) -> Iterator[str]:
        return (line.decode("utf-8", "replace") for line in block.splitlines())

    def _rows(self, chunks: Iterable[Chunk]) -> Iterator[Values]:
        """The values of each record, blank lines and comments left out."""
        records = self._records
        for chunk in chunks:
            if self.documents:
                text = chunk.decode("utf-8", "replace") if isinstance(chunk, bytes) else "\n".join(chunk)
                yield from records.document(text)
                continue
            for line in chunk if isinstance(chunk, list) else self._lines(chunk):
                if not records.skips(line):
                    yield records.line(line)

    def _as_batches(self, rows: Iterator[Values], names: list[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        width = len(names)
        while part := list(itertools.islice(rows, BATCH_ROWS)):
            fitted = [row if len(row) == width else self._fitted(row, width) for row in part]
            kept = [row for row in fitted if row is not None]
            columns = list(zip(*kept, strict=True)) if kept else [()] * width
            arrays = [pa.array(column, pa.string()) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, names)

    def _fitted(self, row: Values, width: int) -> Values | None:
        """A row with too few or too many values."""
        if self.mode == "failfast":
            raise BadOption(
                f"csv: a line has {len(row)} values, not {width} (mode FAILFAST): "
                + self.dialect.separator.join(value or "" for value in row)[:200]
            )
        if self.mode == "dropmalformed":
            return None
        return row[:width] + [None] * (width - len(row))


def _count(options: Mapping[str, str], name: str) -> int:
    text = options.get(name, "0") or "0"
    if not text.isdigit():
        raise BadOption(f'csv: {name} must be a whole number, not "{text}"', option=name)
    return int(text)


def _all_but_last(lines: Iterator[str], count: int) -> Iterator[str]:
    held: collections.deque[str] = collections.deque()
    for line in lines:
        held.append(line)
        if len(held) > count:
            yield held.popleft()
