"""What goes wrong in a cell, as its writer sees it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pyarrow as pa
import pytest

from pybyzer.errors import Interrupted, MissingPackage, WorkerError
from pybyzer.settings import Settings
from pybyzer.workers.base import PythonJob
from pybyzer.workers.ray import RayWorkers
from tests.unit.workers.conftest import CONNECT, Cells


def test_the_traceback_has_only_the_users_frames(cells: Cells) -> None:
    with pytest.raises(WorkerError) as caught:
        cells.table("def f(x):\n    return 1 / x\n\nf(0)", filename="cell")
    assert caught.value.message == "ZeroDivisionError: division by zero"
    lines = [line for line in caught.value.traceback.splitlines() if "File" in line or "return" in line]
    assert lines == ['  File "cell", line 4, in <module>', '  File "cell", line 2, in f', "    return 1 / x"]


def test_a_generator_fails_after_the_body(cells: Cells) -> None:
    code = "def rows():\n    yield {'a': 1}\n    raise KeyError('x')\ncontext.build_result(rows())"
    with pytest.raises(WorkerError, match="KeyError: 'x'") as caught:
        cells.table(code)
    assert 'File "cell", line 3, in rows' in caught.value.traceback
    assert "pybyzer_worker" not in caught.value.traceback


def test_a_cause_is_told_too(cells: Cells) -> None:
    code = "try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('no k') from e"
    with pytest.raises(WorkerError) as caught:
        cells.table(code)
    assert caught.value.message == "ValueError: no k"
    assert caught.value.traceback.index("KeyError") < caught.value.traceback.index("ValueError")


def test_a_syntax_error_shows_its_line(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="SyntaxError: '\\(' was never closed") as caught:
        cells.table("x = 1\ny = (2,\n")
    assert 'File "cell", line 2' in caught.value.traceback


def test_sys_exit_ends_a_cell_early_and_fails_it_with_a_status(cells: Cells) -> None:
    assert cells.rows("context.build_result([{'a': 1}])\nimport sys\nsys.exit()\n1/0") == [{"a": 1}]
    with pytest.raises(WorkerError, match=r"the cell called sys.exit\(3\)"):
        cells.table("import sys\nsys.exit(3)")


def test_a_missing_package_and_how_to_install_it(cells: Cells) -> None:
    with pytest.raises(MissingPackage, match='no package for "not_there"') as caught:
        cells.table("x = 1\nimport not_there.part")
    assert caught.value.notes == ("line 2 of the cell: import not_there.part",)
    assert caught.value.hint is not None
    assert caught.value.hint.endswith("-m pip install not_there")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
        ("import os\nos._exit(4)", "ended with status 4"),
    ],
)
def test_a_process_that_dies_and_the_next_cell(cells: Cells, code: str, said: str) -> None:
    with pytest.raises(WorkerError, match=said):
        cells.table(code)
    assert cells.rows("context.build_result([{'a': 1}])") == [{"a": 1}]


def test_rows_that_do_not_fit_name_row_column_and_value(cells: Cells) -> None:
    schema = pa.schema([("a", pa.int32()), ("b", pa.string())])
    code = "context.build_result([{'a': 1, 'b': 'x'}, {'a': 'two', 'b': 'y'}])"
    with pytest.raises(WorkerError, match="row 1, column \"a\": 'two' \\(str\\) does not fit int32"):
        cells.table(code, schema=schema)
    with pytest.raises(WorkerError, match="row 0 has the columns z, a, the schema has c"):
        cells.table("context.build_result([{'z': 1, 'a': 1}])", schema=pa.schema([("c", pa.int8())]))


def test_a_row_that_is_no_dict(cells: Cells) -> None:
    with pytest.raises(WorkerError, match=r"row 1 is a int, not a dict: 5"):
        cells.table("context.build_result([{'a': 1}, 5])")


def test_foreach_needs_a_function_and_runs_once(cells: Cells, numbers: pa.Table) -> None:
    with pytest.raises(WorkerError, match="foreach needs a function, not a int"):
        cells.table(CONNECT + "ray_context.foreach(5)", {"t": numbers})
    code = CONNECT + "ray_context._map('map_iter', list)\nray_context.foreach(dict)"
    with pytest.raises(WorkerError, match="setup can be only invoke once"):
        cells.table(code, {"t": numbers})


def test_cancel_ends_the_cell_with_all_it_started(tmp_path: object) -> None:
    workers = RayWorkers(Settings())
    mark = f"{tmp_path}/pid"
    code = (
        "import subprocess\np = subprocess.Popen(['sleep', '60'])\n"
        f"open({mark!r}, 'w').write(str(p.pid))\np.wait()"
    )

    def cancel() -> None:
        while not os.path.exists(mark) or not os.path.getsize(mark):
            time.sleep(0.02)
        workers.cancel()

    try:
        threading.Thread(target=cancel).start()
        with pytest.raises(Interrupted):
            workers.run(PythonJob(code), print)
        with open(mark) as file:
            child = int(file.read())
        _gone(child)
        assert (
            workers.run(PythonJob("context.build_result([{'a': 1}])"), print).reader.read_all().num_rows == 1
        )
    finally:
        workers.close()


def _gone(pid: int) -> None:
    """A killed process may stay a zombie until its parent, which is gone too, is replaced."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the child of the cell is still there")


def test_closing_twice_and_running_after(tmp_path: object) -> None:
    workers = RayWorkers(Settings())
    workers.close()
    workers.close()
    with pytest.raises(WorkerError, match="closed"):
        workers.run(PythonJob("x = 1"), print)
