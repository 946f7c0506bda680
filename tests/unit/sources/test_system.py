"""System tables: every path of ``!show`` can be loaded, and gives the same."""

from __future__ import annotations

import pytest

from pybyzer import Session
from pybyzer.errors import BadOption, UnknownName, Unsupported
from pybyzer.system import PATHS

MOVING = ("jobs", "log", "resource")
"""What is another answer each time."""


@pytest.mark.parametrize("path", [path for path in PATHS if "*" not in path])
def test_load_gives_what_show_shows(session: Session, path: str) -> None:
    session.run_text("select 1 as a as t;")
    session.run_text(f"load _mlsql_.`{path}` as loaded;")
    shown = session.run_text(f'!show "{path}";')
    assert shown is not None
    loaded, answer = (session.table(name).reader.read_all() for name in ("loaded", shown))
    assert loaded.schema == answer.schema
    assert path in MOVING or loaded.num_rows >= answer.num_rows - 1


@pytest.mark.parametrize("format_", ["modelList", "mlsqlConf", "mlsqlAPI"])
def test_without_a_path(session: Session, format_: str) -> None:
    session.run_text(f"load {format_}.`` as t;")
    assert "name" in session.engine.schema("t").names or format_ == "mlsqlAPI"


def test_mistakes(session: Session) -> None:
    with pytest.raises(BadOption, match="modelList has no path"):
        session.run_text("load modelList.`RateSampler` as t;")
    with pytest.raises(BadOption, match="alg is required"):
        session.run_text("load modelExplain.`/x` as t;")
    with pytest.raises(BadOption, match="alg is required"):
        session.run_text("load model.`params` as t;")
    with pytest.raises(UnknownName, match='model has no "param"'):
        session.run_text("load model.`param` where alg='RateSampler' as t;")
    with pytest.raises(BadOption, match="path of the model is missing"):
        session.run_text("load model.`explain` where alg='StringIndex' as t;")
    with pytest.raises(Unsupported, match="save is not supported in _mlsql_"):
        session.run_text("select 1 as a as t; save overwrite t as _mlsql_.`jobs`;")
