"""Items made ahead: the same, in order; errors and endings come through."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pybyzer.compat.pybyzer_worker.ahead import DEPTH, ahead


def test_the_same_items() -> None:
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []


def test_an_error_comes_after_what_was_made() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("two")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="two"):
        next(items)


def test_only_a_few_are_made_ahead_and_closing_ends_it() -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    items = ahead(endless())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert len(made) <= DEPTH + 3
    assert "pybyzer-ahead" not in [thread.name for thread in threading.enumerate()]
