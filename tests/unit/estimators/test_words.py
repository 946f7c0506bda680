"""Texts to words: patterns, stop words, windows, Chinese."""

from __future__ import annotations

import pyarrow as pa

from pybyzer.estimators.words import Words


def test_a_pattern() -> None:
    cut = Words(r"[ ,]+", stop=("the",))
    texts = pa.array([" a,the  b ", "", None, "the"])
    assert cut(texts).to_pylist() == [["a", "b"], [], [], []]


def test_windows_do_not_cross_texts() -> None:
    cut = Words(" ", windows=(2, 3))
    made = cut(pa.array(["a b c", "d", "e f"])).to_pylist()
    assert made == [["a", "b", "c", "a b", "b c", "a b c"], ["d"], ["e", "f", "e f"]]


def test_a_word_of_ones_own_is_not_cut() -> None:
    text = pa.array(["云计算平台很好"])
    assert "云计算平台" not in Words(None)(text)[0].as_py()
    assert "云计算平台" in Words(None, own=("云计算平台",))(text)[0].as_py()


def test_what_is_remembered() -> None:
    cut = Words(" ", own=("x",), stop=("y",), windows=(2,))
    assert Words.remembered(cut.about()) == cut
