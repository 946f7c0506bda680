"""Texts, bytes, arrays and maps at random, over edge values, in one query of many columns: the same as Spark.

The seed is fixed: a run is repeatable, and another seed is another test.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential import judge

pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

SEEDS = (1, 2, 3)
COLUMNS = 150

TEXTS = ["''", "'a'", "'abc'", "'aXbXc'", "'é中😀'", "' x '", "'a,b,,c'", "'12'", "'-1.5'", "'A\\nB'", "null",
         "'%_\\\\\\\\'", "'true'"]  # fmt: skip
INTS = ["0", "1", "-1", "2", "5", "-3", "null", "2147483647", "100"]
ARRAYS = ["array(1, null, 3)", "array(2, 2, 1)", "array(5)", "cast(array() as array<int>)",
          "cast(null as array<int>)"]  # fmt: skip
BYTES = ["unhex('')", "unhex('00ff41')", "unhex('616263')", "cast(null as binary)"]
MAPS = ["map('a', 1, 'b', null)", "map('k', 2)", "cast(null as map<string,int>)"]

# What makes each kind: a text with {t}exts, {i}nts, {a}rrays, {b}ytes, {m}aps to be filled in.
RULES: dict[str, list[str]] = {
    "t": [
        "upper({t})", "lower({t})", "trim({t})", "reverse({t})", "concat({t}, {t})",
        "concat_ws({t}, {t}, {t})",
        "substring({t}, {i}, {i})", "substring({t}, {i})", "left({t}, {i})", "right({t}, {i})",
        "initcap({t})",
        "replace({t}, {t}, {t})", "translate({t}, {t}, {t})", "repeat({t}, 2)", "lpad({t}, 4, {t})",
        "rpad({t}, 4, {t})", "substring_index({t}, ',', {i})", "split_part({t}, ',', 2)", "quote({t})",
        "regexp_replace({t}, '[a-b]', '-')", "regexp_extract({t}, '([a-z])(.)', 2)", "coalesce({t}, {t})",
        "nullif({t}, {t})", "if({t} = {t}, {t}, {t})", "hex({t})", "base64({t})", "md5({t})", "mask({t})",
        "array_join({a}, ',')", "cast({a} as string)", "to_json({m})", "overlay({t} placing {t} from 2)",
        "soundex({t})", "url_encode({t})", "hex({b})", "cast({i} as string)", "decode({i}, 1, {t}, {t})",
        "elt({i}, {t}, {t})", "nvl2({t}, {t}, {t})", "sha2({t}, 256)",
    ],
    "i": [
        "length({t})", "instr({t}, {t})", "locate({t}, {t})", "ascii({t})", "size({a})", "size({m})",
        "levenshtein({t}, {t})", "octet_length({t})", "find_in_set({t}, {t})", "array_max({a})",
        "array_min({a})",
        "element_at({a}, 1)", "{a}[1]", "get({a}, {i})", "element_at({m}, 'a')", "bit_count({i})",
        "({i} & {i})", "({i} | {i})", "({i} ^ {i})", "shiftright({i}, 1)", "regexp_count({t}, '[a-c]')",
        "hash({t}, {i})", "hash({a})", "cast({t} as int)", "coalesce({i}, {i})", "nvl({i}, {i})",
        "aggregate({a}, 0, (x, y) -> x | coalesce(y, 0))", "octet_length({b})", "length({b})",
    ],
    "a": [
        "sort_array({a})", "array_distinct({a})", "array_union({a}, {a})", "array_except({a}, {a})",
        "array_intersect({a}, {a})", "array_compact({a})", "reverse({a})", "filter({a}, x -> x > 1)",
        "transform({a}, (x, i) -> i)", "array_append({a}, {i})", "array_prepend({a}, {i})",
        "array_insert({a}, 2, {i})", "array_insert({a}, -2, {i})", "slice({a}, 1, 2)", "array_sort({a})",
        "array_remove({a}, 2)", "array_repeat({i}, 2)", "map_values({m})", "concat({a}, {a})",
        "zip_with({a}, {a}, (x, y) -> coalesce(x, y))", "flatten(array({a}, {a}))",
    ],
    "b": [
        "encode({t}, 'utf-8')", "substring({b}, 2, 1)", "left({b}, 2)", "reverse({b})", "concat({b}, {b})",
        "lpad({b}, 4)", "unbase64(base64({b}))", "unhex(hex({b}))", "cast({t} as binary)",
    ],
    "m": ["map_filter({m}, (k, v) -> v is null)", "transform_values({m}, (k, v) -> length(k))",
          "map_zip_with({m}, {m}, (k, x, y) -> coalesce(x, y))"],
}  # fmt: skip
LEAVES = {"t": TEXTS, "i": INTS, "a": ARRAYS, "b": BYTES, "m": MAPS}


def made(dice: random.Random, kind: str, depth: int) -> str:
    """An expression of a kind."""
    if depth == 0 or dice.random() < 0.2:
        return dice.choice(LEAVES[kind])
    text = dice.choice(RULES[kind])
    for inner in LEAVES:
        while f"{{{inner}}}" in text:
            text = text.replace(f"{{{inner}}}", made(dice, inner, depth - 1), 1)
    return text


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Any, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spark, ours = judge.open_spark(), judge.open_engine()
        yield spark, ours
        ours.close()
        spark.stop()


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_expressions_are_the_same(seed: int, engines: tuple[Any, Any]) -> None:
    spark, ours = engines
    dice = random.Random(seed)
    columns = [made(dice, dice.choice("tttiiiaabm"), 2) for _ in range(COLUMNS)]
    sql = "select " + ", ".join(f"{column} as c{index}" for index, column in enumerate(columns))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = judge.spark_answer(spark, sql)
    found = judge.our_answer(ours, sql)
    assert expected.error is None, f"the test must ask what Spark answers: {str(expected.error)[:300]}"
    assert found.error is None, f"{found.error}"
    wrong = [
        f"{column}: Spark {kind} {theirs!r}, we {own} {value!r}"
        for column, kind, theirs, own, value in zip(
            columns, expected.types, expected.rows[0], found.types, found.rows[0], strict=True
        )
        if (kind, theirs) != (own, value)
    ]
    assert not wrong, "\n".join(wrong)
