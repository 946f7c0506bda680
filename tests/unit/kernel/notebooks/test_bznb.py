"""``.bznb``: Jackson's layout, markdown cells, what is refused."""

import json

import pytest

from pybyzer.errors import ParseError
from pybyzer_kernel.notebooks import bznb

WRITTEN = r"""{
  "id" : "12",
  "name" : "测试_1",
  "user" : "admin",
  "cell_list" : [ {
    "id" : "40",
    "content" : "--%markdown\n# Title",
    "job_id" : null
  }, {
    "id" : "41",
    "content" : "#%python\n#%input=t\nprint(\"\u001B\")",
    "job_id" : "7c7d8a8e-7d4c-4a9b-b8a5-5d8d5ce9ff86"
  } ],
  "is_demo" : null
}"""


def test_a_file_as_byzer_notebook_writes_it():
    nb = bznb.read(WRITTEN)
    assert [(cell.cell_type, cell.id) for cell in nb.cells] == [("markdown", "40"), ("code", "41")]
    assert nb.cells[0].source == "\n# Title"
    assert nb.metadata.byzer.name == "测试_1"
    assert bznb.write(nb) == WRITTEN


def test_results_have_no_place_in_a_native_file():
    nb = bznb.read(WRITTEN)
    nb.cells[1].outputs = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    assert bznb.write(nb) == WRITTEN


def test_comments_single_quotes_and_bare_keys_are_read():
    text = """{ // the notebook
      id: '1', 'name': 'it\\'s "x"', user: "u", # whose
      cell_list: [ /* none // yet */ {content: 'a: 1 // no comment', id: "http://x"} ] }"""
    nb = bznb.read(text)
    assert nb.metadata.byzer.name == 'it\'s "x"'
    assert nb.cells[0].source == "a: 1 // no comment"


def test_empty_lists_and_objects_are_written_as_jackson_does():
    text = '{\n  "id" : "",\n  "name" : "",\n  "user" : "",\n  "cell_list" : [ ],\n  "x" : { }\n}'
    assert bznb.write(bznb.read(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "must be an object, not a list"),
        ("{}", "cell_list must be a list, not null"),
        ('{"cell_list":[{"id":"1"}]}', "b.bznb, cell 1: content must be text, not null"),
        ('{"cell_list":[], "name": 1}', "name must be text, not a number"),
        ('{"cell_list":[}', "not JSON"),
    ],
)
def test_what_is_no_notebook_is_refused_with_its_place(text, words):
    with pytest.raises(ParseError) as refused:
        bznb.read(text, "b.bznb")
    assert words in refused.value.render()


def test_a_notebook_of_another_kind_keeps_its_results_beside_the_cells():
    nb = bznb.read(WRITTEN)
    nb.metadata.byzer = {"format": "mlsqlnb"}
    nb.cells[1].outputs = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    cell = json.loads(bznb.write(nb))["cell_list"][1]
    assert cell["ipynb"]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "x"}]
