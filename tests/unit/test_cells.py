"""The code of scripts and notebooks."""

from __future__ import annotations

import json

import pytest

from pybyzer.cells import Cell, read
from pybyzer.errors import BadOption

MLSQLNB = json.dumps(
    [
        {"kind": 1, "language": "markdown", "value": "text"},
        {"kind": 2, "language": "mlsql", "value": "select 1", "outputs": []},
        {"kind": 2, "language": "python", "value": "x = 1"},
    ]
)
BZNB = json.dumps({"cell_list": [{"content": "--%markdown\n#"}, {"content": "select 1"}]})
IPYNB = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "source": ["a\n", "b"]},
            {"cell_type": "markdown", "source": "x"},
            {"cell_type": "code", "source": "c"},
        ]
    }
)


@pytest.mark.parametrize(
    ("name", "text", "cells"),
    [
        ("a.mlsql", "\ufeffselect 1", [Cell("select 1")]),
        ("no_suffix", "[1]", [Cell("[1]")]),
        ("a.mlsqlnb", MLSQLNB, [Cell("select 1", 2, "mlsql"), Cell("x = 1", 3, "python")]),
        ("A.BYZERNB", MLSQLNB, [Cell("select 1", 2, "mlsql"), Cell("x = 1", 3, "python")]),
        ("a.bznb", BZNB, [Cell("select 1", 2)]),
        ("a.ipynb", IPYNB, [Cell("a\nb", 1), Cell("c", 3)]),
        ("a.ipynb", " \n", []),
    ],
)
def test_cells(name: str, text: str, cells: list[Cell]) -> None:
    assert read(text, name) == cells


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mlsqlnb", "select 1"),
        ("a.mlsqlnb", '{"cells": []}'),
        ("a.mlsqlnb", "[1]"),
        ("a.mlsqlnb", '[{"kind": 2, "value": 3}]'),
        ("a.mlsqlnb", "3"),
        ("a.bznb", "[]"),
        ("a.bznb", '{"cell_list": {"a": 1}}'),
        ("a.ipynb", '{"cells": [{"cell_type": "code", "source": [1]}]}'),
        ("a.ipynb", "null"),
    ],
)
def test_what_is_no_notebook(name: str, text: str) -> None:
    with pytest.raises(BadOption, match="is no notebook"):
        read(text, name)
