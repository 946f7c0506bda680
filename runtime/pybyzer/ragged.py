"""Arrow lists, vectors and matrices as flat numpy arrays: rows of different lengths without a loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(slots=True)
class Ragged:
    """Rows of numbers: ``values`` of all rows in order, ``lengths`` by row (0 where not ``valid``)."""

    values: np.ndarray[Any, Any]
    lengths: np.ndarray[Any, Any]
    valid: np.ndarray[Any, Any]

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> np.ndarray[Any, Any]:
        """Where each row begins in ``values``."""
        import numpy as np

        starts: np.ndarray[Any, Any] = np.cumsum(self.lengths) - self.lengths
        return starts

    @property
    def rows(self) -> np.ndarray[Any, Any]:
        """The row of each value."""
        import numpy as np

        return np.repeat(np.arange(len(self)), self.lengths)

    def sums(self, values: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """The sum of each row (of ``values`` in place of its own); 0 for an empty one."""
        import numpy as np

        weights = self.values if values is None else values
        return np.bincount(self.rows, weights=weights, minlength=len(self))

    def only(self, valid: np.ndarray[Any, Any]) -> Ragged:
        """These rows, those that are not ``valid`` emptied."""
        keep = valid & self.valid
        if keep.all():
            return self
        lengths = self.lengths * keep
        return Ragged(self.values[keep[self.rows]], lengths, keep)

    def lists(self) -> pa.ListArray:
        """As an Arrow list array."""
        return list_array(self.values, self.lengths, self.valid)


def valid_rows(array: pa.Array) -> np.ndarray[Any, Any]:
    """Which values are not NULL."""
    valid: np.ndarray[Any, Any] = array.is_valid().to_numpy(zero_copy_only=False)
    return valid


def from_lists(array: pa.Array) -> Ragged:
    """A list array; a NULL element of numbers becomes NaN."""
    import pyarrow.compute as pc

    lengths = pc.fill_null(array.value_lengths(), 0).to_numpy(zero_copy_only=False).astype("int64")
    return Ragged(array.flatten().to_numpy(zero_copy_only=False), lengths, valid_rows(array))


def list_array(
    values: np.ndarray[Any, Any] | pa.Array, lengths: np.ndarray[Any, Any], valid: np.ndarray[Any, Any]
) -> pa.ListArray:
    """A list array of flat values."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    flat = values if isinstance(values, pa.Array) else pa.array(values)
    return pa.ListArray.from_arrays(pa.array(offsets), flat, mask=_nulls(valid))


def from_vectors(array: pa.StructArray) -> Ragged:
    """Vectors, the sparse ones filled with zeros."""
    import numpy as np
    import pyarrow.compute as pc

    kind, size, indices, values = array.flatten()
    dense = from_lists(values)
    dense.valid = valid_rows(array)
    sparse = pc.fill_null(pc.equal(kind, 0), False).to_numpy(zero_copy_only=False)
    if not sparse.any():
        return dense
    sizes = pc.fill_null(size, 0).to_numpy(zero_copy_only=False)
    lengths = np.where(sparse, sizes, dense.lengths)
    filled = Ragged(np.zeros(int(lengths.sum())), lengths, dense.valid)
    rows = dense.rows
    places = np.arange(len(dense.values)) - dense.starts[rows]
    inside = sparse[rows]
    chosen = from_lists(indices).only(sparse).values.astype("int64")
    if len(chosen) != inside.sum() or (chosen < 0).any() or (chosen >= sizes[rows[inside]]).any():
        raise BadOption("a sparse vector has indices beyond its size, or not one for each value")
    places[inside] = chosen
    filled.values[filled.starts[rows] + places] = dense.values
    return filled


def vector_array(dense: Ragged) -> pa.StructArray:
    """Dense vectors."""
    import pyarrow as pa

    count = len(dense)
    return _struct(
        {
            "type": pa.repeat(pa.scalar(1, pa.int8()), count),
            "size": pa.nulls(count, pa.int32()),
            "indices": pa.nulls(count, pa.list_(pa.int32())),
            "values": list_array(dense.values.astype("float64"), dense.lengths, dense.valid),
        },
        dense.valid,
    )


