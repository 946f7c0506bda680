"""ReduceFeaturesInPlace: vectors of other features: components, products, cosines, or the best few."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import save_with_data, temporary
from pybyzer.estimators.inputs import (
    column,
    flag,
    is_number,
    new_column,
    nothing,
    require,
    require_path,
    typed,
    whole,
)
from pybyzer.estimators.vectors import OfVectors, as_vector, matrices, vector_column
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Matrix = np.ndarray[Any, np.dtype[np.float64]]

MOST_FEATURES = 100_000
"""Numbers of a vector that polynomial expansion may make."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """``kind`` and what it needs: ``components``, ``powers`` of each product, ``chosen`` places."""

    kind: str
    learned: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, rows: Matrix) -> Matrix:
        import numpy as np

        made: Matrix
        match self.kind:
            case "pca":
                # Not moved to the mean first, as in Spark.
                made = rows @ np.array(self.learned["components"]).T
            case "pe":
                powers = self.learned["powers"]
                made = np.stack([np.prod(rows[:, places], axis=1) for places in powers], axis=1)
            case "dct":
                import scipy.fft

                turn = scipy.fft.idct if self.learned["inverse"] else scipy.fft.dct
                made = turn(rows, norm="ortho", axis=1)
            case _:
                made = rows[:, self.learned["chosen"]]
        return made


@ESTIMATORS.register("ReduceFeaturesInPlace")
class ReduceFeaturesInPlace(Estimator):
    """``pca``: the ``k`` main components. ``pe``: all products up to ``degree``. ``dct``: cosine transform.

    ``chisq``: the ``numTopFeatures`` on which the label depends most. The table with the new column is
    written to ``path/data``.
    """

    name = "ReduceFeaturesInPlace"
    description = (
        "vectors of other features: PCA, polynomial expansion, cosine transform, chi-square selection"
    )
    example = """
select vec_dense(array(id, id * 2, 7 - id)) as features from range(4) as numbers;
train numbers as ReduceFeaturesInPlace.`/tmp/models/pca` where featureReduceType="pca"
    and inputCol="features" and outputCol="main" and k="1";
load parquet.`/tmp/models/pca/data` as reduced;
"""
    parameters = (
        Parameter("featureReduceType", "how", "pca", choices=("pca", "pe", "dct", "chisq")),
        Parameter("inputCol", "the column of vectors (chisq: featuresCol)"),
        Parameter("featuresCol", "chisq: the column of vectors", "features"),
        Parameter("outputCol", "the new column; else the input's name and __output"),
        Parameter("k", "pca: how many components"),
        Parameter("degree", "pe: the highest degree of a product", "2"),
        Parameter("inverse", "dct: the inverse transform", "false", choices=BOOLEAN),
        Parameter("numTopFeatures", "chisq: how many features", "50"),
        Parameter("labelCol", "chisq: the column of labels", "label"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        kind = options["featureReduceType"].lower()
        key = "featuresCol" if kind == "chisq" and not options.get("inputCol") else "inputCol"
        vectors = vector_column(ctx, request.table, require(options, key), key)
        output = options.get("outputCol") or f"{vectors.name}__output"
        new_column(ctx, request.table, output, "outputCol")
        width, learned = _learn(ctx, request.table, vectors, kind, options)
        saved = Saved(self.name, {"kind": kind, "learned": learned, "width": width})
        step = temporary(ctx, OfVectors(Reduction(kind, learned), width).function(""))
        call = f"{step}({as_vector(vectors)}) as {quoted(output)}"
        save_with_data(ctx, path, saved, f"select *, {call} from {quoted(request.table)}")
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        about = load_saved(ctx.resolve(request.path), self.name).about
        reduction = Reduction(about["kind"], about["learned"])
        ctx.define(OfVectors(reduction, about["width"]).function(request.function))


def _learn(
    ctx: Context, table: str, vectors: pa.Field, kind: str, options: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """How wide the vectors are, and what the reduction needs."""
    if kind == "pca":
        return _components(ctx, table, vectors, options)
    if kind == "chisq":
        return _best(ctx, table, vectors, options)
    rows, _ = next(matrices(ctx, table, vectors), (None, None))
    if rows is None:
        raise _empty(vectors)
    width = rows.shape[1]
    if kind == "dct":
        return width, {"inverse": flag(options, "inverse")}
    powers = list(itertools.islice(_products(width, whole(options, "degree", 1)), MOST_FEATURES + 2))[1:]
    if len(powers) > MOST_FEATURES:
        raise BadOption(f"more than {MOST_FEATURES} products", option="degree", hint="a smaller degree")
    return width, {"powers": powers}


def _products(width: int, degree: int) -> Any:
    """The places that are multiplied, product by product, in Spark's order; the first product is empty."""
    if width == 0:
        yield []
        return
    for times in range(degree + 1):
        for product in _products(width - 1, degree - times):
            yield [*product, *[width - 1] * times]


def _empty(vectors: pa.Field) -> BadOption:
    return BadOption(f'column "{vectors.name}" has no vectors', option="inputCol")


def _components(
    ctx: Context, table: str, vectors: pa.Field, options: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """Singular vectors of the covariance, which is added up batch by batch."""
    import numpy as np

    require(options, "k", hint="how many components")
    count, squares, sums, shift = 0, np.zeros(0), np.zeros(0), np.zeros(0)
    for rows, _ in matrices(ctx, table, vectors):
        if not count:
            # Distances from some mean: the numbers stay small.
            shift = rows.mean(axis=0)
            squares, sums = np.zeros((len(shift), len(shift))), np.zeros(len(shift))
        near = rows - shift
        squares, sums, count = squares + near.T @ near, sums + near.sum(axis=0), count + len(rows)
    if count == 0:
        raise _empty(vectors)
    most = whole(options, "k", 1)
    if most > len(sums):
        raise BadOption(f"k is {most}, but the vectors have {len(sums)} numbers", option="k")
    covariance = (squares - np.outer(sums, sums) / count) / max(count - 1, 1)
    # As Spark does it; the sign of a component may still differ.
    components = np.linalg.svd(covariance)[0].T[:most]
    return len(sums), {"components": components.tolist()}


def _best(
    ctx: Context, table: str, vectors: pa.Field, options: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """The features with the smallest p-values of the chi-square test, in their own order."""
    import numpy as np
    import scipy.stats

    label = typed(column(ctx, table, options["labelCol"], "labelCol"), is_number, "numbers", "labelCol")
    found = [
        (rows, batch.column(1).to_numpy(zero_copy_only=False))
        for rows, batch in matrices(ctx, table, vectors, f", cast({quoted(label.name)} as double) as y")
    ]
    if not found:
        raise _empty(vectors)
    features, labels = (np.concatenate(parts) for parts in zip(*found, strict=True))
    _, classes = np.unique(labels, return_inverse=True)
    p_values = []
    for values in features.T:
        _, places = np.unique(values, return_inverse=True)
        table_of = np.zeros((places.max() + 1, classes.max() + 1))
        np.add.at(table_of, (places, classes), 1)
        p_values.append(scipy.stats.chi2_contingency(table_of, correction=False).pvalue)
    order = np.argsort(p_values, kind="stable")[: whole(options, "numTopFeatures", 1)]
    return features.shape[1], {"chosen": sorted(order.tolist())}
