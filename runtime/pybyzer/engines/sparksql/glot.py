"""sqlglot as our reader of Spark SQL: imported when first used, with every function call kept as written.

sqlglot folds calls into canonical nodes (``dayofweek``, ``date_add`` ...) and loses what Spark means by
them on the way; here a call stays a name and its arguments, and ``functions/`` says what it means.
"""

from __future__ import annotations

import functools
import importlib
import re
from typing import TYPE_CHECKING, Any

from pybyzer.errors import ParseError, Unsupported

if TYPE_CHECKING:
    # sqlglot builds its classes at run time: to the type checker its nodes are anything.
    exp: Any
else:

    class _Lazy:
        """The module ``sqlglot.expressions``, imported at the first look."""

        def __getattr__(self, name: str) -> Any:
            found = getattr(importlib.import_module("sqlglot.expressions"), name)
            setattr(self, name, found)
            return found

    exp = _Lazy()

_COMMANDS = {
    "show": "!show tables;",
    "describe": "!desc the_table;",
    "explain": "the plan of a query is not shown",
    "call": "write a command: !name ...;",
}
"""What to write instead of a statement that is none here."""


@functools.cache
def _dialect() -> Any:
    from pybyzer.engines.sparksql.grammar import plain_spark

    return plain_spark()


def read(sql: str) -> Any:
    """The tree of one statement; ``ParseError`` with the place where reading stopped."""
    import logging

    import sqlglot
    from sqlglot.errors import ParseError as NotParsed
    from sqlglot.errors import SqlglotError

    # What it does not know becomes a Command, which is refused below: no need to print it too.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)

    try:
        trees = [tree for tree in sqlglot.parse(sql, read=_dialect()) if tree is not None]
    except NotParsed as error:
        raise _syntax_error(sql, error.errors[0] if error.errors else {}, str(error)) from None
    except SqlglotError as error:
        raise ParseError(f"cannot read this SQL: {str(error).splitlines()[0]}") from None
    if not trees:
        raise ParseError("there is no SQL here", hint="a select statement is expected")
    if len(trees) > 1:
        raise ParseError("one statement at a time", hint="separate statements are separate cells or lines")
    if isinstance(trees[0], exp.Command):
        name = str(trees[0].this).lower()
        raise Unsupported(f"{name} as SQL", hint=_COMMANDS.get(name))
    return trees[0]


def expression(sql: str) -> Any:
    """The tree of one expression (a function's macro)."""
    tree = read(f"select {sql}")
    assert isinstance(tree, exp.Select)
    return tree.expressions[0]


def place(node: Any) -> tuple[int | None, int]:
    """Offset and length of a node in its text, as far as sqlglot remembers it."""
    spots = [part.meta for part in node.walk() if "start" in part.meta]
    if not spots:
        return None, 1
    start = min(int(spot["start"]) for spot in spots)
    end = max(int(spot["end"]) for spot in spots)
    return start, end - start + 1


def _syntax_error(sql: str, detail: dict[str, Any], message: str) -> ParseError:
    line, column = detail.get("line"), detail.get("col")
    found = str(detail.get("highlight") or "")
    text = str(detail.get("description") or message.splitlines()[0]).rstrip(".")
    if "missing for" in text:
        text = "something is missing"
    # sqlglot shows its own token objects.
    text = re.sub(r" but got <Token.*", "", text)
    offset = None
    if line and column:
        starts = [0]
        for piece in sql.splitlines(keepends=True):
            starts.append(starts[-1] + len(piece))
        # sqlglot's column is that of the token's last character, from 1.
        offset = max(0, min(starts[line - 1] + column - max(1, len(found)), len(sql)))
    near = f' near "{found}"' if found else ""
    made = ParseError(f"SQL syntax: {text[:1].lower()}{text[1:]}{near}")
    made.offset, made.length = offset, max(1, len(found))
    return made
