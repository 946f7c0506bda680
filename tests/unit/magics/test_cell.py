"""Reading a cell: its kind, its directives, and a body whose lines stay where they are."""

from __future__ import annotations

import pytest

from pybyzer_magics.cell import read


def test_a_cell_without_header_is_byzer() -> None:
    cell = read("select 1 as t;")
    assert (cell.kind, cell.kind_span, cell.directives) == ("mlsql", None, {})


@pytest.mark.parametrize("line", ["#%python", "--%python", "  #%python  ", "\t--%python\t", "#%python\r"])
def test_a_line_without_equals_names_the_kind(line: str) -> None:
    assert read(f"{line}\nx = 1").kind == "python"


def test_the_last_kind_wins() -> None:
    assert read("#%markdown\n#%python\nx = 1").kind == "python"


def test_directives_may_stand_before_the_kind_and_between_code() -> None:
    cell = read("#%env=source /x\n#%python\nx = 1\n#%output=t\n")
    assert cell.kind == "python"
    assert cell.directives == {"env": "source /x", "output": "t"}


def test_values_are_split_at_the_first_equals_and_trimmed() -> None:
    cell = read("#%python\n#%schema = st(field(a,string)) \n#%env=A=1 b=2")
    assert cell.directives == {"schema": "st(field(a,string))", "env": "A=1 b=2"}


def test_a_repeated_key_counts_with_its_last_value() -> None:
    assert read("#%input=a\n#%input=b").directives == {"input": "b"}


@pytest.mark.parametrize("line", ["# %python", "#%%", "--%%", "-- %% part", "x = '#%python'", "#!python"])
def test_what_only_looks_like_a_directive(line: str) -> None:
    cell = read(f"{line}\nselect 1 as t;")
    assert (cell.kind, cell.lines) == ("mlsql", ())


def test_an_unknown_kind_counts_in_the_header_only() -> None:
    assert read("#%pyhton\nx = 1").kind == "pyhton"
    assert read("set a = '''\n#%whatever\n''';", kinds=frozenset({"python"})).kind == "mlsql"
    assert read("x = 1\n#%python", kinds=frozenset({"python"})).kind == "python"


def test_a_percent_sign_first_is_a_magic() -> None:
    assert read("%pip list").kind == "ipython"
    assert read("\n%%time\n1 + 1").kind == "ipython"


def test_the_body_keeps_lines_columns_and_offsets() -> None:
    text = "#%python\n--%input=t\nx = 1\n"
    body = read(text).body("#%")
    assert body == "#%python\n          \nx = 1\n"
    assert len(body) == len(text)
    assert read("#%env=x\nselect 1 as t;").body("--%") == "       \nselect 1 as t;"


def test_places_are_the_lines_themselves() -> None:
    cell = read("\n  #%python\n  #%inptu=t\n")
    assert cell.kind_span is not None
    assert (cell.kind_span.line, cell.kind_span.column, cell.kind_span.text) == (2, 3, "#%python")
    place = cell.at("inptu")
    assert place is not None
    assert (place.line, place.text) == (3, "#%inptu=t")
    assert cell.at("python") is None


def test_an_empty_value_stays_a_directive() -> None:
    assert read("#%python\n#%env=").directives == {"env": ""}
