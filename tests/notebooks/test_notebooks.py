"""The notebooks that teach, run by our own kernel: every cell works, also the second time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pybyzer_kernel.cli import main
from pybyzer_kernel.notebooks.formats import read_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def run(name: str, folder: Path, *arguments: str) -> list[str]:
    """Run a notebook in a folder; the texts of its results. Any error output fails."""
    source = shutil.copy(NOTEBOOKS / name, folder)
    executed = str(folder / "executed.ipynb")
    status = main(["run", str(source), "--output", executed, *arguments])
    outputs = [output for cell in read_notebook(executed).cells for output in cell.get("outputs", [])]
    errors = ["\n".join(output.traceback) for output in outputs if output.output_type == "error"]
    assert errors == []
    assert status == 0
    return [output.data.get("text/plain", "") for output in outputs if "data" in output]


@pytest.mark.timeout(900)
def test_quickstart_and_again_in_the_same_place(tmp_path: Path) -> None:
    for _ in range(2):
        shown = run("quickstart.mlsqlnb", tmp_path)
        score = next(text for text in shown if "accuracy" in text)
        assert float(score.split()[-3]) >= 0.9


@pytest.mark.timeout(900)
@pytest.mark.needs("tensorflow")
def test_cifar10(tmp_path: Path) -> None:
    shown = run("cifar10.mlsqlnb", tmp_path)
    score = next(text for text in shown if "accuracy" in text)
    assert float(score.split()[-3]) >= 0.8


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.mlsqlnb")), ids=lambda path: path.name)
def test_a_notebook_is_stored_without_results(path: Path) -> None:
    nb = read_notebook(str(path))
    assert all(not cell.get("outputs") for cell in nb.cells)
    assert nb.cells[0].cell_type == "markdown"
