"""An exception of a row function says which row it was about."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pybyzer.errors import WorkerError
from tests.unit.workers.conftest import CONNECT, Cells


def test_foreach_shows_the_row_it_failed_on(cells: Cells) -> None:
    table = pa.table({"path": ["a.png", "b.png", "c.png"], "content": [b"1", b"", b"3"]})
    code = CONNECT + "def f(row):\n    return {'n': 1 // len(row['content'])}\nray_context.foreach(f)"
    with pytest.raises(WorkerError) as caught:
        cells.table(code, {"t": table})
    assert "in the row path='b.png', content=<0 bytes>" in caught.value.message
    assert "ZeroDivisionError" in caught.value.message
    assert "len(row['content'])" in caught.value.traceback


def test_a_function_that_raises_stop_iteration_fails(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "def f(row):\n    return next(iter([]))\nray_context.foreach(f)"
    with pytest.raises(WorkerError, match=r"StopIteration\nin the row n=0, word='w0'"):
        cells.table(code, {"t": numbers})
