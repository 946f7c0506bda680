"""Functions over vectors: ``vec_dense``, ``vec_argmax``, ``vec_cosine`` ... A NULL argument gives NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption
from pybyzer.functions.base import VECTOR, batch, macro
from pybyzer.ragged import (
    Ragged,
    from_lists,
    from_vectors,
    number_array,
    sparse_array,
    valid_rows,
    vector_array,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_ONE = {"v": VECTOR}
_TWO = {"v": VECTOR, "w": VECTOR}

macro(
    "vec_dense",
    "a",
    "if(a is null, null, named_struct('type', cast(1 as tinyint), 'size', cast(null as int),"
    " 'indices', cast(null as array<int>), 'values', cast(a as array<double>)))",
    "a dense vector of an array of numbers",
)


@batch("vec_sparse", {"size": "int", "m": "map<int,double>"}, VECTOR, "a sparse vector of index, value pairs")
def vec_sparse(size: pa.Array, m: pa.MapArray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    valid = valid_rows(size) & valid_rows(m)
    entries = pa.ListArray.from_arrays(m.offsets, pa.StructArray.from_arrays([m.keys, m.items], ["k", "v"]))
    flat = entries.flatten()
    lengths = np.diff(m.offsets.to_numpy())
    keys = Ragged(flat.field("k").to_numpy(zero_copy_only=False), lengths, np.ones(len(m), bool))
    order = np.lexsort((keys.values, keys.rows))
    values = flat.field("v").to_numpy(zero_copy_only=False)[order]
    indices = Ragged(keys.values[order], lengths, valid)
    sizes = size.fill_null(0).to_numpy(zero_copy_only=False)
    kept = valid[indices.rows]
    if ((indices.values < 0) | (indices.values >= sizes[indices.rows]))[kept].any():
        raise BadOption("vec_sparse: an index is not below the size of the vector")
    return sparse_array(sizes, Ragged(indices.values[kept], lengths * valid, valid), values[kept])


@batch("vec_array", _ONE, "array<double>", "the elements of a vector")
def vec_array(v: pa.StructArray) -> pa.Array:
    return from_vectors(v).lists()


@batch("vec_argmax", _ONE, "int", "the position of the largest element, from 0; -1 for an empty vector")
def vec_argmax(v: pa.StructArray) -> pa.Array:
    import numpy as np

    dense = from_vectors(v)
    values = np.where(np.isnan(dense.values), -np.inf, dense.values)
    filled = np.flatnonzero(dense.lengths)
    result = np.full(len(dense), -1, dtype=np.int32)
    if len(filled):
        largest = np.zeros(len(dense))
        largest[filled] = np.maximum.reduceat(values, dense.starts[filled])
        rows = dense.rows
        places = np.flatnonzero(values == largest[rows])
        found, first = np.unique(rows[places], return_index=True)
        result[found] = places[first] - dense.starts[found]
    return number_array(result, dense.valid)


@batch("vec_concat", {"vectors": f"array<{VECTOR}>"}, VECTOR, "one vector of an array of vectors")
def vec_concat(vectors: pa.ListArray) -> pa.Array:
    import numpy as np

    inner = from_vectors(vectors.flatten())
    outer = vectors.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    counts = Ragged(inner.lengths, outer, valid_rows(vectors))
    missing = counts.sums((~inner.valid).astype(float)) > 0
    joined = Ragged(inner.values, counts.sums().astype(np.int64), counts.valid)
    return vector_array(joined.only(~missing))


@batch("vec_slice", {"v": VECTOR, "places": "array<int>"}, VECTOR, "the elements at these positions, from 0")
def vec_slice(v: pa.StructArray, places: pa.ListArray) -> pa.Array:
    dense, chosen = from_vectors(v), from_lists(places)
    chosen = chosen.only(dense.valid)
    rows = chosen.rows
    _inside("vec_slice", chosen.values, dense.lengths[rows])
    picked = dense.values[dense.starts[rows] + chosen.values.astype("int64")]
    return vector_array(Ragged(picked, chosen.lengths, chosen.valid))


@batch("vec_range", {"v": VECTOR, "bounds": "array<int>"}, VECTOR, "elements from (inclusive) to (exclusive)")
def vec_range(v: pa.StructArray, bounds: pa.ListArray) -> pa.Array:
    import numpy as np

    dense, pair = from_vectors(v), from_lists(bounds)
    pair = pair.only(dense.valid)
    if (pair.lengths[pair.valid] != 2).any():
        raise BadOption("vec_range needs array(from, to)")
    begin, end = (np.zeros(len(dense), dtype=np.int64) for _ in range(2))
    begin[pair.valid], end[pair.valid] = pair.values[0::2], pair.values[1::2]
    if ((begin < 0) | (end > dense.lengths) | (begin > end))[pair.valid].any():
        raise BadOption("vec_range: from, to go beyond the vector")
    rows = dense.rows
    local = np.arange(len(dense.values)) - dense.starts[rows]
    kept = (local >= begin[rows]) & (local < end[rows])
    return vector_array(Ragged(dense.values[kept], (end - begin) * pair.valid, pair.valid))


@batch("vec_cosine", _TWO, "double", "cosine similarity; 0 when the sizes differ")
def vec_cosine(v: pa.StructArray, w: pa.StructArray) -> pa.Array:
    import numpy as np

    left, right = from_vectors(v), from_vectors(w)
    valid = left.valid & right.valid
    same = left.lengths == right.lengths
    left, right = left.only(same), right.only(same)
    both = left.valid & right.valid
    left, right = left.only(both), right.only(both)
    norms = np.sqrt(left.sums(left.values**2) * right.sums(right.values**2))
    with np.errstate(invalid="ignore", divide="ignore"):
        result = left.sums(left.values * right.values) / norms
    return number_array(np.where(same, result, 0.0), valid)


@batch("vec_sqdist", _TWO, "double", "squared Euclidean distance")
def vec_sqdist(v: pa.StructArray, w: pa.StructArray) -> pa.Array:
    left, right = _pair("vec_sqdist", v, w)
    return number_array(left.sums((left.values - right.values) ** 2), left.valid)


@batch("vec_norm", {"v": VECTOR, "p": "double"}, "double", "the p-norm")
def vec_norm(v: pa.StructArray, p: pa.Array) -> pa.Array:
    import numpy as np

    valid = valid_rows(p)
    dense = from_vectors(v).only(valid)
    power = np.where(valid, p.to_numpy(zero_copy_only=False), 2.0)
    if (power < 1).any():
        raise BadOption("vec_norm: p must be at least 1")
    sizes = np.abs(dense.values)
    finite = np.where(np.isinf(power), 1.0, power)
    norms = dense.sums(sizes ** finite[dense.rows]) ** (1 / finite)
    largest = np.zeros(len(dense))
    np.maximum.at(largest, dense.rows, sizes)
    return number_array(np.where(np.isinf(power), largest, norms), dense.valid)


macro(
    "vec_mk_string",
    "sep, v",
    "array_join(cast(vec_array(v) as array<string>), sep)",
    "the elements as one text",
)


def _wise(name: str, operation: str, description: str) -> None:
    """A function that combines two vectors element by element with a numpy operation."""

    @batch(name, _TWO, VECTOR, description)
    def combine(v: pa.StructArray, w: pa.StructArray) -> pa.Array:
        import numpy as np

        left, right = _pair(name, v, w)
        with np.errstate(invalid="ignore", divide="ignore"):
            left.values = getattr(np, operation)(left.values, right.values)
        return vector_array(left)


_wise("vec_wise_mul", "multiply", "v * w, element by element")
_wise("vec_wise_add", "add", "v + w, element by element")
_wise("vec_wise_dif", "subtract", "v - w, element by element")
_wise("vec_wise_mod", "fmod", "the remainder of v / w, element by element, with the sign of v")


def _each(name: str, operation: str, description: str) -> None:
    """A function that changes each element, by itself or with a number."""

    def change(v: pa.StructArray, *number: pa.Array) -> pa.Array:
        import numpy as np

        dense = from_vectors(v)
        for column in number:
            dense = dense.only(valid_rows(column))
        operands = [column.to_numpy(zero_copy_only=False)[dense.rows] for column in number]
        dense.values = getattr(np, operation)(dense.values, *operands)
        return vector_array(dense)

    parameters = _ONE if operation in ("ceil", "floor") else {"v": VECTOR, "d": "double"}
    batch(name, parameters, VECTOR, description)(change)


_each("vec_inplace_add", "add", "each element plus d")
_each("vec_inplace_ew_mul", "multiply", "each element times d")
_each("vec_ceil", "ceil", "each element rounded up")
_each("vec_floor", "floor", "each element rounded down")


@batch("vec_mean", _ONE, "double", "the mean of the elements")
def vec_mean(v: pa.StructArray) -> pa.Array:
    dense = from_vectors(v)
    return number_array(_means(dense), dense.valid)


@batch("vec_stddev", _ONE, "double", "the sample standard deviation of the elements")
def vec_stddev(v: pa.StructArray) -> pa.Array:
    import numpy as np

    dense = from_vectors(v)
    away = dense.values - _means(dense)[dense.rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.sqrt(dense.sums(away**2) / (dense.lengths - 1))
    return number_array(result, dense.valid)


@batch(
    "onehot", {"i": "int", "size": "int"}, VECTOR, "a sparse vector with 1 at i; all 0 unless 0 < i < size"
)
def onehot(i: pa.Array, size: pa.Array) -> pa.Array:
    import numpy as np

    valid = valid_rows(i) & valid_rows(size)
    places = i.fill_null(0).to_numpy(zero_copy_only=False)
    sizes = size.fill_null(0).to_numpy(zero_copy_only=False)
    inside = valid & (places > 0) & (places < sizes)
    return sparse_array(
        sizes, Ragged(places[inside], inside.astype(np.int64), valid), np.ones(int(inside.sum()))
    )


def _pair(name: str, v: pa.StructArray, w: pa.StructArray) -> tuple[Ragged, Ragged]:
    """Two vectors of one size in each row; NULL where one is."""
    left, right = from_vectors(v), from_vectors(w)
    left, right = left.only(right.valid), right.only(left.valid)
    differ = (left.lengths != right.lengths).nonzero()[0]
    if len(differ):
        row = differ[0]
        raise BadOption(f"{name}: the vectors have {left.lengths[row]} and {right.lengths[row]} elements")
    return left, right


def _means(dense: Ragged) -> np.ndarray[Any, Any]:
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        result: np.ndarray[Any, Any] = dense.sums() / dense.lengths
    return result


def _inside(name: str, places: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> None:
    wrong = ((places < 0) | (places >= lengths) | (lengths == 0)).nonzero()[0]
    if len(wrong):
        row = wrong[0]
        raise BadOption(f"{name}: no element {places[row]} in a vector of {lengths[row]}")
