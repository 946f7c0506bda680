"""Buckets of a table and of the function are the same, at the splits too."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.errors import BadOption
from pybyzer.estimators.discretizer import _Buckets

NUMBERS = pa.list_(pa.float64())


def test_a_table_and_the_function(session: Session, tmp_path: Path) -> None:
    values = np.r_[np.random.default_rng(1).normal(size=1000), -1.5, 0.0, 2.0, -5.0, 5.0]
    session.engine.ingest("t", pa.table({"a": values}))
    session.run_text(
        f'train t as Discretizer.`{tmp_path}/m` where inputCol="a" and outputCol="b"'
        ' and splits="-5,-1.5,0,2,5" as u;'
        f"register Discretizer.`{tmp_path}/m` as f; select b, f(array(a))[0] as c from u as made;"
    )
    made = session.table("made").reader.read_all()
    expected = np.minimum(np.digitize(values, [-5, -1.5, 0, 2, 5]) - 1, 3)
    assert made.column("b").to_pylist() == made.column("c").to_pylist() == expected.tolist()


def test_quantiles_have_as_many_values(session: Session, tmp_path: Path) -> None:
    session.engine.ingest("t", pa.table({"a": np.random.default_rng(1).permutation(1000)}))
    session.run_text(
        f'train t as Discretizer.`{tmp_path}/m` where method="quantile" and inputCol="a" and outputCol="b"'
        ' and numBuckets="4" as u; select b, count(*) as n from u group by b order by b as made;'
    )
    assert session.table("made").reader.read_all().column("n").to_pylist() == [249, 250, 250, 251]


def test_nan() -> None:
    splits = ((-math.inf, 0.0, math.inf),)
    rows = pa.array([[math.nan, 1.0, None], None], NUMBERS)
    assert _Buckets(splits, "keep")(rows).to_pylist() == [[2.0, 1.0, None], None]
    assert _Buckets(splits, "skip")(rows).to_pylist() == [[None, 1.0, None], None]
    with pytest.raises(BadOption, match="encountered NaN"):
        _Buckets(splits, "error")(rows)


def test_splits_by_position() -> None:
    buckets = _Buckets(((0.0, 5.0, 10.0), (0.0, 1.0, 2.0)), "error")
    assert buckets(pa.array([[7.0, 0.5]], NUMBERS)).to_pylist() == [[1.0, 0.0]]
    with pytest.raises(BadOption, match="out of Bucketizer bounds"):
        buckets(pa.array([[7.0, 7.0]], NUMBERS))
    with pytest.raises(BadOption, match="the model has 2 columns"):
        buckets(pa.array([[7.0]], NUMBERS))
