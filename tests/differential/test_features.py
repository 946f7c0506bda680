"""Feature ETs and evaluators give the numbers of Spark's own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pybyzer import Session, Settings
from tests.differential import judge

pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

DRAW = np.random.default_rng(5)
LABEL = DRAW.integers(0, 3, 200) * 1.0
VECTORS = np.c_[DRAW.normal(size=(200, 2)).round(1), DRAW.integers(0, 3, 200), LABEL]
X = DRAW.normal(size=200).round(2)
PROB = np.clip(np.round(DRAW.normal(0.4 + 0.2 * (LABEL > 0), 0.2), 2), 0, 1)
WORDS = DRAW.choice(["x", "y", "z"], 200)
BASKETS = [sorted(set(DRAW.choice(list("abcdef"), DRAW.integers(1, 5)).tolist())) for _ in range(200)]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with warnings.catch_warnings():
        # pyspark warns about the pandas that is installed, which is not used here.
        warnings.simplefilter("ignore")
        session = judge.open_spark()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def rows(spark: Any) -> Any:
    """The rows as Spark's."""
    from pyspark.ml.linalg import Vectors

    columns = zip(X, LABEL, VECTORS, PROB, WORDS, BASKETS, strict=True)
    return spark.createDataFrame(
        [
            (float(x), float(y), Vectors.dense(v), float(p), float(y > 0), str(word), items)
            for x, y, v, p, word, items in columns
        ],
        ["x", "label", "features", "prob", "positive", "word", "items"],
    )


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Session]:
    """A session with the same rows as ``t``."""
    with Session(Settings(home=str(tmp_path), lake=str(tmp_path / "lake"))) as session:
        table = pa.table(
            {
                "x": X,
                "label": LABEL,
                "features": list(VECTORS),
                "prob": PROB,
                "positive": (LABEL > 0) * 1.0,
                "word": WORDS.tolist(),
                "items": BASKETS,
            }
        )
        session.engine.ingest("t", table)
        yield session


def column(session: Session, text: str) -> list[Any]:
    """The only column of the table ``made``."""
    session.run_text(text)
    values: list[Any] = session.table("made").reader.read_all().column(0).to_pylist()
    return values


def theirs(frame: Any, name: str = "o") -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = [row[name] for row in frame.select(name).collect()]
    return [value.toArray().tolist() if hasattr(value, "toArray") else value for value in values]


@pytest.mark.parametrize("buckets", [2, 3, 7, 10])
def test_quantiles(rows: Any, ours: Session, buckets: int) -> None:
    from pyspark.ml.feature import QuantileDiscretizer

    made = column(
        ours,
        'train t as Discretizer.`/m` where method="quantile" and inputCol="x" and outputCol="o"'
        f' and numBuckets="{buckets}" as out; select o from out as made;',
    )
    model = QuantileDiscretizer(numBuckets=buckets, inputCol="x", outputCol="o").fit(rows)
    assert made == theirs(model.transform(rows))


def test_one_hot(rows: Any, ours: Session) -> None:
    from pyspark.ml.feature import OneHotEncoder, StringIndexer

    made = column(
        ours,
        'train t as Onehot.`/m` where selectedFeatures="word" as out;'
        "select vec_array(word_output) as o from out as made;",
    )
    indexed = StringIndexer(inputCol="word", outputCol="i").fit(rows).transform(rows)
    encoder = OneHotEncoder(inputCols=["i"], outputCols=["o"], dropLast=False)
    assert made == theirs(encoder.fit(indexed).transform(indexed))


