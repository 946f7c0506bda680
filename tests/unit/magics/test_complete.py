"""Completion and inspection against a real session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pybyzer import Session, Settings
from pybyzer_magics.complete import complete, complete_header
from pybyzer_magics.finished import status
from pybyzer_magics.inspection import inspect


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(Settings(lake=str(tmp_path_factory.mktemp("lake")))) as session:
        session.run_text("select 1 as id, 'a' as name as people; select 2 as size as `other one`;")
        session.run_text("set city = 'x'; set my_command = 'select 1 as a';")
        yield session


def at(text: str, session: Session | None) -> set[str]:
    """What completes the text at the mark ``|``."""
    code, cursor = text.replace("|", ""), text.index("|")
    found = complete(code, cursor, session)
    assert all(
        code[found.start : found.end].lower() == i.text[: found.end - found.start].lower()
        for i in found.items
    )
    return {item.text for item in found.items}


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("|", {"load", "select", "save", "train", "register"}),
        ("SEL|", {"select"}),
        ("select 1 as a as t;\nlo|", {"load"}),
        ("!s|", {"sh"}),
        ("!e|", {"elif", "else", "eval"}),
        ("!my|", {"my_command"}),
        ("include |", {"project", "lib", "local", "hdfs", "http"}),
        ("!show |", {"et", "tables", "jobs", "datasources"}),
        ("!show et |", {"params", "RateSampler"}),
        ("!show et/params/Rate|", {"RateSampler"}),
        ("!show datasources params c|", {"csv"}),
        ("!desc pe|", {"people"}),
        ("load |", {"csv", "parquet", "json"}),
        ("load pa|", {"parquet"}),
        ("load csv.`x` where |", {"header"}),
        ("load csv.`x` where header='true' and inf|", {"inferSchema"}),
        ("save |", {"overwrite", "append", "people"}),
        ("save overwrite p|", {"people"}),
        ("save overwrite people as par|", {"parquet"}),
        ("run peo|", {"people"}),
        ("select * from pe|", {"people"}),
        ("select na| from people as t;", {"name"}),
        ("select p.| from people p as t;", {"id", "name"}),
        ("select people.i| from people as t;", {"id"}),
        ("select * fr|", {"from"}),
        ("select date_f|", {"date_format"}),
        ("select '${ci|", {"city"}),
    ],
)
def test_what_may_stand_here(opened: Session, text: str, some: set[str]) -> None:
    assert some <= at(text, opened)


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("select * from |", {"load", "id", "name"}),
        ("load |", {"people", "select"}),
        ("select p.| from people p as t;", {"people", "select", "size"}),
        ("select n| from people as t;", {"size"}),
    ],
)
def test_what_may_not(opened: Session, text: str, none: set[str]) -> None:
    assert not none & at(text, opened)


def test_only_the_word_is_replaced(opened: Session) -> None:
    found = complete("select 李, na from people as t;", 12, opened)
    assert (found.start, found.end) == (10, 12)


def test_files_complete_between_back_quotes(opened: Session, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("")
    (tmp_path / "dir").mkdir()
    (tmp_path / ".hidden").write_text("")
    assert at(f"load csv.`{tmp_path}/|", opened) == {"data.csv", "dir/"}
    assert at(f"load csv.`{tmp_path}/da|", opened) == {"data.csv"}
    assert at(f"load csv.`{tmp_path}/no/such/|", opened) == set()


def test_without_a_session_the_grammar_is_there() -> None:
    assert at("sel|", None) == {"select"}
    assert at("load |", None) == set()


@pytest.mark.parametrize(
    "text", ["select 'a |", "/* |", "load csv.`|", "set a = '''|", "; ; |", "!|", "a.b.c.|"]
)
def test_unfinished_text_is_no_error(opened: Session, text: str) -> None:
    at(text, opened)


def test_header_lines() -> None:
    found = complete_header("#%python\n#%sch", 14)
    assert found is not None
    assert [item.text for item in found.items] == ["schema="]
    kinds = complete_header("--%py", 5)
    assert kinds is not None
    assert [item.text for item in kinds.items] == ["pythonExec=", "pythonOutputEncoding=", "python"]
    assert complete_header("select 1", 8) is None
    assert complete_header("#%schema=st", 11) is None


def test_inspection_of_tables_formats_commands_and_directives(opened: Session) -> None:
    table = inspect("select * from people as t;", 16, opened)
    assert table is not None
    assert table.splitlines()[:3] == ["table people", "  id    int", "  name  string"]
    assert "header" in (inspect("load csv.`x`", 6, opened) or "")
    assert "!sh" in (inspect("!sh ls;", 2, opened) or "")
    assert "later cells" in (inspect("#%schema=x", 5, opened) or "")
    assert inspect("select nothing", 10, opened) is None
    assert inspect("", 0, opened) is None
    assert inspect("select 1", 3, None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1 as a as t;", "complete"),
        ("select 1 as a as t;  -- x", "complete"),
        ("-- only a comment", "complete"),
        ("select 1 as a as t", "incomplete"),
        ("load csv.", "incomplete"),
        ("set x = 'a;", "incomplete"),
        ("set x = '''a';", "incomplete"),
        ("/* ;", "incomplete"),
        ("!if 'true'; select 1 as a as t;", "incomplete"),
        ("!if 'true'; !if 'false'; !fi;", "incomplete"),
        ("!if 'true'; !fi;", "complete"),
        ("!if 'true'; !else; !else;", "invalid"),
        ("!else;", "invalid"),
        ("selec 1;", "invalid"),
        ("load csv as t;", "invalid"),
    ],
)
def test_whether_a_cell_is_finished(text: str, expected: str) -> None:
    assert status(text) == expected
