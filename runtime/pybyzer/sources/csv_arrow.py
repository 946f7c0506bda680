"""Blocks of plain CSV lines by Arrow's parser: the types of their columns, and their values.

A block is plain when every quote in it opens or closes a whole value, so that all readers agree. Arrow
understands some values that Spark does not (blanks around numbers, ``0x1F``, ``nan``): a block in which
there could be any is read as texts, which ``TextTypes`` looks at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pybyzer.sources.csv_dialect import Dialect
from pybyzer.sources.text_types import TextTypes, compatible

if TYPE_CHECKING:
    import pyarrow as pa

_BLANKS = (b" ", b"\t", b"\f", b"\v")
_BLANK_LINE = re.compile(rb"^[ \t\f\v]+\r?$", re.MULTILINE)
_BY_ARROW = ("void", "int", "bigint", "double", "date")
"""Kinds whose texts Arrow understands as Spark does, in blocks that are not ``_odd``."""
_LARGEST = float(1 << 63)


def plain_kinds(block: bytes, so_far: Sequence[str], dialect: Dialect, types: TextTypes) -> list[str] | None:
    """The kinds of columns, ``so_far`` and with the values of a block; None when that is not plain."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_plain(block, dialect):
        return None
    guessed = [kind in _BY_ARROW for kind in so_far]
    if _odd(block, dialect) or types.date is not None or types.timestamp is not None:
        guessed = [False] * len(so_far)
    open_ = [index for index, kind in enumerate(so_far) if kind != "string"]
    table = _read(
        block, len(so_far), dialect, {index: pa.string() for index in open_ if not guessed[index]}, open_
    )
    if table is None:
        return None
    found = list(so_far)
    texts = [index for index in open_ if not guessed[index]]
    for index in open_:
        if not guessed[index]:
            continue
        kind = _kind(table.column(str(index)))
        if kind is None or not _certain(so_far[index], kind):
            texts.append(index)
        else:
            found[index] = compatible(so_far[index], kind)
    again = [index for index in texts if guessed[index]]
    read = _read(block, len(so_far), dialect, dict.fromkeys(again, pa.string()), again) if again else table
    if read is None:
        return None
    for index in texts:
        column = (read if guessed[index] else table).column(str(index))
        found[index] = types.wider(so_far[index], pc.drop_null(column).combine_chunks())
    return found


def _kind(column: pa.ChunkedArray) -> str | None:
    """The kind of what Arrow found; None when the texts must be looked at."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds, dtype = pa.types, column.type
    if kinds.is_null(dtype):
        return "void"
    if kinds.is_int64(dtype):
        bounds = pc.min_max(column)
        small = bounds["min"].as_py() >= -(1 << 31) and bounds["max"].as_py() < 1 << 31
        return "int" if small else "bigint"
    if kinds.is_float64(dtype):
        return "double" if _ordinary(column) else None
    if kinds.is_date32(dtype):
        return "date" if pc.min(pc.year(column)).as_py() > 0 else None
    return None


def _certain(so_far: str, kind: str) -> bool:
    """Whether the kind that Arrow found is Spark's, whatever the texts are."""
    if kind == "double":
        # 1. and 1.5e1 are decimals to Spark, until there was a double.
        return so_far == "double"
    # After dates, 2020 is a timestamp.
    return kind not in ("int", "bigint") or so_far != "date"


def _ordinary(column: pa.ChunkedArray) -> bool:
    """Whether doubles are no NaN, no infinity and of a usual size."""
    import pyarrow.compute as pc

    return bool(pc.all(pc.less(pc.abs(column), _LARGEST)).as_py() is not False)


def plain_values(
    block: bytes, names: Sequence[str], kinds: Sequence[str], dialect: Dialect, types: TextTypes
) -> pa.Table | None:
    """The rows of a block with the types of ``kinds``; None when it must be read with more care."""
    import pyarrow as pa

    from pybyzer.arrow import parse_type

    if not _is_plain(block, dialect):
        return None
    direct = [kind == "string" or (kind in _BY_ARROW and types.date is None) for kind in kinds]
    if any(kind in ("int", "bigint", "double") for kind in kinds) and _odd(block, dialect):
        return None
    wanted = {i: parse_type(kind) if direct[i] else pa.string() for i, kind in enumerate(kinds)}
    table = _read(block, len(names), dialect, wanted, list(range(len(names))))
    if table is None:
        return None
    columns: list[Any] = []
    for index, kind in enumerate(kinds):
        column = table.column(index)
        if kind == "double" and direct[index] and not _ordinary(column):
            return None
        columns.append(column if direct[index] else types.column(column.combine_chunks(), kind))
    return pa.Table.from_arrays(columns, list(names))


