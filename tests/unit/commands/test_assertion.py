"""!assert and relatives."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, ByzerError, CommandError, ParseError, UnknownName
from tests.unit.commands.conftest import Notebook

ROWS = """select * from values (1, "a"), (2, "b"), (2, null) as v(n, s) as t;"""


@pytest.fixture
def rows(notebook: Notebook) -> Notebook:
    notebook.run(ROWS)
    return notebook


def test_every_row_must_satisfy(rows: Notebook) -> None:
    assert rows.run("!assert t ''':n > 0 and :n < 3''' \"bad\";") == []
    assert rows.shown is None
    with pytest.raises(CommandError, match="bad") as caught:
        rows.run("!assert t ''':n == 2''' \"bad\";")
    assert caught.value.message == "bad"
    assert caught.value.notes == ("1 of 3 rows do not satisfy it",)


def test_null_does_not_satisfy(rows: Notebook) -> None:
    with pytest.raises(CommandError, match="bad"):
        rows.run("!assert t ''':s != \"z\"''' \"bad\";")


def test_an_empty_table_passes(rows: Notebook) -> None:
    rows.run("select * from t where n > 5 as nothing; !assert nothing ''':n == 0''' \"bad\";")


def test_assignments(rows: Notebook) -> None:
    rows.run("!assert t '''select :n * 10 as :m, :m + 1 as :n; :m >= 10 and :n == :m + 1''' \"bad\";")


def test_words_between_are_joined(rows: Notebook) -> None:
    rows.run('!assert t ":n >" "0" "bad";')


def test_missing_columns_are_named(rows: Notebook) -> None:
    with pytest.raises(CommandError) as caught:
        rows.run("!assert t ''':m > 0 and :k > 0''' \"bad\";")
    assert caught.value.message == "bad (Variable [m,k] missing)"


def test_place_of_a_mistake_in_the_expression(rows: Notebook) -> None:
    with pytest.raises(ParseError) as caught:
        rows.run("!assert t ''':n > 0 && :n < 3''' \"bad\";")
    assert caught.value.span is not None
    assert (caught.value.span.source.name, caught.value.span.column) == ("cell", 21)


def test_what_the_engine_refuses_is_placed(rows: Notebook) -> None:
    with pytest.raises(ByzerError) as caught:
        rows.run("!assert t ''':n > no_such_function(1)''' \"bad\";")
    assert caught.value.span is not None
    assert caught.value.span.text.startswith("no_such_function")


def test_unknown_table(rows: Notebook) -> None:
    with pytest.raises(UnknownName, match='no table "tt"'):
        rows.run("!assert tt ''':n > 0''' \"bad\";")
    with pytest.raises(BadOption, match="something is missing"):
        rows.run("!assert t ''':n > 0''';")


@pytest.mark.parametrize("where", ["__set__", "__session__"])
def test_variables(notebook: Notebook, where: str) -> None:
    with pytest.raises(CommandError, match="no date"):
        notebook.run(f"!assert day in {where} '''no date''';")
    notebook.run(
        f"set day=\"3\"; !assert day in {where} \"no date\"; !assert {where} ''':day == 3''' \"not 3\";"
    )
    with pytest.raises(CommandError, match="not 4") as caught:
        notebook.run(f"!assert {where} ''':day == 4''' \"not 4\";")
    assert caught.value.notes == ()


def test_throw(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="stop here"):
        notebook.run('!throw "stop here";')


def test_rows_with_nulls(rows: Notebook) -> None:
    assert rows.run("!assertNotNull t 'n,s';") == [{"n": 2, "s": None}]
    assert rows.run("!assertNotNull t n;") == []
    rows.run("!assertNotNullThrow t n;")
    with pytest.raises(CommandError, match="Assert Failed: 't' dirty count: 1"):
        rows.run("!assertNotNullThrow t s;")


def test_rows_that_do_not_satisfy(rows: Notebook) -> None:
    assert rows.run("!assertCondition t 's = \"a\"';") == [{"n": 2, "s": "b"}, {"n": 2, "s": None}]
    with pytest.raises(CommandError, match="dirty count: 2"):
        rows.run("!assertConditionThrow t 's = \"a\"';")


@pytest.mark.parametrize(
    ("rule", "place"),
    [("n = 1 and nope = 2", "nope"), ("n", "n"), ("nothing(n) = 1", "nothing(n")],
)
def test_mistakes_in_a_rule_are_placed(rows: Notebook, rule: str, place: str) -> None:
    with pytest.raises(ByzerError) as caught:
        rows.run(f"!assertCondition t '{rule}';")
    assert caught.value.span is not None
    assert caught.value.span.text.startswith(place)
    assert caught.value.span.source.text[caught.value.span.start - 1] in "' "


def test_a_rule_may_end_with_a_comment(rows: Notebook) -> None:
    assert len(rows.run("!assertCondition t 'n = 1 -- the first';")) == 2


def test_unique_keys(rows: Notebook) -> None:
    assert rows.run("!assertUniqueKey t 's';") == []
    assert rows.run("!assertUniqueKey t 'S, n';") == [{"ConflictKey": "n"}]
    assert rows.run("!assertUniqueKeys t 'n,s';") == []
    assert [row["n"] for row in rows.run("!assertUniqueKeys t 'n';")] == [2, 2]
    with pytest.raises(CommandError, match="Assert Failed: conflict key: n"):
        rows.run("!assertUniqueKeyThrow t 'n,s';")
    with pytest.raises(CommandError, match="dirty count: 2"):
        rows.run("!assertUniqueKeysThrow t 'n';")
    with pytest.raises(CommandError, match='"t" has no column "m"'):
        rows.run("!assertUniqueKeys t 'm';")
