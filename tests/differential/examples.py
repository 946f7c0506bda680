"""The examples in Spark's own function documentation, with the answers Spark gave.

``python -m tests.differential.examples`` asks a real Spark for every example of ``DESCRIBE FUNCTION
EXTENDED`` and writes ``examples.jsonl``; the tests compare our engine with that file, and, where Spark is
installed, that file with Spark. Values are kept as Python prints them, which keeps their types apart.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pybyzer.errors import Unsupported
from tests.differential import judge

STORED = Path(__file__).parent / "examples.jsonl"

OPENINGS = ("select", "values", "with")
_UNORDERED = re.compile(r"\b(cube|rollup|grouping sets)\b|\bover\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """A query of the documentation and Spark's answer: types and rows, or that it is an error.

    ``text``: the result has a type that Arrow or we do not have (intervals, variants), and was kept as the
    text Spark casts it to.
    """

    function: str
    number: int
    sql: str
    types: tuple[str, ...] = ()
    rows: str = ""
    error: bool = False
    text: bool = False

    @property
    def id(self) -> str:
        return f"{self.function}-{self.number}"


def stored() -> list[Example]:
    """The examples with the answers that were kept."""
    lines = STORED.read_text(encoding="utf-8").splitlines()
    return [Example(**(fields | {"types": tuple(fields["types"])})) for fields in map(json.loads, lines)]


def printed(sql: str, rows: tuple[tuple[Any, ...], ...]) -> str:
    """Rows as they are kept; sorted where the query leaves their order open."""
    return repr(sorted(rows, key=repr) if _UNORDERED.search(sql) else list(rows))


def verdict(engine: Any, example: Example) -> tuple[str, str]:
    """``same``, ``refused`` (by name, before running), ``failed`` or ``different``; and what there was."""
    found = judge.our_answer(engine, example.sql)
    if found.error is not None:
        text = str(found.error).split("\n", 1)[0]
        if example.error:
            return "same", text
        return ("refused" if isinstance(found.error, Unsupported) else "failed"), text
    if example.error:
        return "different", f"Spark refuses, we answer {found.rows}"
    if example.text:
        found = _as_texts(engine, found)
    ours = printed(example.sql, found.rows)
    if example.text and ours == example.rows:
        return "same", ours
    if found.types != example.types or ours != example.rows:
        return "different", f"Spark {example.types} {example.rows}\n  ours {found.types} {ours}"
    return "same", ours


def _as_texts(engine: Any, found: judge.Answer) -> judge.Answer:
    """Our last answer with every column cast to a text, as Spark's was."""
    names = [f"c{index}" for index in range(len(found.types))]
    texts = ", ".join(f"cast({name} as string) {name}" for name in names)
    return judge.our_answer(engine, f"select {texts} from answer as t({', '.join(names)})")


def ask(spark: Any) -> Iterator[Example]:
    """Every deterministic example, with Spark's answer now.

    All are asked twice, minutes apart: an answer that changes is none (``now()``, ``rand()``).
    """
    for first, second in zip(list(asked(spark)), asked(spark), strict=True):
        if first == second:
            yield first


def asked(spark: Any) -> Iterator[Example]:
    """Every example with Spark's answer now."""
    for query in _queries(spark):
        yield _asked(spark, *query)


def _queries(spark: Any) -> Iterator[tuple[str, int, str]]:
    for row in spark.sql("show functions").collect():
        name = row[0]
        quoted = f"`{name}`" if name.replace("_", "").isalnum() else name
        try:
            text = "\n".join(row[0] for row in spark.sql(f"describe function extended {quoted}").collect())
        except Exception:  # operators such as <> and "between" cannot be described by every Spark
            continue
        for number, sql in enumerate(_examples(text), 1):
            yield name, number, sql


def _asked(spark: Any, name: str, number: int, sql: str) -> Example:
    answer = judge.spark_answer(spark, sql)
    if answer.error is None:
        return Example(name, number, sql, answer.types, printed(sql, answer.rows))
    try:
        frame = spark.sql(sql)
        kinds = tuple(kind for _, kind in frame.dtypes)
        names = [f"c{index}" for index in range(len(kinds))]
        rows = frame.toDF(*names).selectExpr(*(f"cast({name} as string)" for name in names)).collect()
    except Exception:  # any error of Spark is its answer
        return Example(name, number, sql, error=True)
    return Example(name, number, sql, kinds, printed(sql, tuple(tuple(row) for row in rows)), text=True)


def _examples(text: str) -> list[str]:
    """The queries after ``Examples:``; a query may go on over lines until its semicolon."""
    _, found, rest = text.partition("Examples:")
    queries: list[str] = []
    current: list[str] | None = None
    for line in rest.splitlines() if found else ():
        stripped = line.strip()
        if stripped.startswith("> "):
            current = [stripped[2:]]
        elif current is not None:
            current.append(line)
        if current is not None and stripped.endswith(";"):
            queries.append("\n".join(current).strip().rstrip(";").strip())
            current = None
    return [query for query in queries if query.lower().startswith(OPENINGS)]


def main() -> None:
    """Write the file anew."""
    warnings.simplefilter("ignore")
    spark = judge.open_spark()
    lines = [json.dumps(asdict(example), ensure_ascii=False) for example in ask(spark)]
    STORED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} examples")
    spark.stop()


if __name__ == "__main__":
    main()