def sparse_array(
    sizes: np.ndarray[Any, Any], indices: Ragged, values: np.ndarray[Any, Any]
) -> pa.StructArray:
    """Sparse vectors; ``indices`` ascending in each row, one for each of ``values``."""
    import pyarrow as pa

    return _struct(
        {
            "type": pa.repeat(pa.scalar(0, pa.int8()), len(sizes)),
            "size": pa.array(sizes.astype("int32")),
            "indices": list_array(indices.values.astype("int32"), indices.lengths, indices.valid),
            "values": list_array(values.astype("float64"), indices.lengths, indices.valid),
        },
        indices.valid,
    )


@dataclass(slots=True)
class Matrices:
    """Dense matrices: ``cells`` column by column, each of ``heights`` times ``widths``."""

    cells: Ragged
    heights: np.ndarray[Any, Any]
    widths: np.ndarray[Any, Any]

    def places(self) -> tuple[Any, Any]:
        """Row and column of each cell in its matrix."""
        import numpy as np

        rows = self.cells.rows
        local = np.arange(len(self.cells.values)) - self.cells.starts[rows]
        return local % self.heights[rows], local // self.heights[rows]


def from_matrices(array: pa.StructArray) -> Matrices:
    """Dense matrices; those stored row by row are turned."""
    import numpy as np
    import pyarrow.compute as pc

    kind, height, width, _, _, values, turned = array.flatten()
    if pc.any(pc.equal(kind, 0)).as_py():
        raise BadOption("sparse matrices are not supported here")
    cells = from_lists(values)
    heights = pc.fill_null(height, 0).to_numpy(zero_copy_only=False).astype("int64")
    widths = pc.fill_null(width, 0).to_numpy(zero_copy_only=False).astype("int64")
    if (heights * widths != cells.lengths).any():
        raise BadOption("a matrix has not numRows * numCols values")
    matrices = Matrices(cells, heights, widths)
    flip = pc.fill_null(turned, False).to_numpy(zero_copy_only=False)
    if flip.any():
        rows = cells.rows
        row, column = matrices.places()
        by_row = cells.starts[rows] + row * widths[rows] + column
        cells.values = cells.values[np.where(flip[rows], by_row, np.arange(len(rows)))]
    return matrices


def matrix_array(matrices: Matrices) -> pa.StructArray:
    """Dense matrices as Spark's MatrixUDT."""
    import pyarrow as pa

    cells, count = matrices.cells, len(matrices.cells)
    return _struct(
        {
            "type": pa.repeat(pa.scalar(1, pa.int8()), count),
            "numRows": pa.array(matrices.heights.astype("int32")),
            "numCols": pa.array(matrices.widths.astype("int32")),
            "colPtrs": pa.nulls(count, pa.list_(pa.int32())),
            "rowIndices": pa.nulls(count, pa.list_(pa.int32())),
            "values": list_array(cells.values.astype("float64"), cells.lengths, cells.valid),
            "isTransposed": pa.repeat(pa.scalar(False), count),
        },
        cells.valid,
    )


def number_array(values: np.ndarray[Any, Any], valid: np.ndarray[Any, Any]) -> pa.Array:
    """Numbers, NULL where not ``valid``."""
    import pyarrow as pa

    return pa.array(values, mask=~valid)


def _struct(fields: dict[str, pa.Array], valid: np.ndarray[Any, Any]) -> pa.StructArray:
    import pyarrow as pa

    return pa.StructArray.from_arrays(list(fields.values()), names=list(fields), mask=_nulls(valid))


def _nulls(valid: np.ndarray[Any, Any]) -> pa.Array | None:
    import pyarrow as pa

    return None if valid.all() else pa.array(~valid)
