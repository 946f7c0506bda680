"""Values as Spark writes them in text: ``1.0E10``, ``2020-01-02 03:04:05.5``, ``true``."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def spark_text(column: pa.Array, zone: str = "UTC") -> pa.Array:
    """A column of scalars as strings, as Spark's ``cast(... as string)``; NULL stays NULL.

    ``zone`` is the session's, for timestamps that are instants.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = pa.types
    dtype = column.type
    if kinds.is_dictionary(dtype):
        return spark_text(column.dictionary_decode(), zone)
    if kinds.is_string(dtype):
        return column
    if kinds.is_float32(dtype) or kinds.is_float64(dtype):
        return _doubles(column)
    if kinds.is_timestamp(dtype):
        return _timestamps(column, zone)
    if kinds.is_binary(dtype) or kinds.is_large_binary(dtype):
        return pa.array(
            [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], pa.string()
        )
    if kinds.is_decimal(dtype):
        # Arrow turns to exponents for small values: 1E-7; Spark's cast writes the digits.
        texts = [None if v is None else format(v, "f") for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    return pc.cast(column, pa.string())


def _timestamps(column: pa.Array, zone: str) -> pa.Array:
    """``2020-01-02 03:04:05``, with a fraction without trailing zeros when there is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = column.cast(pa.timestamp("us", tz=zone if column.type.tz else None))
    if column.type.tz:
        plain = pc.local_timestamp(plain)
    text = pc.strftime(plain, format="%Y-%m-%d %H:%M:%S")
    return pc.replace_substring_regex(text, r"\.?0*$", "") if _has_fraction(text) else text


def _has_fraction(text: pa.Array) -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(pc.match_substring(text, ".")).as_py())


def _doubles(column: pa.Array) -> pa.Array:
    """As Java's ``Double.toString``: ``1.0``, ``1.0E10``, ``NaN``, ``Infinity``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = pc.abs(column)
    plain = pc.or_(pc.equal(column, 0), pc.and_(pc.greater_equal(size, 1e-3), pc.less(size, 1e7)))
    text = pc.cast(column, pa.string())
    whole = pc.invert(pc.match_substring(text, "."))
    text = pc.if_else(whole, pc.binary_join_element_wise(text, pa.scalar(".0"), ""), text)
    if pc.all(plain).as_py() is not False:
        return text
    odd = pc.invert(plain)
    values = column.filter(odd)
    single = pa.types.is_float32(column.type)
    replacements = pa.array([_java_double(v, single) for v in values.to_pylist()], pa.string())
    return pc.replace_with_mask(text, pc.fill_null(odd, False), replacements)


def _java_double(value: float | None, single: bool) -> str | None:
    """The text of a double outside 1e-3 ... 1e7."""
    import numpy as np

    if value is None:
        return None
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    shortest = np.format_float_scientific(np.float32(value) if single else value, unique=True, trim="0")
    mantissa, _, exponent = shortest.partition("e")
    return f"{Decimal(mantissa) if '.' not in mantissa else mantissa}E{int(exponent)}"


def lines_of(rows: pa.Array, end: str = "\n") -> bytes:
    """Texts as one buffer, a line each. No copy row by row: a string array's data is what is wanted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ended = pc.binary_join_element_wise(rows, pa.scalar(end), "")
    _, offsets, data = ended.buffers()
    bounds = pa.Array.from_buffers(pa.int32(), ended.offset + len(ended) + 1, [None, offsets])
    first, last = bounds[ended.offset].as_py(), bounds[ended.offset + len(ended)].as_py()
    return bytes(data.slice(first, last - first)) if data is not None else b""
