"""What the ETs declare is true: their examples parse, use options that exist, and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import Session, Settings
from pybyzer.estimators.base import ESTIMATORS
from pybyzer.lang.ast import Estimate, Register
from pybyzer.lang.parser import parse

SERVICES = ("JDBCUpdatExt", "Ray", "ScriptUDF")
"""Examples that need other processes or a database; conformance scripts run such statements."""

NAMES = [name for name in ESTIMATORS.names() if ESTIMATORS.get(name).name == name]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_uses_the_et_and_only_declared_options(name: str) -> None:
    thing = ESTIMATORS.get(name)
    assert thing.description, f"{name} does not say what it does"
    assert thing.example.strip(), f"{name} has no example"
    statements = parse(thing.example.strip(), f"the example of {name}")
    of_this = [s for s in statements if isinstance(s, Estimate | Register) and s.algorithm.value == name]
    assert of_this or not statements, f"the example of {name} does not use it"
    keys = [option.key for statement in of_this for option in statement.options]
    assert [key for key in keys if not any(p.accepts(key) for p in thing.parameters)] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SERVICES])
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    settings = Settings(home=str(tmp_path), lake=str(tmp_path / "lake"))
    with Session(settings) as session:
        session.run_text(ESTIMATORS.get(name).example.strip())
