"""``.mlsqlnb``: what a cell becomes, what an executed notebook is saved as, what is refused."""

import json

import pytest

from pybyzer.errors import ParseError
from pybyzer_kernel.notebooks import ipynb, mlsqlnb

TABLE = json.dumps(
    {
        "schema": {
            "type": "struct",
            "fields": [{"name": "n", "type": "long", "nullable": True, "metadata": {}}],
        },
        "data": [{"n": 7}],
    },
    indent="\t",
)


def text_of(*items):
    return json.dumps(list(items), ensure_ascii=False, separators=(",", ":"))


def code(value, *outputs, language="mlsql"):
    return {"kind": 2, "language": language, "value": value, "outputs": list(outputs)}


def test_text_and_code():
    nb = mlsqlnb.read(
        text_of({"kind": 1, "language": "markdown", "value": "# a", "outputs": []}, code("!ls;"))
    )
    assert [(cell.cell_type, cell.source) for cell in nb.cells] == [("markdown", "# a"), ("code", "!ls;")]
    assert nb.metadata.kernelspec.name == "pybyzer"
    assert nb.metadata.byzer.format == "mlsqlnb"


def test_a_table_is_shown_in_every_form():
    shown = mlsqlnb.read(text_of(code("a", {"mime": "x-application/mlsql-notebook", "value": TABLE}))).cells[
        0
    ]
    data = shown.outputs[0].data
    assert data["x-application/mlsql-notebook"] == TABLE
    assert data["text/plain"].split() == ["n", "bigint", "------", "7", "1", "row"]
    assert "<td" in data["text/html"]


def test_a_picture_of_the_byzer_renderer_is_a_picture():
    table = json.dumps(
        {
            "schema": {"fields": [{"name": "content"}, {"name": "mime"}]},
            "data": [{"content": "eA==", "mime": "image"}],
        }
    )
    nb = mlsqlnb.read(text_of(code("a", {"mime": "x-application/mlsql-notebook", "value": table})))
    assert nb.cells[0].outputs[0].data["image/png"] == "eA=="


@pytest.mark.parametrize("value", ["print(1)", "# %python\nprint(1)"])
def test_a_python_cell_without_header_gets_one_and_loses_it_again(value):
    text = text_of(code(value, language="python"))
    nb = mlsqlnb.read(text)
    assert nb.cells[0].source == "#%python\n" + value
    assert mlsqlnb.write(nb) == text


@pytest.mark.parametrize("value", ["#%python\nprint(1)", "  --%python\nprint(1)", "print(1)\n#%python"])
def test_a_python_cell_with_a_header_stays_as_it_is(value):
    assert mlsqlnb.read(text_of(code(value, language="python"))).cells[0].source == value


def test_a_cell_whose_header_was_removed_is_no_python_cell():
    nb = mlsqlnb.read(text_of(code("print(1)", language="python")))
    nb.cells[0].source = "select 1 as a;"
    assert json.loads(mlsqlnb.write(nb))[0]["language"] == "mlsql"


def test_new_cells_get_the_language_of_their_header():
    nb = mlsqlnb.read(text_of(code("a"), code("b"), code("c")))
    for cell, source in zip(
        nb.cells, ["#%python\n1", "#%visualize\n#%input=t", "select 1 as a"], strict=True
    ):
        cell.source = source
        cell.metadata = {}
    assert [item["language"] for item in json.loads(mlsqlnb.write(nb))] == ["python", "yaml", "mlsql"]


