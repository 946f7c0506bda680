"""ConfusionMatrix: how often each label was predicted as which, and the rates that follow."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.sparksql.literals import java_text
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, nothing, require, require_path
from pybyzer.models.directory import replacing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MOST_LABELS = 1000
"""Labels of a matrix, which has a column for each."""

_MEANING = {
    "TP": "True positive [eqv with hit]",
    "TN": "True negative [eqv with correct rejection]",
    "FP": "False positive [eqv with false alarm, Type I error]",
    "FN": "False negative [eqv with miss, Type II error]",
    "TPR": "Sensitivity or true positive rate [eqv with hit rate, recall]",
    "SPC": "Specificity or true negative rate",
    "PPV": "Precision or positive prediction value",
    "NPV": "Negative predictive value",
    "FPR": "Fall-out or false positive rate",
    "FDR": "False discovery rate",
    "FNR": "Miss Rate or False Negative Rate",
    "ACC": "Accuracy",
}


@ESTIMATORS.register("ConfusionMatrix")
class ConfusionMatrix(Estimator):
    """Writes two parquet tables: ``path/data``, the matrix, and ``path/detail``, rates for each label.

    Rows of the matrix are the actual labels, columns the predicted ones; all values are texts.
    """

    name = "ConfusionMatrix"
    description = "how often each label was predicted as which, and the rates that follow"
    example = """
select stack(3, "cat", "cat", "cat", "dog", "dog", "dog") as (actual, predicted) as animals;
train animals as ConfusionMatrix.`/tmp/models/confusion` where actualCol="actual" and predictCol="predicted";
load parquet.`/tmp/models/confusion/detail` as detail;
"""
    parameters = (
        Parameter("actualCol", "the true label", required=True),
        Parameter("predictCol", "the predicted label", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = require_path(ctx, self.name, request.path)
        names = [
            column(ctx, request.table, require(request.options, key), key).name
            for key in ("actualCol", "predictCol")
        ]
        actual, predicted = (f"cast({quoted(name)} as string)" for name in names)
        pairs = ask(
            ctx,
            f"select actual, predicted, count(*) as n from (select {actual} as actual, {predicted} as"
            f" predicted from {quoted(request.table)}) as pairs"
            " where actual is not null and predicted is not null group by actual, predicted",
        )
        found = [pairs.column(name).to_pylist() for name in ("actual", "predicted")]
        labels = sorted({*found[0], *found[1]})
        if len(labels) > MOST_LABELS:
            raise BadOption(f"{len(labels)} labels are more than {MOST_LABELS}", option="actualCol")
        places = {label: place for place, label in enumerate(labels)}
        matrix = np.zeros((len(labels), len(labels)), dtype=np.int64)
        rows, columns = ([places[label] for label in side] for side in found)
        matrix[rows, columns] = pairs.column("n").to_numpy()
        texts = {"act\\prt": labels}
        texts |= {label: [str(n) for n in matrix[:, place]] for place, label in enumerate(labels)}
        table = pa.table({name: pa.array(column, pa.string()) for name, column in texts.items()})
        ctx.engine.settle([path])
        with replacing(path) as fresh:
            for name, content in (("data", table), ("detail", _detail(labels, matrix))):
                os.mkdir(os.path.join(fresh, name))
                pq.write_table(content, os.path.join(fresh, name, "part-00000.parquet"))
        nothing(ctx, request.output)


def _detail(labels: list[str], matrix: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> pa.Table:
    """Twelve rows for each label: counts as whole numbers, rates as doubles (NaN without cases)."""
    import numpy as np
    import pyarrow as pa

    total = matrix.sum()
    tp = np.diag(matrix)
    fn, fp = matrix.sum(axis=1) - tp, matrix.sum(axis=0) - tp
    tn = total - tp - fn - fp
    with np.errstate(invalid="ignore", divide="ignore"):
        ppv = tp / (tp + fp)
        rates = [
            tp / (tp + fn),
            tn / (fp + tn),
            ppv,
            tn / (tn + fn),
            fp / (fp + tn),
            1 - ppv,
            fn / (fn + tp),
            (tp + tn) / total,
        ]
    values = [*(map(str, counts) for counts in (tp, tn, fp, fn)), *(map(_text, rate) for rate in rates)]
    by_label = list(zip(*values, strict=True))
    return pa.table(
        {
            "lable": pa.array([label for label in labels for _ in _MEANING], pa.string()),
            "name": pa.array([*_MEANING] * len(labels), pa.string()),
            "value": pa.array([value for row in by_label for value in row], pa.string()),
            "desc": pa.array([*_MEANING.values()] * len(labels), pa.string()),
        }
    )


def _text(value: float) -> str:
    return "NaN" if math.isnan(value) else java_text(float(value))
