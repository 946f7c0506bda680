"""Files: by extension, whole or not at all, errors that name the file."""

import json

import pytest

from pybyzer.errors import BadOption, ParseError
from pybyzer_kernel.notebooks import cells, ipynb
from pybyzer_kernel.notebooks.formats import FORMATS, format_of, read_notebook, write_notebook


@pytest.mark.parametrize("extension", [e for f in FORMATS for e in f.extensions])
def test_every_extension_is_written_and_read(extension, tmp_path):
    path = str(tmp_path / f"x{extension.upper()}")
    nb = cells.notebook([cells.code_cell("select 1 as a;", {}, "a", [])], {"format": "x"})
    write_notebook(nb, path)
    assert [cell.source for cell in read_notebook(path).cells] == ["select 1 as a;"]
    assert [file.name for file in tmp_path.iterdir()] == [f"x{extension.upper()}"]


def test_an_unknown_extension_says_which_there_are():
    with pytest.raises(BadOption, match=r'the extension "\.mlsqln" is not known') as refused:
        format_of("a.mlsqln")
    assert '".mlsqlnb"' in str(refused.value.hint)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadOption, match=r"cannot read .*gone\.mlsql: No such file"):
        read_notebook(str(tmp_path / "gone.mlsql"))


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "a.mlsql").write_bytes(b"ab\xff")
    with pytest.raises(ParseError, match=r"a\.mlsql: not UTF-8 text at byte 2"):
        read_notebook(str(tmp_path / "a.mlsql"))


def test_a_missing_directory_is_named(tmp_path):
    nb = cells.notebook([], {})
    with pytest.raises(BadOption, match=r"cannot write .*: No such file or directory"):
        write_notebook(nb, str(tmp_path / "no" / "a.ipynb"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "must be an object, not a list"),
        ({}, "it has no nbformat"),
        ({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}, "cells must be a list, not null"),
        ({"nbformat": 4, "nbformat_minor": 5, "cells": []}, "has no metadata"),
        (
            {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "sql"}]},
            "cell 1: no cell_type 'sql'",
        ),
        (
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {},
                "cells": [{"cell_type": "raw", "metadata": {}}],
            },
            "cell 1: source must be text",
        ),
        (
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {},
                "cells": [
                    {
                        "cell_type": "code",
                        "metadata": {},
                        "source": "",
                        "outputs": [{"output_type": "stream"}],
                    }
                ],
            },
            "cell 1, output 1: has no name",
        ),
        ({"nbformat": 9, "nbformat_minor": 0, "metadata": {}}, "not a notebook"),
    ],
)
def test_an_ipynb_that_is_none_is_refused_with_its_place(value, words):
    with pytest.raises(ParseError) as refused:
        ipynb.read(json.dumps(value), "n.ipynb")
    assert words in refused.value.render()