def plain_texts(block: bytes, names: Sequence[str], dialect: Dialect) -> pa.Table | None:
    """A plain block, all columns strings; None when readers might disagree on it."""
    import pyarrow as pa

    if not _is_plain(block, dialect):
        return None
    every = range(len(names))
    table = _read(block, len(names), dialect, dict.fromkeys(every, pa.string()), list(every))
    return None if table is None else table.rename_columns(list(names))


def _read(
    block: bytes, width: int, dialect: Dialect, types: Mapping[int, pa.DataType], wanted: list[int]
) -> pa.Table | None:
    """The wanted columns of a block, called by their numbers; None when a line is longer or shorter, or a
    value is none of its type. Columns that are not in ``types`` have those that Arrow finds."""
    import pyarrow as pa
    import pyarrow.csv as pc

    ragged = False

    def invalid(row: object) -> str:
        nonlocal ragged
        ragged = True
        return "skip"

    if not block.strip():
        return pa.schema([(str(i), types.get(i, pa.null())) for i in wanted]).empty_table()
    quote: str | bool = dialect.quote or False
    try:
        table = pc.read_csv(
            pa.BufferReader(block),
            # Columns are numbered: names may repeat, and Arrow asks them to differ.
            read_options=pc.ReadOptions(
                column_names=[str(i) for i in range(width)],
                # One piece: types would be guessed from the first one.
                block_size=max(len(block), 1) + 1,
            ),
            parse_options=pc.ParseOptions(
                delimiter=dialect.separator, quote_char=quote, double_quote=False, invalid_row_handler=invalid
            ),
            convert_options=pc.ConvertOptions(
                column_types={str(i): dtype for i, dtype in types.items()},
                include_columns=[str(i) for i in wanted] or ["0"],
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return None if ragged else table


def _odd(block: bytes, dialect: Dialect) -> bool:
    """Whether a block may hold numbers that Arrow reads and Spark does not: in blanks, or hexadecimal."""
    import numpy as np

    if len(block) < 2:
        return False
    before, after = bytearray(256), bytearray(256)
    blanks, ends = b"".join(_BLANKS), b"\n\r" + (dialect.separator + dialect.quote).encode()
    # A bit for each pair that is looked for: blank and end, end and blank, 0 and x.
    for own in blanks:
        before[own], after[own] = 1, 2
    for own in ends:
        before[own] |= 2
        after[own] |= 1
    before[ord("0")] |= 4
    after[ord("x")] = after[ord("X")] = 4
    first = np.frombuffer(block.translate(before), dtype=np.uint8)
    second = np.frombuffer(block.translate(after), dtype=np.uint8)
    return bool((first[:-1] & second[1:]).any()) or block[0] in blanks or block[-1] in blanks


def _has_blank_end(block: bytes) -> bool:
    """Whether some line ends with a blank: only then may one consist of blanks."""
    import numpy as np

    text = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(text == ord("\n")) - 1
    last = text[ends[ends >= 0]]
    if (last == ord("\r")).any():
        ends = ends[ends >= 0] - (last == ord("\r"))
        last = text[ends[ends >= 0]]
    return block[-1:] in _BLANKS or bool(np.isin(last, list(b"".join(_BLANKS))).any())


def _is_plain(block: bytes, dialect: Dialect) -> bool:
    separator, quote = dialect.separator.encode(), dialect.quote.encode()
    if len(separator) != 1 or len(quote) > 1 or dialect.null or dialect.empty:
        return False
    if dialect.trim_left or dialect.trim_right or dialect.comment:
        return False
    if b"\0" in block or (b"\r" in block and block.count(b"\r") != block.count(b"\r\n")):
        return False
    if _has_blank_end(block) and _BLANK_LINE.search(block):
        return False
    if quote and quote in block:
        if dialect.escape and dialect.escape.encode() in block:
            return False
        own, end = re.escape(quote), re.escape(separator)
        whole = re.compile(
            rb"(?:(?<=\n)|(?<="
            + end
            + rb")|\A)"
            + own
            + rb"[^"
            + own
            + rb"\n]*"
            + own
            + rb"(?="
            + end
            + rb"|\r?\n|\Z)"
        )
        return len(whole.findall(block)) * 2 == block.count(quote)
    return True