REDUCTIONS = {
    "PCA": ({"k": 2, "inputCol": "features"}, 'k="2" and inputCol="features"'),
    "PolynomialExpansion": (
        {"degree": 3, "inputCol": "features"},
        'featureReduceType="pe" and degree="3" and inputCol="features"',
    ),
    "DCT": ({"inputCol": "features"}, 'featureReduceType="dct" and inputCol="features"'),
    "ChiSqSelector": ({"numTopFeatures": 2}, 'featureReduceType="chisq" and numTopFeatures="2"'),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduced_features(rows: Any, ours: Session, name: str) -> None:
    import pyspark.ml.feature

    parameters, options = REDUCTIONS[name]
    made = column(
        ours,
        f'train t as ReduceFeaturesInPlace.`/m` where {options} and outputCol="o";'
        "load parquet.`/m/data` as data; select vec_array(o) as o from data as made;",
    )
    theirs_is = getattr(pyspark.ml.feature, name)(outputCol="o", **parameters)
    model = theirs_is.fit(rows) if hasattr(theirs_is, "fit") else theirs_is
    expected = np.array(theirs(model.transform(rows)))
    if name == "PCA":
        # A component is as good with the other sign, and libraries differ.
        expected = expected * np.sign(expected[0]) * np.sign(made[0])
    assert np.allclose(made, expected)


def test_standard_vectors(rows: Any, ours: Session) -> None:
    from pyspark.ml.feature import StandardScaler

    made = column(
        ours,
        'train t as StandardScaler.`/m` where inputCol="features" and outputCol="o"'
        ' and withMean="true" as out;'
        "select vec_array(o) as o from out as made;",
    )
    model = StandardScaler(inputCol="features", outputCol="o", withMean=True).fit(rows)
    assert np.allclose(made, theirs(model.transform(rows)))


def test_item_sets(rows: Any, ours: Session, tmp_path: Path) -> None:
    from pyspark.ml.fpm import FPGrowth

    made = column(
        ours,
        'train t as FPGrowth.`/m` where minSupport="0.1" and minConfidence="0.4";'
        "register FPGrowth.`/m` as also; select also(items) as o from t as made;",
    )
    model = FPGrowth(itemsCol="items", minSupport=0.1, minConfidence=0.4, predictionCol="o").fit(rows)
    assert [sorted(items) for items in made] == [sorted(items) for items in theirs(model.transform(rows))]
    directory = next(tmp_path.rglob("m"))
    rules = pq.read_table(directory / "associationRules.parquet").to_pylist()
    expected = {
        (tuple(sorted(rule.antecedent)), rule.consequent[0]): (rule.confidence, rule.lift, rule.support)
        for rule in model.associationRules.collect()
    }
    assert len(rules) == len(expected) > 0
    for rule in rules:
        numbers = [rule[name] for name in ("confidence", "lift", "support")]
        assert numbers == pytest.approx(expected[tuple(rule["antecedent"]), rule["consequent"][0]])


def test_evaluations(rows: Any, ours: Session) -> None:
    from pyspark.ml.evaluation import (
        BinaryClassificationEvaluator,
        MulticlassClassificationEvaluator,
        RegressionEvaluator,
    )

    ours.run_text(
        'run t as PredictionEva.`` where labelCol="positive" as binary;'
        'run t as ClassificationEvaluator.`` where predictionCol="positive" as classes;'
        'run t as RegressionEvaluator.`` where predictionCol="x" as numbers;'
    )

    def found(table: str) -> dict[str, float]:
        made = ours.table(table).reader.read_all()
        return {name: float(value) for name, value in zip(*made.to_pydict().values(), strict=True)}

    for name, metric in (("auc", "areaUnderROC"), ("prc", "areaUnderPR")):
        curve = BinaryClassificationEvaluator(
            rawPredictionCol="prob", labelCol="positive", metricName=metric, numBins=0
        )
        assert found("binary")[name] == pytest.approx(curve.evaluate(rows))
    for name, value in found("classes").items():
        judged = MulticlassClassificationEvaluator(predictionCol="positive", metricName=name).evaluate(rows)
        assert value == pytest.approx(judged)
    for name, value in found("numbers").items():
        assert value == pytest.approx(RegressionEvaluator(predictionCol="x", metricName=name).evaluate(rows))
