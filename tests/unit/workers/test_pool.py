"""A pool of workers in a real Ray: batches, failures, deaths, renewal, the stop button."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from pybyzer.engines.base import Stream
from pybyzer.errors import Interrupted, WorkerError
from pybyzer.events import ignore
from pybyzer.models import archive
from pybyzer.settings import Settings
from pybyzer.workers.base import FunctionJob, PythonJob
from pybyzer.workers.pool import ServedFunction, serve
from pybyzer.workers.ray import RayWorkers

VALUES = pa.list_(pa.list_(pa.float64()))
CODE = """
import os, tempfile, time
import ray
from pyjava.api.mlsql import RayContext
from pyjava.storage import streaming_tar
from pyjava.udf import UDFBuilder

ray_context = RayContext.connect(globals(), context.conf["rayAddress"])

def init_func(model_refs, conf):
    directory = tempfile.mkdtemp()
    streaming_tar.save_rows_as_file([ray.get(ref) for ref in model_refs], directory)
    with open(os.path.join(directory, "factor")) as file:
        return float(file.read())

def predict_func(model, v):
    first = v[0][0]
    if first == -1:
        raise ValueError("minus one")
    if first == -2:
        os._exit(1)
    if first == -3:
        time.sleep(0.2)
    if first == -5:
        time.sleep(600)
    return {"value": [[model * float(item.sum())] for item in v]}

UDFBuilder.build(ray_context, init_func, predict_func)
"""

Serve = Callable[..., ServedFunction]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serve a function of some code; one Ray for all tests of this file."""
    model = tmp_path_factory.mktemp("model")
    (model / "factor").write_text("10")
    workers = RayWorkers(Settings())

    def opened() -> Stream:
        reader = archive.pack(str(model))
        return Stream(reader.schema, reader)

    def make(name: str, code: str = CODE, predict_code: str = "") -> ServedFunction:
        conf = {"UDF_CLIENT": name, "rayAddress": "127.0.0.1:10001", "maxConcurrency": "2"}
        job = PythonJob(code=code, filename="registerCode", model=opened, conf=conf)
        function = FunctionJob(name, job, predict_code=predict_code, source=VALUES, result=VALUES)
        return serve(workers, function, ignore)

    yield make
    workers.close()


@pytest.fixture(scope="module")
def scale(served: Serve) -> ServedFunction:
    """A function of the name ``scale``."""
    return served("scale")


def column(*numbers: float | None) -> pa.Array:
    return pa.array([None if n is None else [[n]] for n in numbers], VALUES)


def test_batches_keep_their_order(scale: ServedFunction) -> None:
    numbers = [float(n) for n in range(3000)]
    assert scale(column(*numbers)).to_pylist() == [[[n * 10]] for n in numbers]
    assert scale(column(1.0, None)).to_pylist() == [[[10.0]], None]
    assert scale(column()).to_pylist() == []
    ints = pa.array([[[1, 2], [3]]], pa.list_(pa.list_(pa.int32())))
    assert scale(ints).to_pylist() == [[[30.0], [30.0]]]


def test_an_exception_names_function_row_and_argument(scale: ServedFunction) -> None:
    with pytest.raises(WorkerError) as caught:
        scale(column(*range(5), -1))
    assert caught.value.message == (
        "scale failed on row 6 of its batch: ValueError: minus one\nthe argument was [[-1.0]]"
    )
    assert 'raise ValueError("minus one")' in caught.value.traceback
    assert "pybyzer" not in caught.value.traceback
    assert scale(column(1.0)).to_pylist() == [[[10.0]]]


def test_a_worker_that_dies_on_its_rows(scale: ServedFunction) -> None:
    with pytest.raises(WorkerError, match="its workers died on rows 1 to 1 of a batch"):
        scale(column(-2.0))
    assert scale(column(1.0)).to_pylist() == [[[10.0]]]


def test_a_call_can_be_stopped(scale: ServedFunction) -> None:
    timer = threading.Timer(0.5, scale.stop)
    timer.start()
    begin = time.monotonic()
    with pytest.raises(Interrupted):
        scale(column(*([-3.0] * 500)))
    assert time.monotonic() - begin < 30, "500 rows at 0.2 s on two workers are 50 s"
    assert scale(column(1.0)).to_pylist() == [[[10.0]]]


def test_a_worker_that_does_not_stop_is_started_again(scale: ServedFunction) -> None:
    timer = threading.Timer(0.5, scale.stop)
    timer.start()
    with pytest.raises(Interrupted):
        scale(column(-5.0, -5.0, -5.0))
    assert scale(column(*range(8))).to_pylist() == [[[10.0 * i]] for i in range(8)]


def test_a_renewed_pool_takes_over_when_it_is_ready(served: Serve) -> None:
    renewed = served("renewed")
    with pytest.raises(WorkerError, match="RuntimeError: no model") as caught:
        served(
            "renewed", CODE.replace("    directory =", "    raise RuntimeError('no model')\n    directory =")
        )
    assert "in init_func" in caught.value.traceback
    assert renewed(column(1.0)).to_pylist() == [[[10.0]]]
    again = served("renewed", CODE.replace("model *", "100 *"))
    assert again(column(1.0)).to_pylist() == [[[100.0]]]


def test_other_predict_code_runs_for_each_row(served: Serve) -> None:
    code = """
from pyjava.api.mlsql import RayContext
from pyjava.udf import UDFBuilder

ray_context = RayContext.connect(globals(), context.conf["rayAddress"])
values = [row["value"] for row in context.fetch_once_as_rows()]
if values[0][0] < 0:
    UDFBuilder.apply(ray_context)
else:
    ray_context.build_result([{"value": [[float(len(values))]]}])
"""
    custom = served("custom", predict_code=code)
    assert custom(column(7.0, -4.0)).to_pylist() == [[[1.0]], [[-40.0]]]


def test_code_that_builds_no_pool(served: Serve) -> None:
    with pytest.raises(WorkerError, match="no pool of the name nobody"):
        served("nobody", "x = 1")
