"""What every kind of workers must do: a class to inherit, with the fixture ``workers``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from pybyzer.engines.base import Stream
from pybyzer.errors import Interrupted, WorkerError
from pybyzer.events import Event, Printed, ignore
from pybyzer.workers.base import PythonJob, Workers


def opener(table: pa.Table, partitions: int = 1) -> Callable[[], Stream]:
    return lambda: Stream(table.schema, table.to_reader(max_chunksize=2), partitions)


class WorkersContract:
    """``Workers`` as the interpreter uses them."""

    def rows(self, workers: Workers, code: str, **job: Any) -> list[dict[str, Any]]:
        return workers.run(PythonJob(code, **job), ignore).reader.read_all().to_pylist()

    def test_rows_in_rows_out(self, workers: Workers) -> None:
        table = pa.table({"a": [1, None, 3], "b": ["x", "y", None]})
        code = "context.build_result([dict(row) for row in context.fetch_once_as_rows()])"
        stream = workers.run(PythonJob(code, inputs={"t": opener(table, 2)}), ignore)
        assert stream.schema == table.schema
        assert stream.reader.read_all().equals(table)

    def test_the_declared_schema_is_the_results(self, workers: Workers) -> None:
        schema = pa.schema([("a", pa.int16()), ("b", pa.list_(pa.float32()))])
        stream = workers.run(PythonJob("context.build_result([{'a': 1}])", schema=schema), ignore)
        assert stream.reader.read_all().schema == stream.schema == schema

    def test_prints_are_events(self, workers: Workers) -> None:
        events: list[Event] = []
        workers.run(PythonJob("print('hello')"), events.append)
        assert "".join(e.text for e in events if isinstance(e, Printed)) == "hello\n"

    def test_no_state_between_runs(self, workers: Workers) -> None:
        self.rows(workers, "x = 1")
        with pytest.raises(WorkerError, match="name 'x' is not defined"):
            self.rows(workers, "print(x)")

    def test_a_failure_leaves_the_workers_usable(self, workers: Workers) -> None:
        with pytest.raises(WorkerError) as caught:
            self.rows(workers, "a = 1\nb = a / 0", filename="my cell")
        assert 'File "my cell", line 2' in caught.value.traceback
        assert self.rows(workers, "context.build_result([{'a': 1}])") == [{"a": 1}]

    def test_cancel_from_another_thread(self, workers: Workers) -> None:
        seen = threading.Event()

        def cancel() -> None:
            seen.wait(30)
            workers.cancel()

        threading.Thread(target=cancel).start()
        with pytest.raises(Interrupted):
            workers.run(PythonJob("import time\nprint('on')\ntime.sleep(60)"), lambda event: seen.set())
        assert self.rows(workers, "context.build_result([{'a': 1}])") == [{"a": 1}]

    def test_a_cancel_that_comes_too_early_stops_nothing(self, workers: Workers) -> None:
        workers.cancel()
        time.sleep(0.05)
        assert self.rows(workers, "context.build_result([{'a': 1}])") == [{"a": 1}]
