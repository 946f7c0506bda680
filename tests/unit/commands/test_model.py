"""!model history: versions from new to old, whoever wrote them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pybyzer.errors import BadOption, CommandError
from tests.unit.commands.conftest import Notebook


def _version(path: Path, number: int | None, **columns: object) -> None:
    meta = (path if number is None else path / f"_model_{number}") / "meta" / "0"
    meta.mkdir(parents=True)
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), meta / "part-0.parquet")


def test_newest_first(notebook: Notebook, tmp_path: Path) -> None:
    for number in (2, 10, 9):
        _version(tmp_path, number, modelPath=f"/_model_{number}/model/0", algIndex=0, extra="x")
    rows = notebook.run(f"!model history '{tmp_path}';")
    assert rows == [{"modelPath": f"/_model_{n}/model/0", "algIndex": 0} for n in (10, 9, 2)]


def test_a_model_without_versions(notebook: Notebook, tmp_path: Path) -> None:
    _version(tmp_path, None, modelPath="/model/0", status="success")
    assert notebook.run(f"!model history '{tmp_path}';") == [{"modelPath": "/model/0", "status": "success"}]


def test_what_is_no_model(notebook: Notebook, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a validate model path"):
        notebook.run(f"!model history '{tmp_path}/none';")
    broken = tmp_path / "_model_0" / "meta" / "0"
    broken.mkdir(parents=True)
    (broken / "part-0.parquet").write_bytes(b"no parquet")
    with pytest.raises(CommandError, match="cannot be read"):
        notebook.run(f"!model history '{tmp_path}';")
    with pytest.raises(BadOption, match='"list" is not history'):
        notebook.run(f"!model list '{tmp_path}';")
