"""The session's Ray dies under a cell: the cell says so soon, and the next one gets a new Ray."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from pybyzer.errors import WorkerError
from pybyzer.settings import Settings
from pybyzer.workers.base import PythonJob
from pybyzer.workers.ray import RayWorkers

WORKS = """
import ray
context.build_result([{"a": ray.get(ray.remote(lambda: 7).remote())}])
"""
WAITS = """
import ray, time
print("waiting", flush=True)
ray.get(ray.remote(lambda: time.sleep(600)).remote())
"""


def _process_of(keeper: int, name: str) -> psutil.Process:
    """The child of the keeper whose program is called ``name``."""
    return next(child for child in psutil.Process(keeper).children() if child.name() == name)


def test_the_cell_fails_and_the_next_one_runs() -> None:
    workers = RayWorkers(Settings())
    waiting = threading.Event()
    killed_at = [0.0]

    def kill(name: str) -> None:
        waiting.wait(60)
        keeper = workers.cluster._process
        assert keeper is not None
        killed_at[0] = time.monotonic()
        _process_of(keeper.pid, name).kill()

    try:
        for name in ("raylet", "gcs_server"):
            assert workers.run(PythonJob(WORKS), print).reader.read_all().to_pylist() == [{"a": 7}]
            waiting.clear()
            killer = threading.Thread(target=kill, args=(name,))
            killer.start()
            with pytest.raises(WorkerError, match="the session's Ray has died"):
                workers.run(PythonJob(WAITS), lambda event: waiting.set())
            # The promise is 5 seconds; this is a bound for a busy machine.
            assert time.monotonic() - killed_at[0] < 10
            killer.join()
        assert workers.run(PythonJob(WORKS), print).reader.read_all().to_pylist() == [{"a": 7}]
    finally:
        workers.close()
