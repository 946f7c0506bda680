"""!hdfs utils rename: names changed by a pattern; all files move, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer.errors import BadOption, CommandError
from tests.unit.commands.conftest import Notebook, notebook

__all__ = ["notebook"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    for name in ("one.csv", "two.csv", "other.log"):
        (tmp_path / "a" / name).write_text(name)
    return tmp_path


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize(
    ("pattern", "replace", "names"),
    [
        (r"(\\.csv)$", ".txt", ["one.txt", "other.log", "two.txt"]),
        (r"\.csv$", ".txt", ["one.txt", "other.log", "two.txt"]),
        (r"^(\w+)\.(\w+)$", "$2_$1", ["csv_one", "csv_two", "log_other"]),
        ("nothing", "x", ["one.csv", "other.log", "two.csv"]),
        ("o", r"\$", ["$ne.csv", "$ther.l$g", "tw$.csv"]),
    ],
)
def test_names(notebook: Notebook, files: Path, pattern: str, replace: str, names: list[str]) -> None:
    notebook.run(f"""!hdfs utils rename "{files}/a/*" "{files}/b" '''{pattern}''' "{replace}";""")
    assert _names(files / "b") == names
    assert _names(files / "a") == []


@pytest.mark.parametrize(
    ("pattern", "replace", "message"),
    [
        (r"^\w+", "x", "several files would get this name"),
        (r"^.*$", "", "its new name would be ''"),
        ("one", "a/b", "its new name would be 'a/b.csv'"),
        ("one", "$3", "does not fit the pattern"),
        ("one", "taken", "File exists"),
    ],
)
def test_nothing_moves_when_a_name_is_wrong(
    notebook: Notebook, files: Path, pattern: str, replace: str, message: str
) -> None:
    (files / "b").mkdir()
    (files / "b" / "taken.csv").write_text("kept")
    with pytest.raises(CommandError, match=message):
        notebook.run(f"""!hdfs utils rename "{files}/a/*" "{files}/b" '''{pattern}''' "{replace}";""")
    assert _names(files / "a") == ["one.csv", "other.log", "two.csv"]
    assert (files / "b" / "taken.csv").read_text() == "kept"


def test_the_target_is_a_directory(notebook: Notebook, files: Path) -> None:
    with pytest.raises(CommandError, match="Not a directory"):
        notebook.run(f'!hdfs utils rename "{files}/a/*" "{files}/a/one.csv" "x" "y";')
    with pytest.raises(BadOption, match=r"-pattern .* is missing"):
        notebook.run(f'!hdfs utils rename _ -source "{files}/a/*" -target "{files}/b" -replace "y";')
