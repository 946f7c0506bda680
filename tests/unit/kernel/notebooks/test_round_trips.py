"""Whatever a notebook file holds, reading and writing it gives back the same bytes."""

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybyzer_kernel.notebooks import bznb, cells, ipynb, layout, mlsqlnb, script
from tests.unit.kernel.notebooks.drawn import BZNB, JUPYTER, LAYOUTS, MLSQLNB_CELL, TEXT


def through_ipynb(nb):
    """The same notebook after a stay in an .ipynb file, checked to be a valid one."""
    nbformat.validate(json.loads(json.dumps(nb)))
    return ipynb.read(ipynb.write(nb))


@given(st.lists(MLSQLNB_CELL, max_size=4), LAYOUTS)
def test_mlsqlnb_comes_back_byte_for_byte(items, style):
    text = layout.write(items, style)
    assert mlsqlnb.write(through_ipynb(mlsqlnb.read(text))) == text


@given(BZNB, LAYOUTS)
def test_bznb_comes_back_byte_for_byte(root, style):
    text = layout.write(root, style)
    assert bznb.write(through_ipynb(bznb.read(text))) == text


@given(
    st.lists(st.sampled_from(["-- %%", "-- %% [markdown]", "-- %% ", "-- a", "--", "x;", ""]), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
)
def test_scripts_come_back_byte_for_byte(lines, end):
    text = end.join(lines)
    assert script.write(through_ipynb(script.read(text))) == text


@given(TEXT)
def test_any_text_is_a_script(text):
    assert script.write(through_ipynb(script.read(text))) == text


@given(JUPYTER)
def test_ipynb_comes_back_through_mlsqlnb(nb):
    text = ipynb.write(nb)
    assert ipynb.write(mlsqlnb.read(mlsqlnb.write(ipynb.read(text)))) == text


@given(JUPYTER)
def test_ipynb_comes_back_through_bznb(nb):
    text = ipynb.write(nb)
    assert ipynb.write(bznb.read(bznb.write(ipynb.read(text)))) == text


@settings(max_examples=30)
@given(st.lists(MLSQLNB_CELL, min_size=1, max_size=3))
def test_mlsqlnb_comes_back_through_bznb(items):
    text = layout.write(items, layout.COMPACT)
    assert mlsqlnb.write(bznb.read(bznb.write(mlsqlnb.read(text)))) == text


@given(st.lists(MLSQLNB_CELL, min_size=2, max_size=4))
def test_ids_are_the_same_at_each_reading_and_unique(items):
    text = layout.write(items + items[:1], layout.COMPACT)
    first, second = mlsqlnb.read(text), mlsqlnb.read(text)
    assert [cell.id for cell in first.cells] == [cell.id for cell in second.cells]
    assert len({cell.id for cell in first.cells}) == len(first.cells)


def test_an_older_ipynb_is_brought_to_version_four():
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [{"cell_type": "code", "input": "1", "language": "python", "outputs": []}],
                "metadata": {},
            }
        ],
    }
    assert ipynb.read(json.dumps(old)).cells[0].source == "1"


@pytest.mark.parametrize("minor", [4, 5])
def test_cells_without_ids_get_the_same_ones_each_time(minor):
    nb = {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": {},
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": "a"}],
    }
    first, second = (ipynb.read(json.dumps(nb)).cells[0].get("id") for _ in range(2))
    assert first == second
    assert (first is not None) == (minor == 5)
    assert cells.Ids().take("markdown", "a") == first or minor == 4
