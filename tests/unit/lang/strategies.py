"""Hypothesis strategies: statements of every kind, as the parser would make them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from pybyzer.errors import SourceText, Span
from pybyzer.lang import ast
from pybyzer.lang.ast import Option, Options, Quote, Text
from pybyzer.lang.tokens import MODES, RESERVED

FUZZ = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "1500")),
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
)
"""How often a fuzz test tries; see ``test_fuzz.py``."""
NOWHERE = Span(SourceText(""), 0, 0)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True)
FREE_WORDS = WORDS.filter(lambda word: word.lower() not in RESERVED)


def text(values: st.SearchStrategy[str], quote: Quote = Quote.NONE) -> st.SearchStrategy[Text]:
    return values.map(lambda value: Text(value, NOWHERE, quote))


def escaped(quote: str) -> st.SearchStrategy[str]:
    """What may stand between two of these quotes."""
    return ANY.map(lambda value: value.replace("\\", "\\\\").replace(quote, f"\\{quote}"))


def is_block(value: str) -> bool:
    return "'''" not in value and not value.startswith("+") and not value.endswith("'")


STRINGS = st.one_of(
    text(escaped("'"), Quote.SINGLE),
    text(escaped('"'), Quote.DOUBLE),
    text(ANY.filter(is_block), Quote.BLOCK),
)
BACK = text(ANY, Quote.BACK)
NAMES = text(FREE_WORDS) | BACK
DOTTED = st.lists(FREE_WORDS, min_size=1, max_size=3).map(".".join)
QUALIFIED = text(DOTTED) | BACK
OPTIONS = st.lists(st.builds(Option, key=DOTTED | ANY, value=STRINGS, span=st.just(NOWHERE)), max_size=3).map(
    lambda items: Options(tuple(items))
)
RAW_ARGUMENTS = text(
    st.from_regex(r"[A-Za-z0-9_\-/><.~]{1,10}", fullmatch=True).filter(lambda value: "--" not in value)
)
PIECES = st.one_of(
    WORDS.filter(lambda word: word.lower() != "as"),
    st.sampled_from(
        ["(", ")", ",", ".", "+", "- 1", "as b ,", "-- c\n", "/* ; */ x", "'a;''b'", '"c;"', "`d;`", "你"]
    ),
)
SQL = st.lists(PIECES, min_size=1, max_size=6).map(lambda pieces: " ".join([*pieces, ")"]))
MODE_WORDS = text(st.sampled_from([*MODES, "errorIfExists", "OVERWRITE"]))
FUNCTION_NAMES = text(WORDS) | BACK | STRINGS
ESTIMATE = {
    "table": NAMES,
    "algorithm": NAMES,
    "path": NAMES,
    "options": OPTIONS,
    "output": st.none() | NAMES,
    "span": st.just(NOWHERE),
}
CALL = {"algorithm": NAMES, "path": NAMES, "options": OPTIONS, "span": st.just(NOWHERE)}
TARGET = {"format": NAMES, "path": NAMES, "options": OPTIONS, "span": st.just(NOWHERE)}

STATEMENTS = st.one_of(
    st.builds(ast.Load, table=NAMES, **TARGET),
    st.builds(
        ast.Select,
        sql=text(SQL.map(lambda sql: f"select {sql}") | SQL.map(lambda sql: f"WITH {sql}")),
        table=st.none() | NAMES | text(st.sampled_from(["${x}", "t_${x.y}_2"])),
        span=st.just(NOWHERE),
    ),
    st.builds(
        ast.Save,
        mode=st.none() | MODE_WORDS,
        table=NAMES,
        partition_by=st.lists(NAMES, max_size=2).map(tuple),
        **TARGET,
    ),
    st.builds(ast.Train, **ESTIMATE),
    st.builds(ast.Run, **ESTIMATE),
    st.builds(ast.Predict, **ESTIMATE),
    st.builds(ast.Register, function=FUNCTION_NAMES, **CALL),
    st.builds(ast.Unregister, **CALL),
    st.builds(ast.Include, **TARGET),
    st.builds(ast.Set, key=QUALIFIED, value=QUALIFIED | STRINGS, options=OPTIONS, span=st.just(NOWHERE)),
    st.builds(ast.Connect, format=NAMES, options=OPTIONS, name=st.none() | QUALIFIED, span=st.just(NOWHERE)),
    st.sampled_from(["insert", "create", "drop", "refresh"]).flatmap(
        lambda word: st.builds(
            ast.Execute,
            keyword=st.just(word),
            sql=text(SQL.map(lambda sql: f"{word} {sql}")),
            span=st.just(NOWHERE),
        )
    ),
    st.builds(
        ast.Command,
        name=text(WORDS),
        arguments=st.lists(RAW_ARGUMENTS | STRINGS | BACK, max_size=4).map(tuple),
        span=st.just(NOWHERE),
    ),
)

PROGRAM_LIKE = st.lists(
    st.sampled_from(
        [
            *sorted(RESERVED),
            *re.split(" ", "t csv . = ; , ` `` ' '' ''' \" \\ -- /* */ /*+ ! !x ${x} $ { } ( ) 1.5 𝒳 \n"),
        ]
    )
    | ANY,
    max_size=25,
).map(" ".join)
"""Broken programs: the language's own words and signs in any order."""

CORPUS = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "conformance").glob("*/*.mlsql"))
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A script of the corpus with pieces taken out, doubled, swapped, or put in from elsewhere."""
    text = draw(st.sampled_from(CORPUS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        other = draw(st.sampled_from(CORPUS))
        place = draw(st.integers(0, len(other)))
        piece = draw(
            st.sampled_from(["", text[start:end] * 2, other[place : place + 12], "'", '"', "`", "#end", "${"])
        )
        text = text[:start] + piece + text[end:]
    return text


MUTATED = mutated()
"""Broken scripts that are nearly right."""
