"""What fails in Ray workers: the row it was about, the actor that died."""

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


ACTOR = """
import os, ray

@ray.remote
class Model:
    def __init__(self, good):
        if not good:
            raise ValueError("no such model")

    def end(self):
        os._exit(1)

model = Model.remote(%s)
ray.get(model.end.remote())
"""


def test_an_actor_that_breaks_at_its_start_says_why(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="the actor died at its start: ValueError: no such model") as caught:
        cells.table(ACTOR % "False")
    assert "^^^" not in caught.value.traceback.partition("In worker")[2]
    assert 'File "cell", line 8, in __init__' in caught.value.traceback


def test_an_actor_whose_process_dies_is_named(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="the actor Model died: its process was killed"):
        cells.table(ACTOR % "True")


def test_a_worker_that_dies_in_foreach(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "import ray, os\nray_context.foreach(lambda row: os._exit(1))"
    with pytest.raises(WorkerError, match=r"a Ray worker died|the worker process ended"):
        cells.table(code, {"t": numbers})
    assert cells.rows("context.build_result([{'a': 1}])") == [{"a": 1}]
