"""``--param``: which cell, where, and which values can be written."""

import pytest

from pybyzer.errors import BadOption
from pybyzer.lang.ast import Set
from pybyzer.lang.parser import parse
from pybyzer_kernel import parameters
from pybyzer_kernel.notebooks import cells


def notebook(*sources, tags=None):
    made = [cells.code_cell(source, {}, f"c{n}", []) for n, source in enumerate(sources)]
    for number, found in (tags or {}).items():
        made[number].metadata["tags"] = found
    return cells.notebook(made, {})


def sources(nb):
    return [cell.source for cell in nb.cells]


@pytest.mark.parametrize(
    ("given", "at"),
    [
        (notebook("select 1 as a;", "select 2 as b;"), 0),
        (notebook('set a="1";\nset b="2";', "select 2 as b;"), 1),
        (notebook("#%python\n1", "select 2 as b;"), 0),
        (notebook("select 1", "set c = 1;", tags={1: ["parameters"]}), 2),
        (notebook(), 0),
    ],
)
def test_the_cell_stands_after_the_notebooks_own_parameters(given, at):
    parameters.inject(given, {"a": "5"})
    assert sources(given)[at] == 'set a="5";'
    assert given.cells[at].metadata.tags == ["injected-parameters"]


def test_a_cell_of_an_earlier_run_is_replaced():
    nb = notebook("select 1 as a;")
    parameters.inject(nb, {"a": "5"})
    parameters.inject(nb, {"a": "6"})
    assert sources(nb) == ['set a="6";', "select 1 as a;"]


@pytest.mark.parametrize("value", ["", "a b", 'say "x"', "it's", "a\\nb", "two\nlines", "x=y", "数"])
def test_values_arrive_as_they_are(value):
    nb = notebook()
    parameters.inject(nb, {"a": value})
    (statement,) = parse(nb.cells[0].source)
    assert isinstance(statement, Set)
    assert statement.value.value == value


def test_text_becomes_names_and_values():
    assert parameters.read(["a=1", "b.c=x=y", "a=2"]) == {"a": "2", "b.c": "x=y"}


@pytest.mark.parametrize("text", ["a", "=1", "a b=1", "1a=2"])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(BadOption, match="--param must be name=value"):
        parameters.read([text])


def test_a_value_that_cannot_be_written_is_refused():
    with pytest.raises(BadOption, match="--param a"):
        parameters.inject(notebook(), {"a": "\"'''"})
