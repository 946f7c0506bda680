"""User functions in processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from pybyzer.errors import Interrupted, WorkerError
from pybyzer.workers.script import Script, ScriptProcesses

Make = Callable[..., ScriptProcesses]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make a function of code; its processes end with the test."""
    made: list[ScriptProcesses] = []

    def one(code: str, **options: str) -> ScriptProcesses:
        made.append(ScriptProcesses(Script("f", code, **options)))
        return made[-1]

    yield one
    made.clear()


def test_types_come_from_annotations(make: Make) -> None:
    code = """
import datetime
from typing import Dict, List, Optional

def apply(a: List[float], b: Optional[str], c: "dict[str, int]", d: datetime.date, e, more: int = 1) -> bytes:
    return b""
"""
    assert make(code).signature() == (
        [("a", "array<double>"), ("b", "string"), ("c", "map<string,bigint>"), ("d", "date"), ("e", None)],
        "binary",
    )


def test_rows_and_nulls(make: Make) -> None:
    f = make("def apply(a: list, n: int) -> int:\n    return None if n is None else sum(a) * n")
    lists = pa.array([[1, 2], [], [3]], pa.list_(pa.int64()))
    assert f.call(pa.int64(), lists, pa.array([2, 5, None])).to_pylist() == [6, 0, None]


def test_methods_and_the_old_self(make: Make) -> None:
    code = "class A:\n    def twice(self, x: int) -> int:\n        return 2 * x"
    assert make(code, class_name="A", method="twice").call(pa.int64(), pa.array([4])).to_pylist() == [8]
    old = make("def apply(self, m: str) -> dict:\n    return {m: m}")
    assert old.call(pa.map_(pa.string(), pa.string()), pa.array(["x"])).to_pylist() == [[("x", "x")]]


def test_an_exception_has_the_users_traceback(make: Make) -> None:
    f = make("def inner(x):\n    return 1 / x\n\ndef apply(x: int) -> float:\n    return inner(x)")
    with pytest.raises(WorkerError) as caught:
        f.call(pa.float64(), pa.array([1, 0]))
    assert caught.value.message == "f(0) failed: ZeroDivisionError: division by zero"
    assert '"code", line 2, in inner\n    return 1 / x' in caught.value.traceback
    assert "pybyzer" not in caught.value.traceback
    assert f.call(pa.float64(), pa.array([4])).to_pylist() == [0.25]


def test_a_result_of_another_type(make: Make) -> None:
    with pytest.raises(WorkerError, match="'x'"):
        make("def apply(x: int) -> float:\n    return 'x'").call(pa.float64(), pa.array([1]))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def apply(:", "SyntaxError"),
        ("import no_such_module_at_all", "No module named 'no_such_module_at_all'"),
        ("def other(x): return x", "no function apply; it defines other"),
        ("def apply(x: complex) -> int: return 1", "is no SQL type"),
        ("def apply(*x) -> int: return 1", "fixed number of arguments"),
    ],
)
def test_code_that_is_no_function(make: Make, code: str, message: str) -> None:
    with pytest.raises(WorkerError, match=message):
        make(code).signature()


def test_a_process_that_dies_is_replaced(make: Make) -> None:
    f = make("import os\n\ndef apply(x: int) -> int:\n    return os._exit(3) if x == 13 else x")
    with pytest.raises(WorkerError, match=r"the process of f died \(exit status 3\)"):
        f.call(pa.int64(), pa.array([13]))
    assert f.call(pa.int64(), pa.array([1])).to_pylist() == [1]


def test_a_call_can_be_stopped(make: Make) -> None:
    f = make("import time\n\ndef apply(x: int) -> int:\n    time.sleep(x)\n    return x")
    f.signature()
    timer = threading.Timer(0.3, f.stop)
    timer.start()
    with pytest.raises(Interrupted):
        f.call(pa.int64(), pa.array([100]))
    assert f.call(pa.int64(), pa.array([0])).to_pylist() == [0]


def test_prints_do_not_disturb(make: Make) -> None:
    f = make("import sys\n\ndef apply(x: int) -> int:\n    print('noise', flush=True)\n    return x")
    assert f.call(pa.int64(), pa.array([1, 2])).to_pylist() == [1, 2]
