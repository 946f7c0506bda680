"""What is installed: three packages, whole, and nothing else at the top level."""

from __future__ import annotations

import configparser
import importlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"pybyzer": "runtime", "pybyzer_magics": "magics", "pybyzer_kernel": "kernel"}
"""Our packages, and the source root of each."""
BUILD = "from setuptools import build_meta; build_meta.build_wheel('wheel')"


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from a copy of the sources."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    for folder in PACKAGES.values():
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    # setuptools warns of its own use of its own deprecated parts; that is not ours to fix.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = (copy / "wheel").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_list_of_packages_is_complete(setup: configparser.ConfigParser) -> None:
    listed = setup["options"]["packages"].split()
    found = [
        os.path.relpath(folder, ROOT / root).replace(os.sep, ".")
        for package, root in PACKAGES.items()
        for folder, _, files in os.walk(ROOT / root / package)
        if "__init__.py" in files and "compat" not in Path(folder).parts
    ]
    assert sorted(listed) == sorted(found)


def test_only_our_packages_are_installed(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == set(PACKAGES)


def test_every_module_is_installed(wheel: list[str]) -> None:
    sources = [
        path.relative_to(ROOT / root).as_posix()
        for package, root in PACKAGES.items()
        for path in (ROOT / root / package).rglob("*.py")
    ]
    assert any(name.startswith("pybyzer/compat/pyjava/") for name in sources)
    assert sorted(set(sources) - set(wheel)) == []


def test_types_are_announced(wheel: list[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)


def test_the_kernelspec_is_where_jupyter_looks(wheel: list[str]) -> None:
    specification = sorted(path.name for path in (ROOT / "kernel/pybyzer_kernel/kernelspec").iterdir())
    assert "kernel.json" in specification
    for name in specification:
        assert f"pybyzer_kernel/kernelspec/{name}" in wheel
        assert any(path.endswith(f".data/data/share/jupyter/kernels/pybyzer/{name}") for path in wheel), name


def test_entry_points_can_be_loaded(setup: configparser.ConfigParser) -> None:
    for lines in setup["options.entry_points"].values():
        for line in lines.strip().splitlines():
            module, _, attribute = line.partition("=")[2].strip().partition(":")
            target = importlib.import_module(module)
            assert not attribute or hasattr(target, attribute), line


def test_version_is_the_same_everywhere(setup: configparser.ConfigParser) -> None:
    import pybyzer

    assert setup["metadata"]["version"] == pybyzer.__version__
