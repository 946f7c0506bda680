"""Settings come from a file, then the environment, then ``set``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import Settings
from pybyzer.errors import BadOption


def test_defaults(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, {})
    assert (settings.engine, settings.lake, settings.home) == ("duckdb", "./.pybyzer/lake", "")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text('engine = "spark"\nlake = "/lake"\n')
    settings = Settings.load(tmp_path, {"PYBYZER_ENGINE": "duckdb"})
    assert (settings.engine, settings.lake) == ("duckdb", "/lake")


def test_a_file_of_a_parent_directory_counts(tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text("preview_rows = 7\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert Settings.load(below, {}).preview_rows == 7


def test_pairs(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, {"PYBYZER_ENV_ALIASES": "ray1.8.0=current, b=/opt/b"})
    assert settings.env_aliases == {"ray1.8.0": "current", "b": "/opt/b"}


def test_the_spark_table_becomes_engine_settings(tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text('[spark]\nmaster = "local[2]"\n')
    assert Settings.load(tmp_path, {}).conf == {"spark.master": "local[2]"}


def test_the_vscode_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".mlsql.config").write_text("# mine\nengine.home = /data\nuser.owner=ann\n")
    settings = Settings.load(tmp_path, {})
    assert (settings.home, settings.owner) == ("/data", "ann")


def test_an_unknown_setting_is_named_with_the_closest(tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text('engin = "duckdb"\n')
    with pytest.raises(BadOption, match='no setting "engin"') as caught:
        Settings.load(tmp_path, {})
    assert caught.value.hint == 'did you mean "engine"?'


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    (tmp_path / "pybyzer.toml").write_text("engine = \n")
    with pytest.raises(BadOption, match="line 1"):
        Settings.load(tmp_path, {})


def test_a_number_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match='preview_rows must be a whole number, not "many"'):
        Settings.load(tmp_path, {"PYBYZER_PREVIEW_ROWS": "many"})


def test_set_changes_a_field_or_an_engine_setting() -> None:
    changed = Settings().changed("preview_rows", "5").changed("spark.sql.shuffle.partitions", "2")
    assert (changed.preview_rows, changed.conf) == (5, {"spark.sql.shuffle.partitions": "2"})
