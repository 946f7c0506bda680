"""StringIndex: its model on disk and its functions over Arrow arrays."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer.errors import BadOption, ByzerError
from pybyzer.estimators import string_index
from pybyzer.estimators.string_index import Model


def model(invalid: str = "error") -> Model:
    return Model(pa.array(["cat", "dog", ""]), "animal", "label", invalid)


def test_a_model_is_saved_and_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "a" / "model")
    model("keep").save(path)
    model("skip").save(path)
    loaded = Model.load(path)
    assert (loaded.labels.to_pylist(), loaded.invalid) == (["cat", "dog", ""], "skip")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["model"]


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="is not a model of StringIndex"):
        Model.load(str(tmp_path))


def test_a_model_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ByzerError, match="cannot write"):
        model().save(str(tmp_path / "file" / "model"))


def test_index() -> None:
    words = pa.array(["dog", "", None, "cat"])
    assert string_index._Forward(model())(words).to_pylist() == [1, 2, -1, 0]


def test_many_labels() -> None:
    many = Model(pa.array([str(n) for n in range(10 * string_index.FEW)]), "n", "i", "skip")
    assert many.index(pa.array(["4999", "x", None, "0"])).to_pylist() == [4999, None, None, 0]


def test_an_unseen_label() -> None:
    words = pa.array(["dog", "bird"])
    assert string_index._Forward(model("skip"))(words).to_pylist() == [1, -1]
    with pytest.raises(BadOption, match='"bird" is not one of the 3 labels learned from animal'):
        string_index._Forward(model())(words)


def test_lists() -> None:
    lists = pa.array([["dog", "bird", None], None, [], ["cat", "dog"]], pa.list_(pa.string()))
    assert string_index._ForwardLists(model())(lists).to_pylist() == [[1], None, [], [0, 1]]
    kept = string_index._ForwardLists(model("keep"))(lists)
    assert kept.to_pylist() == [[1, -1, -1], None, [], [0, 1]]
    assert kept.type == pa.list_(pa.int32())
    assert string_index._ForwardLists(model())(lists[2:]).to_pylist() == [[], [0, 1]]


def test_back() -> None:
    numbers = pa.array([0.0, 2.0, None, -1.0, 3.0, float("nan")])
    expected = ["cat", "", None, "__unknow__", "__unknow__", "__unknow__"]
    assert string_index._Back(model())(numbers).to_pylist() == expected
    lists = pa.array([[1.0, 9.0], None], pa.list_(pa.float64()))
    assert string_index._BackLists(model())(lists).to_pylist() == [["dog", "__unknow__"], None]
