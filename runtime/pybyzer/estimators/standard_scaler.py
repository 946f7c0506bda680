"""StandardScaler: vectors whose elements have deviation 1, and mean 0 if wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import temporary
from pybyzer.estimators.inputs import flag, new_column, require, require_path
from pybyzer.estimators.vectors import OfVectors, as_vector, matrices, vector_column
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class _Standard:
    mean: Matrix
    scale: Matrix

    def __call__(self, rows: Matrix) -> Matrix:
        moved: Matrix = (rows - self.mean) * self.scale
        return moved


@ESTIMATORS.register("StandardScaler")
class StandardScaler(Estimator):
    """Sample deviations; an element that is always the same becomes 0, as in Spark."""

    name = "StandardScaler"
    description = "vectors whose elements have deviation 1, and mean 0 if wanted"
    example = """
select vec_dense(array(id, id * 10)) as features from range(4) as numbers;
train numbers as StandardScaler.`/tmp/models/standard` where inputCol="features" and outputCol="scaled"
    and withMean="true" as scaled;
register StandardScaler.`/tmp/models/standard` as standardize;
select vec_array(standardize(vec_dense(array(1, 2)))) as s as t;
"""
    parameters = (
        Parameter("inputCol", "the column of vectors", required=True),
        Parameter("outputCol", "the new column; else the input's name and __output"),
        Parameter("withMean", "true: mean 0", "false", choices=BOOLEAN),
        Parameter("withStd", "true: deviation 1", "true", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import numpy as np

        name = require(request.options, "inputCol")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        field = vector_column(ctx, request.table, name, "inputCol")
        output = options.get("outputCol") or f"{field.name}__output"
        new_column(ctx, request.table, output, "outputCol")
        count, mean, spread = 0, np.zeros(0), np.zeros(0)
        for rows, _ in matrices(ctx, request.table, field):
            # Means and squared distances of parts are put together (Chan's formula).
            here, own = len(rows), rows.mean(axis=0)
            squares = ((rows - own) ** 2).sum(axis=0)
            if not count:
                count, mean, spread = here, own, squares
                continue
            away = own - mean
            spread = spread + squares + away**2 * (count * here / (count + here))
            mean = mean + away * (here / (count + here))
            count += here
        if not count:
            raise BadOption(f'column "{field.name}" has no vectors', option="inputCol")
        deviation = np.sqrt(spread / max(count - 1, 1))
        scale = np.ones(len(mean))
        if flag(options, "withStd"):
            scale = np.divide(1.0, deviation, out=np.zeros(len(mean)), where=deviation > 0)
        centre = mean if flag(options, "withMean") else np.zeros(len(mean))
        Saved(self.name, {"mean": centre.tolist(), "scale": scale.tolist()}).save(path)
        step = temporary(ctx, OfVectors(_Standard(centre, scale), len(centre)).function(""))
        ctx.engine.query(
            f"select *, {step}({as_vector(field)}) as {quoted(output)} from {quoted(request.table)}",
            request.output,
        )

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import numpy as np

        about = load_saved(ctx.resolve(request.path), self.name).about
        standard = _Standard(np.array(about["mean"]), np.array(about["scale"]))
        ctx.define(OfVectors(standard, len(standard.mean)).function(request.function))
