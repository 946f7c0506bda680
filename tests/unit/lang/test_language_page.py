"""The language page: its examples parse, its corpus is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pybyzer.arrow import SCALARS
from pybyzer.lang.parser import parse
from pybyzer.lang.schema import parse_schema
from pybyzer.lang.tokens import RESERVED

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```byzer\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_parse(example: str) -> None:
    assert parse(example)


def test_every_script_is_named_and_every_name_is_a_script() -> None:
    named = set()
    for listed in re.findall(r"(?:Corpus|Errors): (.*?)\.(?:\s)", PAGE, re.DOTALL):
        named |= set(re.findall(r"`(\w+)`", listed))
    scripts = {path.stem for path in (ROOT / "tests" / "conformance" / "language").glob("*.mlsql")}
    assert named == scripts


def test_every_type_and_keyword_is_there() -> None:
    types = PAGE[PAGE.index("## Types") : PAGE.index("## Syntax errors")]
    for row in SCALARS:
        for name in (row.spark, row.json, *row.aliases):
            assert f"`{name}`" in types
        assert f"| {row.duckdb} |" in types
    listed = re.search(r"words in any case: `(.*?)`", PAGE, re.DOTALL)
    assert listed is not None
    assert {word.lower() for word in listed[1].split()} == RESERVED


def test_example_schemas_are_read() -> None:
    schemas = PAGE[PAGE.index("## Schemas") : PAGE.index("## Types")]
    for form in ("st(...)", "DDL", "JSON"):
        example = re.search(rf"^\| `?{re.escape(form)}`? \| `(.*?)` \|$", schemas, re.MULTILINE)
        assert example is not None
        assert parse_schema(example[1]) is not None
