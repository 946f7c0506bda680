"""!pyInclude: Python files as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pybyzer import Session, Settings
from pybyzer.errors import BadOption, CommandError
from tests.unit.commands.conftest import Notebook

CODE = 'context.build_result([{"ä": "€ \\n"}])\n'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Notebook]:
    """A session whose home has the file ``folder/tool.py``."""
    (tmp_path / "home" / "folder").mkdir(parents=True)
    (tmp_path / "home" / "folder" / "tool.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "home" / "picture.py").write_bytes(b"\xff\xfe")
    with Session(Settings(home=str(tmp_path / "home"), lake=str(tmp_path / "lake"))) as session:
        yield Notebook(session)


@pytest.mark.parametrize(
    "words", ["project 'folder/tool.py'", "project '/folder/tool.py'", "'folder.tool.py'"]
)
def test_the_text_is_in_the_table(project: Notebook, words: str) -> None:
    (row,) = project.run(f"!pyInclude {words} named tool;")
    assert json.loads(str(row["value"])) == {"content": CODE}
    assert project.run("!python py.tool;") == [{"ä": "€ \n"}]


def test_a_file_that_is_not_there_or_no_text(project: Notebook) -> None:
    with pytest.raises(CommandError, match=r"cannot read .*tool.py: No such file"):
        project.run("!pyInclude project 'tool.py' named t;")
    with pytest.raises(CommandError, match="is not UTF-8 text"):
        project.run("!pyInclude project 'picture.py' named t;")
    with pytest.raises(BadOption, match=r"must not contain \.\."):
        project.run("!pyInclude project '../x.py' named t;")
    assert "t" not in project.session.catalog
