"""Functions over matrices; a matrix is stored column by column, as in Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.errors import BadOption
from pybyzer.functions.base import MATRIX, VECTOR, batch
from pybyzer.ragged import (
    Matrices,
    Ragged,
    from_lists,
    from_matrices,
    list_array,
    matrix_array,
    valid_rows,
    vector_array,
)

if TYPE_CHECKING:
    import pyarrow as pa


@batch("matrix_dense", {"rows": "array<array<double>>"}, MATRIX, "a matrix of an array of rows")
def matrix_dense(rows: pa.ListArray) -> pa.Array:
    import numpy as np

    inner = from_lists(rows.flatten())
    heights = rows.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    outer = Ragged(inner.lengths, heights, valid_rows(rows))
    widths = np.zeros(len(rows), dtype=np.int64)
    filled = np.flatnonzero(heights)
    widths[filled] = inner.lengths[outer.starts[filled]]
    if (inner.lengths != widths[outer.rows]).any():
        raise BadOption("matrix_dense: the rows of a matrix must have the same length")
    matrices = Matrices(Ragged(inner.values, heights * widths, outer.valid), heights, widths)
    row, column = matrices.places()
    cell_rows = matrices.cells.rows
    by_row = matrices.cells.starts[cell_rows] + row * widths[cell_rows] + column
    matrices.cells.values = inner.values[by_row]
    return matrix_array(matrices)


@batch("matrix_array", {"m": MATRIX}, "array<array<double>>", "the rows of a matrix")
def matrix_rows(m: pa.StructArray) -> pa.Array:
    import numpy as np

    matrices = from_matrices(m)
    row, column = matrices.places()
    cell_rows = matrices.cells.rows
    values = np.empty(len(cell_rows))
    values[matrices.cells.starts[cell_rows] + row * matrices.widths[cell_rows] + column] = (
        matrices.cells.values
    )
    lengths = np.repeat(matrices.widths, matrices.heights)
    inner = list_array(values, lengths, np.ones(len(lengths), bool))
    return list_array(inner, matrices.heights, matrices.cells.valid)


@batch(
    "matrix_sum", {"m": MATRIX, "axis": "int"}, VECTOR, "axis 0: the sum of the rows; 1: a sum for each row"
)
def matrix_sum(m: pa.StructArray, axis: pa.Array) -> pa.Array:
    import numpy as np

    matrices = from_matrices(m)
    valid = matrices.cells.valid & valid_rows(axis)
    over = axis.fill_null(0).to_numpy(zero_copy_only=False)
    if ((over != 0) & (over != 1)).any():
        raise BadOption("matrix_sum: axis must be 0 or 1")
    matrices.cells = matrices.cells.only(valid)
    lengths = np.where(over == 0, matrices.widths, matrices.heights) * valid
    sums = Ragged(np.zeros(int(lengths.sum())), lengths, valid)
    row, column = matrices.places()
    cell_rows = matrices.cells.rows
    place = sums.starts[cell_rows] + np.where(over[cell_rows] == 0, column, row)
    sums.values = np.bincount(place, weights=matrices.cells.values, minlength=len(sums.values))
    return vector_array(sums)


@batch("array_onehot", {"a": "array<int>", "n": "int"}, MATRIX, "a matrix with one row for each element")
def array_onehot(a: pa.ListArray, n: pa.Array) -> pa.Array:
    import numpy as np

    valid = valid_rows(a) & valid_rows(n)
    places = from_lists(a).only(valid)
    widths = n.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64) * valid
    rows = places.rows
    if ((places.values < 0) | (places.values >= widths[rows])).any():
        raise BadOption("array_onehot: an element is not between 0 and n")
    lengths = places.lengths * widths
    cells = Ragged(np.zeros(int(lengths.sum())), lengths, valid)
    local = np.arange(len(rows)) - places.starts[rows]
    cells.values[cells.starts[rows] + places.values.astype(np.int64) * places.lengths[rows] + local] = 1.0
    return matrix_array(Matrices(cells, places.lengths, widths))
