"""Functions that make rows: ``explode`` and its family, as lists that are unnested side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.call import Call
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions import variant
from pybyzer.engines.sparksql.functions.json import extract
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.scope import Scope
from pybyzer.engines.sparksql.types import INT, STRING, VOID, SqlType, array, text
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.expressions import Expressions


@dataclass(frozen=True, slots=True)
class Generated:
    """``lists`` are unnested in step as ``u0``, ``u1`` ...; ``columns`` are what they give.

    A column's SQL says ``{u0}`` for an unnested value; without lists it is an ordinary expression.
    """

    lists: tuple[str, ...]
    columns: tuple[tuple[str, str, SqlType], ...]


def generate(translator: Expressions, node: Any, scope: Scope, outer: bool) -> Generated:
    """The rows of a generator call; ``outer`` keeps a row where there would be none."""
    try:
        return _generate(translator, node, scope, outer)
    except (EngineError, Unsupported) as error:
        if error.offset is None:
            error.offset, error.length = place(node)
        raise


def _generate(translator: Expressions, node: Any, scope: Scope, outer: bool) -> Generated:
    name = str(node.this).lower()
    named = [part for part in node.expressions if isinstance(part, exp.Kwarg)]
    only = len(named) == len(node.expressions) == 1
    if only and named[0].this.name.lower() in ("collection", "input"):
        node = exp.Anonymous(this=node.this, expressions=[named[0].expression])
    args = [translator.expression(part, scope) for part in node.expressions]
    if name.endswith("_outer"):
        name, outer = name[:-6], True
    if name == "stack":
        return _stack(args)
    if name == "json_tuple":
        return _json_tuple(args)
    if len(args) != 1:
        raise EngineError(f"{name} takes one argument")
    if name == "variant_explode":
        entries = variant.exploded(Call(name, node.expressions, translator, scope))
        args = [Expr(entries, array(variant.ENTRY), name)]
        name = "inline"
    value = args[0]
    if value.type == VOID:
        value = cast(value, array(STRING))
    made = {"explode": _explode, "posexplode": _posexplode, "inline": _inline}[name](value)
    if not outer:
        return made
    lists = tuple(f"CASE WHEN len({one}) > 0 THEN {one} ELSE [NULL] END" for one in made.lists)
    return Generated(lists, made.columns)


def _explode(value: Expr) -> Generated:
    if value.type.kind == "map":
        key, item = value.type.parts
        lists = (f"map_keys({value.sql})", f"map_values({value.sql})")
        return Generated(lists, (("key", "{u0}", key), ("value", "{u1}", item)))
    if value.type.kind != "array":
        raise EngineError(f"explode needs an array or a map, but {value.label} is {value.type.spark}")
    return Generated((value.sql,), (("col", "{u0}", value.type.element),))


def _posexplode(value: Expr) -> Generated:
    plain = _explode(value)
    count = len(plain.lists)
    places = f"CAST(range(len({plain.lists[0]})) AS INTEGER[])"
    return Generated((*plain.lists, places), (("pos", f"{{u{count}}}", INT), *plain.columns))


def _inline(value: Expr) -> Generated:
    row = value.type.element
    if row.kind != "struct":
        raise EngineError(f"inline needs an array of structs, but {value.label} is {value.type.spark}")
    columns = tuple(
        (name, f"struct_extract({{u0}}, {text(name)})", part)
        for name, part in zip(row.names, row.parts, strict=True)
    )
    return Generated((value.sql,), columns)


def _stack(args: list[Expr]) -> Generated:
    rows = args[0].value if args else None
    if not isinstance(rows, int) or rows < 1:
        raise EngineError("stack needs a literal number of rows first")
    values = args[1:]
    width = -(-len(values) // rows)
    lists, columns = [], []
    for column in range(width):
        cells = [values[i] for i in range(column, len(values), width)]
        kind = widest_of(cell.type for cell in cells)
        if kind is None:
            kinds = ", ".join(cell.type.spark for cell in cells)
            raise EngineError(f"stack: column {column + 1} has types that do not meet: {kinds}")
        kind = STRING if kind == VOID else kind
        items = [cast(cell, kind).sql for cell in cells] + ["NULL"] * (rows - len(cells))
        lists.append(f"CAST([{', '.join(items)}] AS {array(kind).duck})")
        columns.append((f"col{column}", f"{{u{column}}}", kind))
    return Generated(tuple(lists), tuple(columns))


def _json_tuple(args: list[Expr]) -> Generated:
    if len(args) < 2 or not all(isinstance(arg.value, str) for arg in args[1:]):
        raise EngineError("json_tuple takes a JSON text and the names of its fields")
    source = cast(args[0], STRING).sql
    columns = tuple(
        (f"c{index}", extract(source, f'$."{arg.value}"'), STRING) for index, arg in enumerate(args[1:])
    )
    return Generated((), columns)


def generator_of(node: Any, names: tuple[str, ...]) -> tuple[Any, list[str]] | None:
    """The generator call a projection is, with the column names written after it."""
    written: list[str] = []
    if isinstance(node, exp.Alias):
        node, written = node.this, [node.alias]
    elif isinstance(node, exp.Aliases):
        node, written = node.this, [part.name for part in node.expressions]
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in names:
        return node, written
    return None
