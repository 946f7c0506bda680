"""Scales of columns and vectors are those of scikit-learn, in whatever batches the rows come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.errors import BadOption
from pybyzer.estimators.scaling import Scale


def rows_of(session: Session, table: str) -> pa.Table:
    return session.table(table).reader.read_all()


def test_standard_columns(session: Session, tmp_path: Path) -> None:
    from sklearn.preprocessing import StandardScaler

    values = np.random.default_rng(1).normal(5, 3, size=(1000, 2))
    session.engine.ingest("t", pa.table({"a": values[:, 0], "b": values[:, 1]}))
    session.run_text(
        f'train t as NormalizeInPlace.`{tmp_path}/m` where inputCols="a,b";'
        f"load parquet.`{tmp_path}/m/data` as u;"
    )
    made = np.array([column.to_pylist() for column in rows_of(session, "u").columns]).T
    # Sample deviations here, those of the whole population there.
    expected = StandardScaler().fit_transform(values) * np.sqrt(999 / 1000)
    assert np.allclose(made, expected)


def test_standard_vectors_of_several_batches(session: Session, tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(1e6, 1, size=(300_000, 2))
    session.engine.ingest("t", pa.table({"v": list(values)}))
    session.run_text(
        f'train t as StandardScaler.`{tmp_path}/m` where inputCol="v" and outputCol="w"'
        ' and withMean="true" as u;'
        "select vec_array(w) as w from u as made;"
    )
    made = np.array(rows_of(session, "made").column("w").to_pylist())
    assert np.allclose(made, (values - values.mean(axis=0)) / values.std(axis=0, ddof=1), atol=1e-6)


def test_a_row_of_another_width() -> None:
    scale = Scale("sqrt", {"mean": [0.0, 0.0]})
    with pytest.raises(BadOption, match="the model has 2 columns"):
        scale(pa.array([[1.0]], pa.list_(pa.float64())))


def test_what_cannot_be_scaled() -> None:
    scale = Scale("log10", {"mean": [0.0]})
    rows = pa.array([[100.0], [0.0], [-1.0], [None], None], pa.list_(pa.float64()))
    made = scale(rows).to_pylist()
    assert made[:2] == [[2.0], [float("-inf")]]
    assert np.isnan(made[2][0])
    assert made[3:] == [[None], None]
