"""Deep SQL: what programs write is answered, more is a clear error, and Python's limit is put back."""

from __future__ import annotations

import sys

import pytest

from pybyzer.errors import TooLarge
from tests.differential.judge import open_engine, our_answer

KINDS = {
    "brackets": lambda n: "(" * n + "1" + ")" * n,
    "calls": lambda n: "abs(" * n + "1" + ")" * n,
    "chain": lambda n: " or ".join(["1 = 2"] * n) + " or true",
    "cases": lambda n: "case when true then " * n + "1" + " end" * n,
}


@pytest.mark.parametrize("kind", KINDS)
def test_depth(kind: str) -> None:
    usual = sys.getrecursionlimit()
    engine = open_engine()
    found = our_answer(engine, f"select {KINDS[kind](300)} as a")
    assert found.error is None
    assert found.rows in (((1,),), ((True,),))
    error = our_answer(engine, f"select {KINDS[kind](3000)} as a").error
    assert isinstance(error, TooLarge)
    assert "nested too deeply" in str(error)
    assert sys.getrecursionlimit() == usual
    engine.close()
