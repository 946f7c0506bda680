"""Rows of a model that are not what they were: told before anything is trained or asked with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pyjava.storage import streaming_tar
from pyjava.udf.master import pieces

Rows = list[dict[str, Any]]


class Part:
    """A part of a table, as the pool reads it."""

    names = ("start", "offset", "value")

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def rows(self) -> Rows:
        return self._rows


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(os.urandom(300_000))
    return list(streaming_tar.build_rows_from_file(tmp_path / "model"))


def test_rows_in_order_give_the_same_bytes(rows: Rows, tmp_path: Path) -> None:
    streaming_tar.save_rows_as_file(rows, tmp_path / "back")
    written = (tmp_path / "back" / "weights").read_bytes()
    assert written == (tmp_path / "model" / "weights").read_bytes()
    joined = list(pieces(Part(rows)))
    assert b"".join(row["value"] for row in joined) == b"".join(row["value"] for row in rows)


def test_rows_without_places_are_taken_as_they_come(rows: Rows, tmp_path: Path) -> None:
    streaming_tar.save_rows_as_file([{"value": row["value"]} for row in rows], tmp_path / "back")
    assert (tmp_path / "back" / "weights").stat().st_size == 300_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: [*rows[:1], *rows[2:]], r"row 1 with start=\d+ should begin at \d+"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], r"row 1 with start=\d+ should begin"),
        (lambda rows: [*rows, *rows], r"with start=0 should begin at \d+"),
        (lambda rows: [rows[0], dict(rows[1], value=None), *rows[2:]], "row 1 has no value"),
        (lambda rows: [rows[0], dict(rows[1], value=b"x"), *rows[2:]], r"row 1 .* has 1 of \d+ bytes"),
    ],
    ids=["missing", "swapped", "twice", "null", "cut"],
)
def test_what_is_wrong_with_a_row_is_told(rows: Rows, tmp_path: Path, change: Any, told: str) -> None:
    with pytest.raises(streaming_tar.BadArchive, match=told):
        streaming_tar.save_rows_as_file(change(rows), tmp_path / "back")
    with pytest.raises(streaming_tar.BadArchive, match=told):
        list(pieces(Part(change(rows))))
