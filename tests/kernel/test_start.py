"""Starting and ending: what is loaded before Ray is needed, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from pybyzer_kernel.install import NAME
from tests.kernel.conftest import WAIT, Kernel

HEAVY = ("ray", "pyspark", "sklearn", "pandas", "torch", "tensorflow", "matplotlib.pyplot")


def test_a_first_query_loads_nothing_heavy_and_little_memory(kernel: Kernel) -> None:
    assert kernel.run("select 1 as a, 'x' as b as t;").status == "ok"
    code = f"#%ipython\nimport sys\n[m for m in {HEAVY!r} if m in sys.modules]"
    assert kernel.run(code).shown() == ["[]"]
    resident = _resident(kernel.manager.provisioner.pid)  # type: ignore[union-attr]
    assert resident <= 250e6, f"{resident / 1e6:.0f} MB"


@pytest.mark.parametrize("how", ["shutdown_request", "SIGTERM"])
def test_the_end_of_a_kernel_is_the_end_of_its_programs(how: str, kernelspec: None, tmp_path: Path) -> None:
    manager, client = start_new_kernel(kernel_name=NAME, cwd=str(tmp_path))
    kernel = Kernel(manager, client)
    request = kernel.send('!sh sh "-c" "echo $$; sleep 1000";')
    program = int(kernel.wait_for(request, "stream")["text"])
    if how == "SIGTERM":
        os.kill(manager.provisioner.pid, signal.SIGTERM)  # type: ignore[union-attr]
    else:
        client.shutdown()
    try:
        _wait_until_gone(program)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_broken_setting_is_told_by_the_first_cell(kernelspec: None, tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text("preview_rows = 'many'\n", encoding="utf-8")
    manager, client = start_new_kernel(kernel_name=NAME, cwd=str(tmp_path))
    try:
        kernel = Kernel(manager, client)
        (error,) = kernel.run("select 1 as a as t;").errors
        assert error["ename"] == "BadOption"
        assert "preview_rows" in error["evalue"]
        (tmp_path / "pybyzer.toml").unlink()
        assert kernel.run("select 1 as a as t;").status == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_the_spec_runs_this_interpreter(kernelspec: None) -> None:
    spec = json.loads((Path(os.environ["JUPYTER_PATH"]) / "kernels" / NAME / "kernel.json").read_text())
    assert Path(spec["argv"][0]).is_absolute()
    assert spec["language"] == "byzer"


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + WAIT
    while Path(f"/proc/{pid}").exists() and "Z" not in _state(pid):
        assert time.monotonic() < deadline, "the program is still running"
        time.sleep(0.05)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