def test_an_executed_notebook_is_saved_without_traces_of_running_it():
    nb = ipynb.read(ipynb.write(mlsqlnb.read(text_of(code("select 1 as a;")))))
    nb.cells[0].execution_count = 5
    nb.cells[0].metadata["execution"] = {"iopub.status.busy": "2026"}
    nb.cells[0].metadata["tags"] = ["kept"]
    nb.metadata.language_info["version"] = "9"
    nb.cells[0].outputs = (
        ipynb.read(
            json.dumps(
                {
                    "nbformat": 4,
                    "nbformat_minor": 4,
                    "metadata": {},
                    "cells": [
                        {
                            "cell_type": "code",
                            "source": "",
                            "metadata": {},
                            "execution_count": 5,
                            "outputs": [
                                {"output_type": "stream", "name": "stdout", "text": "hello\n"},
                                {
                                    "output_type": "display_data",
                                    "metadata": {},
                                    "data": {
                                        "text/plain": "t",
                                        "text/html": "h",
                                        "x-application/mlsql-notebook": TABLE,
                                    },
                                },
                                {
                                    "output_type": "error",
                                    "ename": "E",
                                    "evalue": "v",
                                    "traceback": ["a", "b"],
                                },
                            ],
                        }
                    ],
                }
            )
        )
        .cells[0]
        .outputs
    )
    assert json.loads(mlsqlnb.write(nb)) == [
        {
            "kind": 2,
            "language": "mlsql",
            "value": "select 1 as a;",
            "outputs": [
                {"mime": "application/vnd.code.notebook.stdout", "value": "hello\n"},
                {"mime": "x-application/mlsql-notebook", "value": TABLE},
                {
                    "mime": "application/vnd.code.notebook.error",
                    "value": '{"name":"E","message":"v","stack":"a\\nb"}',
                },
            ],
            "ipynb": {"metadata": {"tags": ["kept"]}},
        }
    ]


def test_figures_and_pages_become_tables_that_vs_code_shows():
    nb = mlsqlnb.read(text_of(code("a"), code("b")))
    for cell, mime in zip(nb.cells, ["image/png", "text/html"], strict=True):
        cell.outputs = [
            {"output_type": "display_data", "metadata": {}, "data": {mime: "x", "text/plain": "y"}}
        ]
    items = [item["outputs"][0] for item in json.loads(mlsqlnb.write(nb))]
    assert {item["mime"] for item in items} == {"x-application/mlsql-notebook"}
    assert [json.loads(item["value"])["data"] for item in items] == [
        [{"content": "x", "mime": "image"}],
        [{"content": "x", "mime": "html"}],
    ]


def test_an_edited_output_is_not_replaced_by_the_remembered_one():
    item = {"value": "old", "mime": "text/plain"}
    nb = mlsqlnb.read(text_of(code("a", item)))
    nb.cells[0].outputs[0].data["text/plain"] = "new"
    assert json.loads(mlsqlnb.write(nb))[0]["outputs"] == [{"mime": "text/plain", "value": "new"}]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_file_is_a_notebook_without_cells(text):
    nb = mlsqlnb.read(text)
    assert nb.cells == []
    assert mlsqlnb.write(nb) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "n.mlsqlnb: must be a list of cells, not an object"),
        ("[1]", "n.mlsqlnb, cell 1: must be an object, not a number"),
        ('[{"kind":3,"language":"","value":""}]', "cell 1: kind must be 1 (text) or 2 (code), not 3"),
        ('[{"kind":true,"language":"","value":""}]', "not True"),
        ('[{"kind":1,"value":""}]', "cell 1: language must be text, not null"),
        ('[{"kind":2,"language":"mlsql","value":[]}]', "cell 1: value must be text, not a list"),
        ('[{"kind":2,"language":"mlsql","value":"","outputs":{}}]', "outputs must be a list, not an object"),
        (
            '[{"kind":2,"language":"mlsql","value":"","outputs":[{"mime":"a/b"}]}]',
            "cell 1, output 1: value must be text, not null",
        ),
        ("[NaN]", "NaN is not JSON"),
        ('[{"kind":2,}]', "1:12"),
        ("[" + " " * 300 + "x]", "line 1, column 302: not JSON"),
        ("[" * 100_000, "not a notebook"),
    ],
)
def test_what_is_no_notebook_is_refused_with_its_place(text, words):
    with pytest.raises(ParseError) as refused:
        mlsqlnb.read(text, "n.mlsqlnb")
    assert words in refused.value.render()
