"""Signs of characters, in slices and in texts of any script."""

from __future__ import annotations

import pyarrow as pa

from pybyzer.estimators.pattern_distribution import _shapes


def test_signs() -> None:
    texts = pa.array(["xyz", "aB-9", None, "", "中文é 1", "Zz"])
    expected = ["aA-9", "", "", "AAé 9", "Aa"]
    assert _shapes(texts[1:]).to_pylist() == expected
    assert _shapes(texts[2:4]).to_pylist() == ["", ""]
