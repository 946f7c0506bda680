"""``#%env``: which Python runs a cell."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer.errors import MissingPackage, WorkerError
from pybyzer.settings import Settings
from pybyzer.workers.environments import Interpreter, install_command, interpreter
from pybyzer.workers.ray import RayWorkers
from tests.unit.workers.conftest import CONNECT, Cells

WHERE = "import sys\ncontext.build_result([{'prefix': sys.prefix}])"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it, not even pyarrow."""
    path = tmp_path_factory.mktemp("envs") / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    return path


@pytest.mark.parametrize("text", ["", ":", "current", "source /nowhere/bin/activate published"])
def test_no_environment_is_the_sessions_own(text: str) -> None:
    assert interpreter({"PYTHON_ENV": text}, {}, {"published": "current"}).own


def test_an_old_environment_that_is_this_one_gets_the_old_keras() -> None:
    line = "source /opt/miniconda3/bin/activate ray1.8.0"
    there = importlib.util.find_spec("tf_keras") is not None
    found = interpreter({"PYTHON_ENV": line}, {}, {"ray1.8.0": "current"})
    assert dict(found.env) == ({"TF_USE_LEGACY_KERAS": "1"} if there else {})
    chosen = interpreter({"PYTHON_ENV": line, "TF_USE_LEGACY_KERAS": "0"}, {}, {"ray1.8.0": "current"})
    assert dict(chosen.env) == {"TF_USE_LEGACY_KERAS": "0"}


def test_an_alias_for_the_whole_line_and_a_directory(bare: Path) -> None:
    line = "source /x/bin/activate tf"
    found = interpreter({"PYTHON_ENV": line}, {}, {line: str(bare)})
    assert found == Interpreter(str(bare / "bin" / "python"), name="tf")
    assert interpreter({"PYTHON_ENV": str(bare)}, {}, {}).python == str(bare / "bin" / "python")


def test_python_exec_is_honoured() -> None:
    assert interpreter({}, {"pythonExec": "python"}, {}).own
    assert interpreter({}, {"pythonExec": "/x/python"}, {}).python == "/x/python"


@pytest.mark.parametrize(
    "text", ["source /opt/none/bin/activate tf", ". /opt/none/bin/activate tf", "/opt/none/envs/tf", "tf"]
)
def test_a_missing_environment_is_named_with_what_makes_it(text: str) -> None:
    with pytest.raises(MissingPackage, match="tf") as caught:
        interpreter({"PYTHON_ENV": text}, {}, {})
    assert "python3 -m venv" in str(caught.value.hint)
    assert "PYBYZER_ENV_ALIASES" in str(caught.value.hint)


def test_packages_with_another_name() -> None:
    assert install_command("py", "cv2") == "py -m pip install opencv-python-headless"


def test_a_cell_runs_after_the_activation_line(cells: Cells, bare: Path) -> None:
    activate = {"PYTHON_ENV": f"source {bare}/bin/activate bare"}
    assert cells.rows(WHERE, env=activate) == [{"prefix": str(bare)}]


def test_an_activation_that_fails_says_why(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="no such env"):
        cells.table(WHERE, env={"PYTHON_ENV": "echo no such env: tf >&2 && false"})


def test_a_program_that_is_not_there(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="cannot start /nowhere/python"):
        cells.table(WHERE, conf={"pythonExec": "/nowhere/python"})


def test_environment_variables_reach_the_cell(cells: Cells) -> None:
    code = "import os\ncontext.build_result([{'v': os.environ['GREETING']}])"
    assert cells.rows(code, env={"GREETING": "hello"}) == [{"v": "hello"}]


def test_without_pyarrow_rows_travel_as_text(cells: Cells, bare: Path) -> None:
    import datetime

    table = pa.table({"n": [1, None], "b": [b"\x00\xff", None], "d": [datetime.date(2024, 2, 29), None]})
    code = CONNECT + "ray_context.build_result(dict(r) for r in ray_context.collect())"
    found = cells.table(code, {"t": table}, env={"PYTHON_ENV": str(bare)}, schema=table.schema)
    assert found.equals(table)


def test_row_functions_without_ray_run_in_the_process(cells: Cells, bare: Path, numbers: pa.Table) -> None:
    code = CONNECT + "ray_context.foreach(lambda r: {'n': r['n'] + 1})"
    found = cells.rows(code, {"t": numbers}, env={"PYTHON_ENV": str(bare)}, partitions=2)
    assert [row["n"] for row in found] == list(range(1, 11))


def test_what_needs_pyarrow_says_how_to_get_it(cells: Cells, bare: Path, numbers: pa.Table) -> None:
    with pytest.raises(MissingPackage, match="pyarrow") as caught:
        cells.table(CONNECT + "ray_context.to_arrow()", {"t": numbers}, env={"PYTHON_ENV": str(bare)})
    assert caught.value.hint == f"{bare}/bin/python -m pip install pyarrow"


def test_other_python_versions(numbers: pa.Table) -> None:
    versions = Path(os.path.expanduser("~/.pyenv/versions"))
    found = [path for path in versions.glob("3.*") if int(path.name.split(".")[1]) >= 8]
    if not found:
        pytest.skip("no other Python is installed: pyenv install 3.12")
    workers = RayWorkers(Settings())
    try:
        for path in found:
            cells = Cells(workers)
            code = (
                CONNECT
                + "import sys\ncontext.build_result([dict(r, v=sys.version) for r in ray_context.collect()])"
            )
            table = cells.table(code, {"t": numbers}, env={"PYTHON_ENV": str(path)})
            assert table.num_rows == 10
            assert table["v"][0].as_py().startswith(path.name)
    finally:
        workers.close()


def test_a_python_that_is_too_old(cells: Cells) -> None:
    old = Path(os.path.expanduser("~/.pyenv/versions/3.6.15"))
    if not old.exists():
        pytest.skip("no Python 3.6 is installed: pyenv install 3.6.15")
    with pytest.raises(WorkerError, match=r"Python 3\.8 or later is needed"):
        cells.table(WHERE, env={"PYTHON_ENV": str(old)})
