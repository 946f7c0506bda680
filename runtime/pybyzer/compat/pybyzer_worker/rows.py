"""Record batches as rows: one dict for each row, made column by column.

Integers stay integers beside nulls (None); arrays and ML vectors are numpy arrays (lists where there is no
numpy), maps and structs are dicts, instants are datetimes with their zone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Sequence, Tuple

if TYPE_CHECKING:
    import pyarrow as pa

Row = Dict[str, Any]

VECTOR = ("type", "size", "indices", "values")
"""The fields of an ML vector."""

CHUNK = 16384
"""Rows that are dicts at the same time."""


def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[Row]:
    """The rows of batches, in order; few of them are in memory at once."""
    for batch in batches:
        for block in blocks(batch):
            yield from block


def blocks(batch: pa.RecordBatch) -> Iterator[List[Row]]:
    """The rows of a batch as lists of bounded length."""
    for first in range(0, batch.num_rows, CHUNK):
        yield as_rows(batch.slice(first, CHUNK))


def as_rows(batch: pa.RecordBatch) -> List[Row]:
    """The rows of a batch."""
    if not batch.num_columns:
        return [{} for _ in range(batch.num_rows)]
    columns = [values(column) for column in batch.columns]
    return _zipper(tuple(batch.schema.names))(columns)


@lru_cache(maxsize=64)
def _zipper(names: Tuple[str, ...]) -> Callable[[Sequence[Sequence[Any]]], List[Row]]:
    """Columns to dicts with these keys; written out, a dict display is twice as fast as dict(zip())."""
    variables = ["v%d" % i for i in range(len(names))]
    pairs = ", ".join("%r: %s" % pair for pair in zip(names, variables))
    text = "lambda columns: [{%s} for (%s,) in zip(*columns)]" % (pairs, ", ".join(variables))
    make: Callable[[Sequence[Sequence[Any]]], List[Row]] = eval(text)
    return make


def values(column: pa.Array) -> Sequence[Any]:
    """The Python values of a column."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        return values(column.dictionary_decode())
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return _numbers(column)
    if types.is_string(kind) or types.is_large_string(kind):
        return _objects(column)
    if types.is_binary(kind) or types.is_large_binary(kind):
        return _objects(column)
    if types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False).to_pylist()
    if types.is_map(kind):
        return _maps(column)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _lists(column)
    if types.is_struct(kind):
        return _structs(column)
    return column.to_pylist()


def _objects(column: pa.Array) -> Sequence[Any]:
    numpy = _numpy()
    return column.to_pylist() if numpy is None else column.to_numpy(zero_copy_only=False).tolist()


def _numbers(column: pa.Array) -> Sequence[Any]:
    import pyarrow.compute as pc

    if _numpy() is None:
        return column.to_pylist()
    if not column.null_count:
        return column.to_numpy(zero_copy_only=False).tolist()
    if column.null_count == len(column):
        return [None] * len(column)
    valid = column.is_valid().to_numpy(zero_copy_only=False).tolist()
    filled = pc.fill_null(column, False if str(column.type) == "bool" else 0)
    found = filled.to_numpy(zero_copy_only=False).tolist()
    return [value if there else None for value, there in zip(found, valid)]


def _maps(column: pa.Array) -> Sequence[Any]:
    """Maps as dicts: keys and values are converted at once, then cut at the offsets."""
    offsets = column.offsets.to_pylist()
    keys, items = values(column.keys), values(column.items)
    # ``keys`` and ``items`` of a sliced array start at the first offset or at 0, as the release has it.
    base = offsets[0] if len(keys) == offsets[-1] - offsets[0] else 0
    return [
        dict(zip(keys[first - base : last - base], items[first - base : last - base])) if there else None
        for first, last, there in zip(offsets, offsets[1:], column.is_valid().to_pylist())
    ]


def _lists(column: pa.Array) -> Sequence[Any]:
    from pyarrow import types

    numpy = _numpy()
    inner = column.type.value_type
    flat = column.flatten()
    if numpy is None or types.is_fixed_size_list(column.type):
        found = column.to_pylist()
        return found if numpy is None else [None if v is None else numpy.array(v) for v in found]
    simple = types.is_integer(inner) or types.is_floating(inner) or types.is_boolean(inner)
    plain = simple and not flat.null_count
    content = flat.to_numpy(zero_copy_only=False) if plain else _array(values(flat))
    arrays = []
    first = 0
    for length in column.value_lengths().to_pylist():
        if length is None:
            arrays.append(None)
            continue
        arrays.append(content[first : first + length])
        first += length
    return arrays


def _structs(column: pa.Array) -> Sequence[Any]:
    import pyarrow as pa

    names = tuple(field.name for field in column.type)
    parts = column.flatten()
    if names == VECTOR and _numpy() is not None:
        found: List[Any] = [_vector(*parts) for parts in zip(*(values(part) for part in parts))]
    elif not parts:
        found = [{} for _ in range(len(column))]
    else:
        found = as_rows(pa.RecordBatch.from_arrays(parts, names=list(names)))
    if not column.null_count:
        return found
    return [value if there else None for value, there in zip(found, column.is_valid().to_pylist())]


def _vector(kind: Any, size: Any, indices: Any, content: Any) -> Any:
    """A dense numpy array of a vector, whichever way it is stored."""
    if kind != 0:
        return content
    dense = _numpy().zeros(size)
    dense[indices] = content
    return dense


def _array(content: Sequence[Any]) -> Any:
    """An object array that never grows a second dimension."""
    array = _numpy().empty(len(content), dtype=object)
    array[:] = content
    return array


@lru_cache(maxsize=1)
def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        return None
    return numpy
