"""Workers for tests: one set for all, its Ray started once, when the first test asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest

import pybyzer
from pybyzer.engines.base import Stream
from pybyzer.events import Event, Printed
from pybyzer.settings import Settings
from pybyzer.workers.base import PythonJob
from pybyzer.workers.ray import RayWorkers

# What runs inside a worker is tested here too, under the names it has there.
sys.path.append(os.path.join(os.path.dirname(pybyzer.__file__), "compat"))

CONNECT = """
from pyjava.api.mlsql import RayContext
ray_context = RayContext.connect(globals(), "127.0.0.1:10001")
"""


def opener(table: pa.Table, partitions: int = 1, rows: int = 3) -> Callable[[], Stream]:
    """A table as an input of a cell, in small batches."""
    return lambda: Stream(table.schema, table.to_reader(max_chunksize=rows), partitions)


class Cells:
    """Runs cells and keeps what they print."""

    def __init__(self, workers: RayWorkers) -> None:
        self.workers = workers
        self.events: list[Event] = []

    def stream(self, code: str, tables: Mapping[str, pa.Table] | None = None, **job: Any) -> Stream:
        self.events.clear()
        partitions = job.pop("partitions", 1)
        inputs = {name: opener(table, partitions) for name, table in (tables or {}).items()}
        return self.workers.run(PythonJob(code, inputs=inputs, **job), self.events.append)

    def table(self, code: str, tables: Mapping[str, pa.Table] | None = None, **job: Any) -> pa.Table:
        return self.stream(code, tables, **job).reader.read_all()

    def rows(
        self, code: str, tables: Mapping[str, pa.Table] | None = None, **job: Any
    ) -> list[dict[str, Any]]:
        return self.table(code, tables, **job).to_pylist()

    def printed(self, stream: str = "stdout") -> str:
        return "".join(e.text for e in self.events if isinstance(e, Printed) and e.stream == stream)

    @property
    def sources(self) -> set[str]:
        return {e.source for e in self.events if isinstance(e, Printed)}


@pytest.fixture(scope="session")
def workers() -> Iterator[RayWorkers]:
    """Workers shared by all tests; a cell leaves nothing behind, so they may be."""
    opened = RayWorkers(Settings(env_aliases={"published": "current"}))
    yield opened
    opened.close()


@pytest.fixture
def cells(workers: RayWorkers) -> Cells:
    return Cells(workers)


@pytest.fixture
def numbers() -> pa.Table:
    """Ten rows: a number and a word."""
    return pa.table({"n": pa.array(range(10), pa.int64()), "word": [f"w{i}" for i in range(10)]})
