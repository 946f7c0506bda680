"""Values of the expression language: one row, asked of the engine; ``:{...}`` in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, ParseError, Span, UnknownName, Unsupported
from pybyzer.lang.ast import Text
from pybyzer.lang.condition import Condition, Piece, Sql, parse_condition, quoted
from pybyzer.registry import did_you_mean
from pybyzer.sql import conceal
from pybyzer.templates import unfilled

if TYPE_CHECKING:
    import pyarrow as pa

VALUE, TEXT, NOTHING = ":value", ":text ", ":name"
"""The columns of the value of the whole expression, and of its text; and that of a row without variables,
which a message about an unknown column shows. No variable can be called so."""

Locate = Callable[[int, int], Span | None]
"""From a start and an end in an expression's text to the place where the user wrote it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read; ``locate`` says where its parts stand."""

    condition: Condition
    locate: Locate
    length: int

    @property
    def whole(self) -> Span | None:
        """All of it, as the user wrote it."""
        return self.locate(0, self.length)

    def ask(self, ctx: Context, sql: Sql) -> pa.Table:
        """The rows of a (small) query made of this expression; errors at the user's text."""
        name = ctx.catalog.fresh("expression")
        try:
            ctx.engine.query(sql.text, name)
            try:
                return ctx.engine.stream(name).reader.read_all()
            finally:
                ctx.engine.drop(name)
        except ByzerError as error:
            conceal(ctx, error)
            found = None if error.offset is None else sql.origin(error.offset, error.length)
            raise error.at(self.locate(*found) if found else self.whole) from None


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression came to: its value, and what it assigned to ``:name``, each as an Arrow column
    of one row and as text (as Spark's ``cast(x as string)``; NULL is the empty text)."""

    value: pa.ChunkedArray
    text: str
    assigned: Mapping[str, pa.ChunkedArray]
    texts: Mapping[str, str]


def read(text: str, locate: Locate) -> Expression:
    """Read an expression; ``ParseError`` or ``UnknownName`` (``${x}`` of no variable) at the user's text."""
    left = unfilled(text)
    if left is not None:
        name, offset, length = left
        raise UnknownName(f'no variable "{name}"', span=locate(offset, offset + length))
    try:
        return Expression(parse_condition(text), locate, len(text))
    except ParseError as error:
        span = locate(error.span.start, error.span.end) if error.span else None
        raise ParseError(error.message, span=span, hint=error.hint) from None


def read_filled(ctx: Context, text: Text) -> Expression:
    """Read an expression of a statement, its ``${}`` filled in."""
    filled = ctx.variables.fill_sql(text)

    def locate(start: int, end: int) -> Span:
        begin, stop = filled.origin(start, end - start)
        return text.span.inside(begin, stop - begin)

    return read(filled.text, locate)


def evaluate(
    ctx: Context, expression: Expression, known: Mapping[str, pa.ChunkedArray] | None = None
) -> Value:
    """The value of an expression over the variables of the session.

    ``known`` are values of other types than text that stand before the variables of the same name.
    ``UnknownName`` for a variable nobody has set.
    """
    condition = expression.condition
    typed = {name: known[name] for name in condition.variables if known and name in known}
    given = ctx.catalog.fresh("given")
    relation, _ = condition.relation(_row(ctx, expression, typed, given), [*condition.variables])
    assigned = list(dict.fromkeys(name for name, _ in condition.assignments))
    value = quoted(VALUE)
    own = "".join(f"{quoted(name)}, " for name in assigned)
    texts = "".join(f"cast({quoted(name)} as string) as {quoted(TEXT + name)}, " for name in assigned)
    begin = f"select {own}{texts}{value}, cast({value} as string) as {quoted(TEXT)} from (select {own}("
    asked = [Piece(begin), *condition.test.pieces, Piece(f") as {value} from "), *relation, Piece(")")]
    if typed:
        ctx.engine.ingest(given, _table(typed))
    try:
        found = expression.ask(ctx, Sql(tuple(asked)))
    finally:
        if typed:
            ctx.engine.drop(given)
    if found.num_rows != 1:
        raise BadOption(f"the expression has {found.num_rows} values, not one", span=expression.whole)
    return Value(
        found.column(VALUE),
        _text(found.column(TEXT)),
        {name: found.column(name) for name in assigned},
        {name: _text(found.column(TEXT + name)) for name in assigned},
    )


def interpolate(ctx: Context, text: str, option: str | None = None) -> str:
    """The text with each ``:{expression}`` replaced by its value as text; ``:{`` of JSON is left alone.

    Errors are about ``option``, the key whose value the text is.
    """
    parts, position = [], 0
    try:
        while (found := _DYNAMIC.search(text, position)) is not None:
            end = _closing(text, found.start())
            expression = read(text[found.end() : end], lambda first, last: None)
            parts += [text[position : found.start()], evaluate(ctx, expression).text]
            position = end + 1
    except ByzerError as error:
        raise (error.about(option) if option else error) from None
    return "".join([*parts, text[position:]])


def _row(ctx: Context, expression: Expression, typed: Mapping[str, object], given: str) -> str:
    """SQL for the row of the variables an expression needs; the typed ones are the table ``given``."""
    seen: dict[str, str] = {}
    columns = []
    for name, place in expression.condition.variables.items():
        if seen.setdefault(name.lower(), name) != name:
            message = f":{seen[name.lower()]} and :{name} differ in nothing but case"
            raise Unsupported(message, span=expression.locate(*place), hint="rename one of them")
        if name in typed:
            columns.append(quoted(name))
            continue
        value = ctx.variables.get(name)
        if value is None:
            hint = did_you_mean(name, ctx.variables.names())
            raise UnknownName(f'no variable "{name}"', span=expression.locate(*place), hint=hint)
        columns.append(f"{_literal(value)} as {quoted(name)}")
    source = f" from {quoted(given)}" if typed else ""
    return f"(select {', '.join(columns) or f'1 as {quoted(NOTHING)}'}{source})"


def _table(columns: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    import pyarrow as pa

    return pa.table(dict(columns))


def _literal(text: str) -> str:
    """A text as a string of Spark SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _text(column: pa.ChunkedArray) -> str:
    value = column[0].as_py()
    return "" if value is None else str(value)


_DYNAMIC = re.compile(r""":\{(?!\s*(?:\}|"(?:\\.|[^"\\])*+"\s*:))""", re.DOTALL)
"""The beginning of an expression; in JSON, a key and a colon follow, or nothing."""
_BRACES = re.compile(r"""'(?:\\.|[^'\\])*+'|"(?:\\.|[^"\\])*+"|[{}]""", re.DOTALL)


def _closing(text: str, start: int) -> int:
    """Where the ``:{`` at ``start`` is closed; braces in quotes do not count."""
    depth = 0
    for found in _BRACES.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0 and found[0] == "}":
            return found.start()
    raise ParseError("a :{ is never closed", hint="write :{expression}")
