"""Statements that change tables: what a parsed ``create``, ``insert`` or ``drop`` asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pybyzer.engines.sparksql.data_types import of_node
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.types import SqlType
from pybyzer.errors import Unsupported


@dataclass(frozen=True, slots=True)
class Target:
    """A table to change: its name, and where that stands in the text."""

    name: str
    offset: int | None
    length: int


@dataclass(frozen=True, slots=True)
class Create:
    """``query`` is the tree after ``as``; else ``columns`` say what the (empty) table has."""

    name: str
    query: Any
    columns: tuple[tuple[str, SqlType], ...]
    replace: bool
    keep: bool
    view: bool


@dataclass(frozen=True, slots=True)
class Insert:
    """``columns`` are the names after the table, in order; empty for all."""

    target: Target
    query: Any
    columns: tuple[str, ...]
    overwrite: bool


@dataclass(frozen=True, slots=True)
class Drop:
    targets: tuple[Target, ...]
    keep_quiet: bool


@dataclass(frozen=True, slots=True)
class Truncate:
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """``refresh``, ``cache``, ``uncache``: tables are always what they say here."""


Statement = Create | Insert | Drop | Truncate | Nothing

_KEPT_PROPERTIES = ("temporaryproperty", "fileformatproperty", "schemacommentproperty")


def statement(tree: Any) -> Statement | None:
    """What a tree asks for; None when it is a query."""
    if isinstance(tree, exp.Query | exp.Values):
        return None
    method = _READERS.get(tree.key)
    if method is None:
        raise Unsupported(f"{tree.key} statements")
    return method(tree)


def _create(tree: Any) -> Create:
    kind = str(tree.args.get("kind")).lower()
    if kind not in ("table", "view"):
        raise Unsupported(f"create {kind}")
    properties = tree.args.get("properties")
    for part in properties.expressions if properties is not None else []:
        if part.key not in _KEPT_PROPERTIES:
            raise Unsupported(
                f"create {kind} with {part.key.removesuffix('property')}", hint="save the table to a path"
            )
    target, columns = tree.this, []
    if isinstance(target, exp.Schema):
        for column in target.expressions:
            if not isinstance(column, exp.ColumnDef):
                raise Unsupported(
                    f"create {kind} with a column list and a query", hint="name them in the query"
                )
            columns.append((column.name, of_node(column.args["kind"])))
        target = target.this
    exists = bool(tree.args.get("exists"))
    return Create(
        _name(target), tree.expression, tuple(columns), bool(tree.args.get("replace")), exists, kind == "view"
    )


def _insert(tree: Any) -> Insert:
    target, columns = tree.this, []
    if isinstance(target, exp.Schema):
        columns = [part.name for part in target.expressions]
        target = target.this
    if target.args.get("partition") is not None or tree.args.get("by_name"):
        raise Unsupported("insert into a partition, or by name", hint="insert all columns in order")
    return Insert(_target(target), tree.expression, tuple(columns), bool(tree.args.get("overwrite")))


def _drop(tree: Any) -> Drop:
    if str(tree.args.get("kind")).lower() not in ("table", "view"):
        raise Unsupported(f"drop {str(tree.args.get('kind')).lower()}")
    targets = tree.args.get("tables") or [tree.this]
    return Drop(tuple(_target(part) for part in targets), bool(tree.args.get("exists")))


def _truncate(tree: Any) -> Truncate:
    return Truncate(tuple(_target(part) for part in tree.expressions))


def _nothing(tree: Any) -> Nothing:
    return Nothing()


def _name(node: Any) -> str:
    return ".".join(part.name for part in node.parts)


def _target(node: Any) -> Target:
    return Target(_name(node), *place(node))


_READERS: dict[str, Callable[[Any], Statement]] = {
    "create": _create,
    "insert": _insert,
    "drop": _drop,
    "truncatetable": _truncate,
    "refresh": _nothing,
    "cache": _nothing,
    "uncache": _nothing,
}
