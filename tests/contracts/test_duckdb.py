"""DuckDB keeps the contract of engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer.engines.base import Engine, FindFunction
from pybyzer.engines.duckdb import DuckDBEngine
from pybyzer.errors import BadOption
from pybyzer.settings import Settings
from tests.contracts.engine_contract import EngineContract


class TestDuckDB(EngineContract):
    def make_engine(self, settings: Settings, find_function: FindFunction) -> Engine:
        return DuckDBEngine(settings, find_function)


def test_a_setting_it_does_not_know_is_named() -> None:
    with pytest.raises(BadOption, match="Mars"):
        DuckDBEngine(Settings(timezone="Mars/Olympus"), lambda _: None)


def test_the_spill_directory_goes_with_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine = DuckDBEngine(Settings(memory_limit="200MB"), lambda _: None)
    engine.query("select repeat(string(id), 20) s from range(2000000) order by s desc", "t")
    assert not list(tmp_path.iterdir())
    reader = engine.stream("t").reader
    assert reader.read_next_batch().num_rows
    assert list(tmp_path.iterdir())
    engine.close()
    assert not list(tmp_path.iterdir())
