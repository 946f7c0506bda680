"""Routing: the header decides, a notebook file's language only where the header is silent."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, ParseError, UnknownName, Unsupported
from pybyzer.events import Displayed
from pybyzer.lang.ast import RunPython, Select
from pybyzer_magics.router import route


def test_byzer_is_the_default() -> None:
    cell, front_end = route("select 1 as a as t;\n!show tables;")
    statements = front_end.statements(cell)
    assert isinstance(statements[0], Select)
    assert [s.span.line for s in statements] == [1, 2]


@pytest.mark.parametrize("kind", ["sql", "SQL", "byzer", "mlsql"])
def test_byzer_by_name(kind: str) -> None:
    cell, front_end = route(f"--%{kind}\nselect 1 as t;")
    assert [s.span.line for s in front_end.statements(cell)] == [2]


def test_a_python_cell_is_one_statement() -> None:
    cell, front_end = route("#%python\n#%input=a, b\n#%output=c\n#%schema=st(field(x,long))\nprint(1)")
    (statement,) = front_end.statements(cell)
    assert isinstance(statement, RunPython)
    assert statement.inputs == ("a", "b")
    assert statement.output == "c"
    assert statement.directives == {"schema": "st(field(x,long))"}
    assert statement.code.value.splitlines()[4] == "print(1)"


def test_without_directives_a_python_cell_has_no_names() -> None:
    cell, front_end = route("#%python\nprint(1)")
    (statement,) = front_end.statements(cell)
    assert isinstance(statement, RunPython)
    assert (statement.inputs, statement.output, statement.directives) == ((), None, {})


def test_quotes_and_templates_stay_in_python_code() -> None:
    text = "#%python\nx = '''a'''  ## $name #set(1)\n"
    cell, front_end = route(text)
    (statement,) = front_end.statements(cell)
    assert isinstance(statement, RunPython)
    assert statement.code.value == text


def test_a_misspelt_directive_is_named_with_its_place() -> None:
    cell, front_end = route("#%python\n#%shcema=file\nx = 1")
    with pytest.raises(BadOption) as caught:
        front_end.statements(cell)
    assert caught.value.hint == 'did you mean "schema"?'
    assert caught.value.span is not None
    assert caught.value.span.line == 2


def test_hints_of_test_tools_are_left_out() -> None:
    cell, front_end = route("#%python\n#%comparator=x.Y\n#%exception=Z\nx = 1")
    (statement,) = front_end.statements(cell)
    assert isinstance(statement, RunPython)
    assert statement.directives == {}


def test_the_language_of_a_notebook_file_counts_where_the_cell_says_nothing() -> None:
    assert route("# %python\nx = 1", "python")[0].kind == "python"
    assert route("select 1 as t;", "mlsql")[0].kind == "mlsql"
    assert route("#%markdown\n# x", "python")[0].kind == "markdown"


def test_markdown_is_shown() -> None:
    cell, front_end = route("#%markdown\n# Title\n\ntext")
    assert front_end.statements(cell) == []
    (shown,) = front_end.shown(cell)
    assert isinstance(shown, Displayed)
    assert shown.data["text/markdown"] == "# Title\n\ntext"


def test_ipython_cells_are_local() -> None:
    cell, front_end = route("#%ipython\n1 + 1")
    assert front_end.local
    with pytest.raises(Unsupported):
        front_end.statements(cell)


@pytest.mark.parametrize("kind", ["visualize", "yaml", "kylin", "direct-jdbc", "deployModel", "CHAT"])
def test_types_of_other_tools_are_told_apart_from_typing_errors(kind: str) -> None:
    cell, front_end = route(f"#%{kind}\n#%input=t\nx: 1")
    with pytest.raises(Unsupported) as caught:
        front_end.statements(cell)
    assert caught.value.hint
    assert caught.value.span is not None


def test_an_unknown_type_names_the_closest() -> None:
    with pytest.raises(UnknownName) as caught:
        route("#%pyhton\nx = 1")
    assert caught.value.hint is not None
    assert '"python"' in caught.value.hint
    assert "cell 1:1" in caught.value.render()


def test_syntax_errors_point_into_the_cell() -> None:
    cell, front_end = route("--%sql\nlod csv.`x` as t;")
    with pytest.raises(ParseError) as caught:
        front_end.statements(cell)
    assert caught.value.span is not None
    assert caught.value.span.line == 2
