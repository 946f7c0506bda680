"""Scripts: one cell, or several parted by ``-- %%``."""

import pytest

from pybyzer.errors import ParseError
from pybyzer_kernel.notebooks import cells, script


def test_a_plain_script_is_one_cell():
    nb = script.read("select 1 as a;\n-- %%x\n--%% y\n")
    assert [cell.source for cell in nb.cells] == ["select 1 as a;\n-- %%x\n--%% y\n"]


def test_separators_part_cells_and_text():
    nb = script.read("select 1 as a;\n-- %% [markdown]\n-- # Hi\n--\n-- there\n-- %%\n#%python\nprint(1)\n")
    assert [(cell.cell_type, cell.source) for cell in nb.cells] == [
        ("code", "select 1 as a;"),
        ("markdown", "# Hi\n\nthere"),
        ("code", "#%python\nprint(1)\n"),
    ]


def test_an_empty_script_has_no_cells():
    assert script.read("").cells == []


def test_a_cell_that_would_be_cut_is_refused():
    nb = cells.notebook([cells.code_cell("a\n-- %%\nb", {}, "a", [])], {})
    with pytest.raises(ParseError, match="cell 1 contains a line -- %%"):
        script.write(nb)
