"""Columns of vectors or arrays as matrices, and functions of matrices as SQL functions of one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import quoted
from pybyzer.estimators.inputs import column, is_list_of, is_number, is_vector, typed

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Matrix = np.ndarray[Any, np.dtype[np.float64]]


def vector_column(ctx: Context, table: str, name: str, option: str) -> pa.Field:
    """A column of vectors, or of arrays of numbers."""
    field = column(ctx, table, name, option)
    return typed(field, lambda kind: is_vector(kind) or is_list_of(kind, is_number), "vectors", option)


def as_vector(field: pa.Field) -> str:
    """The column as a vector, in Spark SQL."""
    name = quoted(field.name)
    return name if is_vector(field.type) else f"vec_dense({name})"


def matrices(
    ctx: Context, table: str, field: pa.Field, more: str = ""
) -> Iterator[tuple[Matrix, pa.RecordBatch]]:
    """Batch by batch the vectors that are not NULL, a row each, and the batch (``v`` and ``more``)."""
    import numpy as np

    from pybyzer.ragged import from_vectors

    name = ctx.catalog.fresh("vectors")
    vector = as_vector(field)
    ctx.engine.query(
        f"select {vector} as v{more} from {quoted(table)} where {quoted(field.name)} is not null", name
    )
    width: int | None = None
    try:
        for batch in ctx.engine.stream(name).reader:
            if not batch.num_rows:
                continue
            dense = from_vectors(batch.column(0))
            width = int(dense.lengths[0]) if width is None else width
            if (dense.lengths != width).any():
                raise BadOption(f"the vectors of {field.name} must be of one size", option="inputCol")
            yield dense.values.astype(np.float64).reshape(-1, width), batch
    finally:
        ctx.engine.drop(name)


@dataclass(frozen=True, slots=True)
class OfVectors:
    """``f(vector) -> vector`` from a function of a matrix with a row for each vector of ``width`` numbers."""

    change: Callable[[Matrix], Matrix]
    width: int | None = None

    def __call__(self, vectors: pa.StructArray) -> pa.Array:
        import numpy as np

        from pybyzer.ragged import Ragged, from_vectors, vector_array

        dense = from_vectors(vectors)
        lengths = dense.lengths[dense.valid]
        width = self.width if self.width is not None else int(lengths[0]) if len(lengths) else 0
        wrong = lengths[lengths != width]
        if len(wrong):
            raise BadOption(f"vectors of {width} numbers are needed, one has {wrong[0]}")
        changed = self.change(dense.values.reshape(len(lengths), width))
        sizes = np.where(dense.valid, changed.shape[1], 0)
        return vector_array(Ragged(changed.reshape(-1), sizes, dense.valid))

    def function(self, name: str) -> SqlFunction:
        """As a function of SQL."""
        from pybyzer.arrow import vector_type

        kind = vector_type()
        return SqlFunction(name, ("v",), batch=self, types=(kind,), returns=kind)
