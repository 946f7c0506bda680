"""PredictionEva: how well probabilities tell a binary label: precision, recall, F1, areas under curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.sparksql.literals import java_text
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, double, is_number, is_text, number, typed

if TYPE_CHECKING:
    import pyarrow as pa


@ESTIMATORS.register("PredictionEva")
class PredictionEva(Estimator):
    """Rows ``metrics, value``: threshold, precision, recall, f1, auc, prc."""

    name = "PredictionEva"
    description = (
        "precision, recall, F1, area under ROC and under precision and recall of a binary prediction"
    )
    example = """
select stack(4, 1.0, 0.9, 1.0, 0.4, 0.0, 0.6, 0.0, 0.1) as (label, prob) as predicted;
run predicted as PredictionEva.`` where labelCol="label" and probCol="prob" as metrics;
"""
    parameters = (
        Parameter("labelCol", "the true label", "label"),
        Parameter("probCol", "the probability of the positive label, a double", "prob"),
        Parameter("labelValue", "the positive label", "1.0"),
        Parameter("labelVal", "the same; the name in the original's list of parameters"),
        Parameter("threshold", "from which probability the label counts as predicted", "0.5"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        label = column(ctx, request.table, options["labelCol"], "labelCol")
        prob = column(ctx, request.table, options["probCol"], "probCol")
        typed(prob, is_number, "numbers", "probCol")
        typed(label, lambda kind: is_number(kind) or is_text(kind), "numbers", "labelCol")
        if options.get("labelVal"):
            options["labelValue"] = options["labelVal"]
        positive, threshold = number(options, "labelValue"), number(options, "threshold")
        # One row for each probability, the highest first: all that the curves need.
        counts = ask(
            ctx,
            f"select p, count(if(y, 1, null)) as yes, count(if(y, null, 1)) as no"
            f" from (select cast({quoted(prob.name)} as double) as p,"
            f" cast({quoted(label.name)} as double) = {double(positive)} as y from {quoted(request.table)})"
            " as scored where p is not null and y is not null group by p order by p desc",
        )
        if not counts.num_rows:
            raise BadOption(f'table "{request.table}" has no rows to evaluate', option="probCol")
        values = {"threshold": threshold, **_metrics(counts, threshold)}
        rows = {"metrics": list(values), "value": [_text(value) for value in values.values()]}
        ctx.engine.ingest(request.output, pa.table(rows))


def _metrics(counts: pa.Table, threshold: float) -> dict[str, float]:
    """From the numbers of true and false rows at each probability, descending."""
    import numpy as np

    prob, yes, no = (counts.column(name).to_numpy() for name in ("p", "yes", "no"))
    above = prob >= threshold
    tp, fp = int(yes[above].sum()), int(no[above].sum())
    fn = int(yes[~above].sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = float(np.float64(tp) / (tp + fp))
        recall = float(np.float64(tp) / (tp + fn))
        f1 = float(np.float64(2 * tp) / (2 * tp + fp + fn))
        hits, alarms = np.cumsum(yes), np.cumsum(no)
        # Without positives or negatives a rate is 0, as in Spark.
        tpr = hits / hits[-1] if hits[-1] else np.zeros(len(hits))
        fpr = alarms / alarms[-1] if alarms[-1] else np.zeros(len(hits))
        precisions = hits / (hits + alarms)
    auc = np.trapezoid(np.r_[0.0, tpr, 1.0], np.r_[0.0, fpr, 1.0])
    prc = np.trapezoid(np.r_[precisions[0], precisions], np.r_[0.0, tpr])
    return {"precision": precision, "recall": recall, "f1": f1, "auc": float(auc), "prc": float(prc)}


def _text(value: float) -> str:
    return "NaN" if math.isnan(value) else java_text(value)
