"""Each statement, its parts and where the parts are."""

from __future__ import annotations

import pytest

from pybyzer.lang import ast
from pybyzer.lang.ast import Quote, Text
from tests.unit.lang.shapes import only


def both(text: Text | None) -> tuple[str, Quote] | None:
    return None if text is None else (text.value, text.quote)


def test_load() -> None:
    found = only('load binaryFile.`/tmp/*.png` where header="true" as Photos;')
    assert isinstance(found, ast.Load)
    assert both(found.format) == ("binaryFile", Quote.NONE)
    assert both(found.path) == ("/tmp/*.png", Quote.BACK)
    assert both(found.table) == ("Photos", Quote.NONE)
    assert [(o.key, both(o.value)) for o in found.options] == [("header", ("true", Quote.DOUBLE))]


def test_load_from_a_bare_path_to_a_quoted_name() -> None:
    found = only("load jsonStr.data as `${name}`")
    assert isinstance(found, ast.Load)
    assert both(found.path) == ("data", Quote.NONE)
    assert both(found.table) == ("${name}", Quote.BACK)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("save t as csv.`x`", None),
        ("save append t as csv.`x`", "append"),
        ("save errorIfExists t as csv.`x`", "errorIfExists"),
        ("save IGNORE t as csv.`x`", "IGNORE"),
        ("save append overwrite t as csv.`x`", "overwrite"),
    ],
)
def test_save_modes(text: str, mode: str | None) -> None:
    found = only(text)
    assert isinstance(found, ast.Save)
    assert (found.mode and found.mode.value) == mode
    assert found.table.value == "t"


def test_save_a_table_called_like_a_mode_that_is_no_keyword() -> None:
    found = only("save errorIfExists as csv.`x`")
    assert isinstance(found, ast.Save)
    assert (found.mode, found.table.value) == (None, "errorIfExists")


def test_save_partitioned() -> None:
    found = only('save overwrite t as delta.`a.b` where fileNum="4" partitionBy year, `the month`;')
    assert isinstance(found, ast.Save)
    assert [column.value for column in found.partition_by] == ["year", "the month"]
    assert [option.key for option in found.options] == ["fileNum"]


def test_save_with_and_but_no_where() -> None:
    found = only('save append t as delta.`x` and idCols="id"')
    assert isinstance(found, ast.Save)
    assert [option.key for option in found.options] == ["idCols"]


@pytest.mark.parametrize(("verb", "kind"), [("train", ast.Train), ("run", ast.Run), ("predict", ast.Predict)])
@pytest.mark.parametrize("link", ["as", "into"])
def test_estimates(verb: str, kind: type[ast.Estimate], link: str) -> None:
    found = only(f"{verb} t {link} RandomForest.`/m` where a='1' as u")
    assert type(found) is kind
    assert isinstance(found, ast.Estimate)
    assert (found.table.value, found.algorithm.value, found.path.value) == ("t", "RandomForest", "/m")
    assert both(found.output) == ("u", Quote.NONE)


def test_estimate_without_a_name_and_with_several() -> None:
    none, many = only("run t as X.``"), only("run t as X.`` as a as b")
    assert isinstance(none, ast.Run)
    assert isinstance(many, ast.Run)
    assert none.output is None
    assert both(many.output) == ("b", Quote.NONE)


@pytest.mark.parametrize(
    ("name", "value"),
    [("f", "f"), ("predict", "predict"), ("`predict`", "predict"), ("'load'", "load"), ("where", "where")],
)
def test_register_takes_any_name(name: str, value: str) -> None:
    found = only(f"register Ray.`model` as {name} where lang='x'")
    assert isinstance(found, ast.Register)
    assert (found.function.value, len(found.options)) == (value, 1)


def test_register_without_options() -> None:
    found = only("register Ray.`model` as where;")
    assert isinstance(found, ast.Register)
    assert found.function.value == "where"


def test_unregister_and_include() -> None:
    forgotten, included = only("unregister Ray.`m`"), only("include project.`./a.mlsql` where force='true'")
    assert isinstance(forgotten, ast.Unregister)
    assert isinstance(included, ast.Include)
    assert included.path.value == "./a.mlsql"


@pytest.mark.parametrize(
    ("written", "value", "quote"),
    [
        ("1", "1", Quote.NONE),
        ("1.5", "1.5", Quote.NONE),
        ("abc.d", "abc.d", Quote.NONE),
        ("abc.`d e`", "abc.d e", Quote.BACK),
        ("`select 1`", "select 1", Quote.BACK),
        ("'-1'", "-1", Quote.SINGLE),
        ('"a\\n"', "a\\n", Quote.DOUBLE),
        ("'''it's'''", "it's", Quote.BLOCK),
    ],
)
def test_set_values(written: str, value: str, quote: Quote) -> None:
    found = only(f"set x = {written} where scope='session'")
    assert isinstance(found, ast.Set)
    assert both(found.value) == (value, quote)
    assert len(found.options) == 1


def test_set_keys_may_be_dotted() -> None:
    found = only('set spark.sql.shuffle.partitions=200 where type="conf"')
    assert isinstance(found, ast.Set)
    assert found.key.value == found.key.span.text == "spark.sql.shuffle.partitions"


def test_connect() -> None:
    named, unnamed = only("connect jdbc where url='x' as db1.c"), only("connect jdbc")
    assert isinstance(named, ast.Connect)
    assert isinstance(unnamed, ast.Connect)
    assert (both(named.name), unnamed.name) == (("db1.c", Quote.NONE), None)


@pytest.mark.parametrize("word", ["insert", "CREATE", "drop", "refresh"])
def test_sql_for_its_effect(word: str) -> None:
    found = only(f"{word} table t -- 'comment'\n (a int) ;")
    assert isinstance(found, ast.Execute)
    assert found.keyword == word.lower()
    assert found.sql.value == f"{word} table t -- 'comment'\n (a int)"
