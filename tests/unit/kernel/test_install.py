"""Installing the kernelspec: where it goes and what is in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pybyzer_kernel.install import main


def test_into_a_prefix_with_this_interpreter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--prefix", str(tmp_path), "--name", "mine", "--display-name", "My Byzer", "--env", "A", "1"]
    assert main(arguments) == 0
    directory = tmp_path / "share" / "jupyter" / "kernels" / "mine"
    spec = json.loads((directory / "kernel.json").read_text(encoding="utf-8"))
    assert spec["argv"] == [sys.executable, "-m", "pybyzer_kernel", "-f", "{connection_file}"]
    assert (spec["display_name"], spec["language"], spec["env"]) == ("My Byzer", "byzer", {"A": "1"})
    assert {"logo-svg.svg", "logo-32x32.png", "logo-64x64.png"} <= {f.name for f in directory.iterdir()}
    assert str(directory) in capsys.readouterr().out


def test_the_default_is_this_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert main([]) == 0
    assert (tmp_path / "share" / "jupyter" / "kernels" / "pybyzer" / "kernel.json").exists()
    assert main([]) == 0


def test_a_place_that_cannot_be_written_is_an_error_with_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--prefix", str(tmp_path / "file")]) == 1
    assert "--user" in capsys.readouterr().err


def test_places_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--user", "--sys-prefix"])
    assert "not allowed with" in capsys.readouterr().err
