"""PredictionEva and the evaluators give the numbers of scikit-learn."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pybyzer import Session


def values(session: Session, statement: str, table: pa.Table) -> dict[str, float]:
    """What an ET answers, by name."""
    session.engine.ingest("t", table)
    session.run_text(f"run t as {statement} as answer;")
    rows = session.table("answer").reader.read_all()
    return {name: float(value) for name, value in zip(*rows.to_pydict().values(), strict=True)}


def test_a_binary_prediction(session: Session) -> None:
    from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

    draw = np.random.default_rng(1)
    label = draw.integers(0, 2, 2000)
    # Few different probabilities: ties count half, in both.
    prob = np.clip(np.round(draw.normal(0.4 + 0.2 * label, 0.2), 1), 0, 1)
    found = values(session, "PredictionEva.``", pa.table({"label": label * 1.0, "prob": prob}))
    said = prob >= 0.5
    assert found["precision"] == pytest.approx(precision_score(label, said))
    assert found["recall"] == pytest.approx(recall_score(label, said))
    assert found["f1"] == pytest.approx(f1_score(label, said))
    assert found["auc"] == pytest.approx(roc_auc_score(label, prob))


def test_classes(session: Session) -> None:
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    draw = np.random.default_rng(1)
    label, said = draw.integers(0, 4, 500), draw.integers(0, 5, 500)
    table = pa.table({"label": label, "prediction": said * 1.0})
    found = values(session, "ClassificationEvaluator.``", table)
    how = {"average": "weighted", "zero_division": 0}
    assert found["f1"] == pytest.approx(f1_score(label, said, **how))
    assert found["weightedPrecision"] == pytest.approx(precision_score(label, said, **how))
    assert found["weightedRecall"] == pytest.approx(recall_score(label, said, **how))
    assert found["accuracy"] == pytest.approx(accuracy_score(label, said))


def test_numbers(session: Session) -> None:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    draw = np.random.default_rng(1)
    label = draw.normal(size=500)
    said = label + draw.normal(size=500) / 3
    found = values(session, "RegressionEvaluator.``", pa.table({"label": label, "prediction": said}))
    assert found["mse"] == pytest.approx(mean_squared_error(label, said))
    assert found["rmse"] == pytest.approx(mean_squared_error(label, said) ** 0.5)
    assert found["r2"] == pytest.approx(r2_score(label, said))
    assert found["mae"] == pytest.approx(mean_absolute_error(label, said))
