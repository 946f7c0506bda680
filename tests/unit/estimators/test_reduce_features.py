"""ReduceFeaturesInPlace gives the numbers of scikit-learn and SciPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from pybyzer import Session
from pybyzer.estimators.reduce_features import Reduction, _products


def learned(session: Session, tmp_path: Path, rows: np.ndarray, options: str) -> np.ndarray:
    """The new column of a table of vectors."""
    session.engine.ingest("rows", pa.table({"v": list(rows), "label": np.arange(len(rows)) % 2}))
    model = tmp_path / "model"
    session.run_text(
        f'train rows as ReduceFeaturesInPlace.`{model}` where inputCol="v" and outputCol="w" and {options};'
        f"load parquet.`{model}/data` as data; select vec_array(w) as w from data as made;"
    )
    return np.array(session.table("made").reader.read_all().column("w").to_pylist())


def test_components_are_those_of_scikit_learn(session: Session, tmp_path: Path) -> None:
    from sklearn.decomposition import PCA

    # More rows than one batch of the engine, far from 0.
    rows = np.random.default_rng(1).normal(size=(70_000, 4)) @ np.diag([5, 3, 1, 0.1]) + 1000
    made = learned(session, tmp_path, rows, 'k="2"')
    components = PCA(2).fit(rows).components_
    assert np.allclose(np.abs(made), np.abs(rows @ components.T), rtol=1e-6)


def test_cosines_turn_back() -> None:
    rows = np.random.default_rng(1).normal(size=(5, 8))
    there = Reduction("dct", {"inverse": False})(rows)
    assert np.allclose((there**2).sum(axis=1), (rows**2).sum(axis=1))
    assert np.allclose(Reduction("dct", {"inverse": True})(there), rows)


def test_products_of_three_numbers() -> None:
    # The order in Spark's documentation of PolynomialExpansion, for x, y, z.
    products = ["".join("xyz"[place] for place in product) for product in _products(3, 2)]
    assert products == ["", "x", "xx", "y", "xy", "yy", "z", "xz", "yz", "zz"]


def test_the_features_that_labels_depend_on(session: Session, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    labels = np.arange(400) % 2
    noise = draw.integers(0, 3, size=(400, 5)).astype(float)
    noise[:, 3] = labels
    made = learned(session, tmp_path, noise, 'featureReduceType="chisq" and numTopFeatures="1"')
    assert made[:, 0].tolist() == labels.tolist()
