"""ClassificationEvaluator and RegressionEvaluator: how well predictions fit, as rows of name and value."""

from __future__ import annotations

import math

from pybyzer.context import Context, Parameter
from pybyzer.engines.sparksql.literals import java_text
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, is_number, typed

_PARAMETERS = (
    Parameter("labelCol", "the column of true values", "label"),
    Parameter("predictionCol", "the column of predicted values", "prediction"),
)


def _pair(ctx: Context, owner: Estimator, request: FitRequest) -> tuple[str, str]:
    """The two columns as doubles."""
    options = ctx.check(owner.name, owner.parameters, request.options, strict=False)
    fields = [column(ctx, request.table, options[key], key) for key in ("labelCol", "predictionCol")]
    for field, key in zip(fields, ("labelCol", "predictionCol"), strict=True):
        typed(field, is_number, "numbers", key)
    label, prediction = (f"cast({quoted(field.name)} as double)" for field in fields)
    return label, prediction


def _show(ctx: Context, output: str, values: dict[str, float]) -> None:
    import pyarrow as pa

    texts = ["NaN" if math.isnan(value) else java_text(value) for value in values.values()]
    ctx.engine.ingest(output, pa.table({"name": list(values), "value": texts}))


@ESTIMATORS.register("ClassificationEvaluator")
class ClassificationEvaluator(Estimator):
    """``f1``, ``weightedPrecision``, ``weightedRecall`` (by how often labels are), ``accuracy``."""

    name = "ClassificationEvaluator"
    description = "F1, precision, recall and accuracy of predicted classes"
    example = """
select stack(3, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0) as (label, prediction) as predicted;
run predicted as ClassificationEvaluator.`` as metrics;
"""
    parameters = _PARAMETERS

    def fit(self, ctx: Context, request: FitRequest) -> None:
        label, prediction = _pair(ctx, self, request)
        counts = ask(
            ctx,
            f"select y, p, count(*) as n from (select {label} as y, {prediction} as p"
            f" from {quoted(request.table)}) as pairs where y is not null and p is not null group by y, p",
        ).to_pylist()
        total = sum(row["n"] for row in counts)
        if not total:
            raise BadOption(f'table "{request.table}" has no rows to evaluate', option="labelCol")
        labels = sorted({row["y"] for row in counts})
        f1 = precision = recall = 0.0
        for one in labels:
            true = sum(row["n"] for row in counts if row["y"] == one)
            said = sum(row["n"] for row in counts if row["p"] == one)
            hits = sum(row["n"] for row in counts if row["y"] == row["p"] == one)
            own_precision = hits / said if said else 0.0
            own_recall = hits / true
            precision += own_precision * true / total
            recall += own_recall * true / total
            if hits:
                f1 += 2 * own_precision * own_recall / (own_precision + own_recall) * true / total
        accuracy = sum(row["n"] for row in counts if row["y"] == row["p"]) / total
        values = {"f1": f1, "weightedPrecision": precision, "weightedRecall": recall, "accuracy": accuracy}
        _show(ctx, request.output, values)

    predict = fit


@ESTIMATORS.register("RegressionEvaluator")
class RegressionEvaluator(Estimator):
    """``rmse``, ``mse``, ``r2``, ``mae``."""

    name = "RegressionEvaluator"
    description = "errors of predicted numbers, and the part of the variance they explain"
    example = """
select stack(3, 1.0, 1.5, 2.0, 2.0, 4.0, 3.0) as (label, prediction) as predicted;
run predicted as RegressionEvaluator.`` as metrics;
"""
    parameters = _PARAMETERS

    def fit(self, ctx: Context, request: FitRequest) -> None:
        label, prediction = _pair(ctx, self, request)
        found = ask(
            ctx,
            "select count(*) as n, avg((y - p) * (y - p)) as mse, avg(abs(y - p)) as mae,"
            " var_pop(y) as spread"
            f" from (select {label} as y, {prediction} as p from {quoted(request.table)}) as pairs"
            " where y is not null and p is not null",
        ).to_pylist()[0]
        if not found["n"]:
            raise BadOption(f'table "{request.table}" has no rows to evaluate', option="labelCol")
        mse, spread = found["mse"], found["spread"]
        r2 = 1 - mse / spread if spread else -math.inf if mse else math.nan
        values = {"rmse": math.sqrt(mse), "mse": mse, "r2": r2, "mae": found["mae"]}
        _show(ctx, request.output, values)

    predict = fit
