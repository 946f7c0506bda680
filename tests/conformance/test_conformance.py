"""Every script of the corpus on every engine: what it shows is what is written beside it.

``<case>.mlsql`` has ``<case>.expected`` (what it shows), or ``<case>.error`` (the message that ends
it), or both. ``pytest tests/conformance --update-expected`` writes them; the diff is the review.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import Session
from tests.conformance.runner import run_script

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.glob("*/*.mlsql"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_script(script: Path, session: Session, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    work = tmp_path / "work"
    work.mkdir()
    shown, error = run_script(script, session, work)
    expected, failure = script.with_suffix(".expected"), script.with_suffix(".error")
    if pytestconfig.getoption("--update-expected"):
        _write(expected, shown or ("" if error else "(nothing shown)\n"))
        _write(failure, error or "")
    assert expected.exists() or failure.exists(), f"{script.name} has no .expected and no .error file"
    assert error == (failure.read_text(encoding="utf-8") if failure.exists() else None)
    if expected.exists():
        assert (shown or "(nothing shown)\n") == expected.read_text(encoding="utf-8")
    else:
        assert shown == ""


def _write(path: Path, text: str) -> None:
    if text:
        path.write_text(text, encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def test_there_are_scripts() -> None:
    assert SCRIPTS
