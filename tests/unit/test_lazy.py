"""Importing a module of ours loads none of the heavy libraries: they load when they are used."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import pybyzer
import pybyzer_kernel
import pybyzer_magics

HEAVY = (
    *("cloudpickle", "cv2", "deltalake", "duckdb", "fsspec", "numpy", "pandas", "PIL", "pyarrow"),
    *("pyspark", "ray", "sklearn", "sqlglot", "tensorflow", "torch"),
)
"""What no module of the runtime and the magics may load when it is imported."""
KERNEL_MAY = ("numpy",)
"""What the kernel's own libraries (IPython and its friends) may load."""
LOOK = """
import importlib, json, sys
sys.path[:0] = {path}
for name in {names}:
    importlib.import_module(name)
    loaded = [heavy for heavy in {heavy} if heavy in sys.modules]
    if loaded:
        print(json.dumps([name, loaded]))
        break
"""


def _modules(package: object) -> list[str]:
    """A package and every module in it, but not what goes on the path of workers (``compat``)."""
    name, path = package.__name__, package.__path__  # type: ignore[attr-defined]
    found = [module.name for module in pkgutil.walk_packages(path, f"{name}.", onerror=lambda _: None)]
    return [name, *(module for module in found if not module.startswith("pybyzer.compat"))]


def _loaded(names: list[str], heavy: tuple[str, ...]) -> object:
    """The first module that loads something heavy, and what; None when none does."""
    code = LOOK.format(path=sys.path, names=names, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


@pytest.mark.parametrize("package", [pybyzer, pybyzer_magics], ids=lambda package: package.__name__)
def test_modules_load_nothing_heavy(package: object) -> None:
    # The binding to IPython is the one door of the magics that loads it.
    names = [name for name in _modules(package) if name != "pybyzer_magics.ipython"]
    assert len(names) > 5
    assert _loaded(names, HEAVY) is None


def test_each_module_can_be_imported_first() -> None:
    """No module needs another one to have been imported before it."""
    names = _modules(pybyzer)
    code = """
import importlib, sys
sys.path[:0] = {path}
for name in {names}:
    for known in [m for m in sys.modules if m.partition(".")[0] == "pybyzer"]:
        del sys.modules[known]
    importlib.import_module(name)
"""
    source = code.format(path=sys.path, names=names)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_kernel_starts_without_the_heavy_ones() -> None:
    names = _modules(pybyzer_kernel)
    heavy = tuple(name for name in HEAVY if name not in KERNEL_MAY)
    assert _loaded([name for name in names if not name.endswith("__main__")], heavy) is None


def test_a_first_select_loads_neither_ray_nor_pandas(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path[:0] = {sys.path}
from pybyzer import Session, Settings
with Session(Settings(lake={str(tmp_path)!r})) as session:
    name = session.run_text("select 1 as a as t;")
    assert session.table(name).reader.read_all().to_pylist() == [{{"a": 1}}]
print([name for name in ("ray", "pandas", "pyspark", "sklearn", "torch") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
