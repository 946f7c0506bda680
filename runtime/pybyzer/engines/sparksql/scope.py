"""What names mean inside one select: its tables, their columns, and the select around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import SqlType
from pybyzer.errors import EngineError, Unsupported
from pybyzer.registry import did_you_mean


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a (sub)query: the name users know, its unique name in our SQL, its type."""

    name: str
    inner: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class Query:
    """A translated (sub)query. ``aliases`` names what ``order by`` may mean inside it."""

    sql: str
    columns: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A table in a from clause: its alias, and its columns as expressions of our SQL."""

    alias: str
    columns: tuple[tuple[str, Expr], ...]

    def find(self, name: str) -> list[Expr]:
        return [expr for own, expr in self.columns if own.lower() == name.lower()]


@dataclass(slots=True)
class Scope:
    """One select. ``merged`` are the columns of ``using`` joins; ``aliases`` its named projections."""

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Expr] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, Expr] = field(default_factory=dict)
    variables: dict[str, Expr] = field(default_factory=dict)
    grouping: Callable[[], list[str]] | None = None
    windows: dict[str, Any] = field(default_factory=dict)
    staged: dict[int, Expr] = field(default_factory=dict)
    random: set[str] = field(default_factory=set)
    aggregates: bool = False
    aliases_first: bool = False
    correlated: bool = False

    def column(self, parts: list[str]) -> Expr:
        """What a dotted name means: a variable, a column, a table's column, then fields of structs."""
        found = self._look(parts)
        if found is not None:
            return found
        if self.parent is not None:
            outer = self.parent.find(parts)
            if outer is not None:
                self.correlated = True
                return outer
        raise EngineError(f'no column "{".".join(parts)}"', hint=self._suggest(parts))

    def find(self, parts: list[str]) -> Expr | None:
        """The same, or None."""
        found = self._look(parts)
        return found if found is not None or self.parent is None else self.parent.find(parts)

    def _look(self, parts: list[str]) -> Expr | None:
        head = parts[0].lower()
        if head in self.variables:
            return fields(self.variables[head], parts[1:])
        if self.aliases_first and head in self.aliases:
            return fields(self._alias(head), parts[1:])
        if len(parts) > 1:
            # A qualifier may carry its database: the last part of it is the table.
            for depth in range(1, len(parts)):
                for source in self.sources:
                    if source.alias.lower() == parts[depth - 1].lower():
                        found = source.find(parts[depth])
                        if len(found) > 1:
                            raise _ambiguous(parts[depth])
                        if found:
                            return fields(found[0], parts[depth + 1 :])
        if head in self.merged:
            return fields(self.merged[head], parts[1:])
        found = [expr for source in self.sources for expr in source.find(head)]
        if len(found) > 1:
            raise _ambiguous(parts[0])
        if found:
            return fields(found[0], parts[1:])
        if head in self.aliases:
            return fields(self._alias(head), parts[1:])
        return None

    def _alias(self, name: str) -> Expr:
        """What a name of the select list stands for, written out again."""
        if name in self.random:
            raise Unsupported(
                f'"{name}" is random: here it would be another value',
                hint="name it in a select of its own first",
            )
        return self.aliases[name]

    def star(self, qualifier: str | None) -> list[tuple[str, Expr]]:
        """The columns ``*`` stands for."""
        if qualifier is not None:
            for source in self.sources:
                if source.alias.lower() == qualifier.lower():
                    return list(source.columns)
            found = self._look([qualifier])
            if found is not None and found.type.kind == "struct":
                return [(name, fields(found, [name])) for name in found.type.names]
            known = [source.alias for source in self.sources]
            raise EngineError(f'no table "{qualifier}" in this select', hint=did_you_mean(qualifier, known))
        out = [(expr.label or name, expr) for name, expr in self.merged.items()]
        for source in self.sources:
            skip = self.hidden.get(source.alias.lower(), [])
            out += [(name, expr) for name, expr in source.columns if name.lower() not in skip]
        return out

    def group_names(self) -> list[str]:
        """The SQL of what is grouped by."""
        return self.grouping() if self.grouping is not None else []

    def inside(self, variables: dict[str, Expr]) -> Scope:
        """This scope with lambda parameters."""
        return replace(self, variables={**self.variables, **variables})

    def _suggest(self, parts: list[str]) -> str | None:
        names = {name for source in self.sources for name, _ in source.columns}
        if len(parts) > 1:
            names |= {f"{source.alias}.{name}" for source in self.sources for name, _ in source.columns}
        return did_you_mean(".".join(parts), names)


def fields(value: Expr, names: list[str]) -> Expr:
    """Fields of structs (of arrays of structs, of maps), one after the other."""
    from pybyzer.engines.sparksql.nested import field_of

    for name in names:
        value = field_of(value, name)
    return value


def _ambiguous(name: str) -> EngineError:
    return EngineError(f'"{name}" could be several columns', hint="write the table before it: t." + name)
