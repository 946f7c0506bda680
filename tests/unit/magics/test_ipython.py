"""The magics in a plain IPython."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("PYBYZER_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    opened = InteractiveShell(config=config)
    opened.run_line_magic("load_ext", "pybyzer_magics")
    yield opened
    opened.magics_manager.registry["ByzerMagics"].close()
    InteractiveShell.clear_instance()


def test_a_cell_shows_its_result(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run_cell("%%byzer\nselect 1 as a as t;\n").success
    assert capsys.readouterr().out == "  a\nint\n---\n  1\n1 row\n"


def test_a_line_gives_a_table(shell: InteractiveShell) -> None:
    shell.run_cell("%%byzer\nselect 1 as a as t;\n")
    frame = shell.run_line_magic("byzer", "t")
    assert frame.a.to_list() == [1]


def test_errors_are_messages(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert not shell.run_cell("%%byzer\nselec 1;\n").success
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert "--> cell 1:1" in text
    assert "Traceback" not in text


def test_a_python_cell_and_a_command(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run_cell("%%byzer\n!sh echo hello;\n").success
    assert shell.run_cell("%%byzer\n#%python\nprint('worker')\n").success
    out = capsys.readouterr().out
    assert "hello\n" in out
    assert "worker\n" in out
