"""Selects, set operations and what they nest: Spark SQL's queries in DuckDB's SQL."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.calls import GENERATORS
from pybyzer.engines.sparksql.casts import cast_sql
from pybyzer.engines.sparksql.clauses import grouped
from pybyzer.engines.sparksql.coercion import widest
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.generators import generate, generator_of
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.nested import settled
from pybyzer.engines.sparksql.relations import unique
from pybyzer.engines.sparksql.scope import Output, Query, Scope, Source
from pybyzer.engines.sparksql.stages import Stages
from pybyzer.engines.sparksql.time_windows import with_time_window
from pybyzer.engines.sparksql.types import VOID, quote
from pybyzer.errors import EngineError, Unsupported

_REFUSED = ("qualify", "connect", "match", "prewhere", "into", "for_", "locks", "kind")
_SET_OPERATIONS = {"union": "UNION", "except": "EXCEPT", "intersect": "INTERSECT"}


class Queries(Stages):
    """Translates whole queries."""

    def query(self, node: Any, parent: Scope | None) -> Query:
        """Any query node; ``parent`` is the select around it, for correlated columns."""
        if isinstance(node, exp.Subquery):
            return self._wrapped(node, parent)
        with_ = node.args.get("with_")
        if with_ is None:
            return self._body(node, parent)
        outer = self.ctes
        self.ctes = outer.new_child()
        try:
            parts, recursive = [], ""
            for cte in with_.expressions:
                alias = cte.args["alias"]
                if with_.args.get("recursive") and self._recursive(cte):
                    parts.append(self._recursion(cte, parent))
                    recursive = "RECURSIVE "
                    continue
                made = self.query(cte.this, parent)
                names = [part.name for part in alias.columns] or [column.name for column in made.columns]
                if len(names) != len(made.columns):
                    raise EngineError(
                        f'"{alias.name}" has {len(made.columns)} columns, but {len(names)} names'
                    )
                own = self.fresh("w")
                parts.append(f"{own} AS ({_select(made)})")
                columns = tuple(
                    Output(name, column.inner, column.type)
                    for name, column in zip(names, made.columns, strict=True)
                )
                self.ctes[alias.name.lower()] = Query(quote(own), columns)
            body = self._body(node, parent)
            return Query(f"WITH {recursive}{', '.join(parts)} {_select(body)}", body.columns)
        finally:
            self.ctes = outer

    subquery = query

    def _recursive(self, cte: Any) -> bool:
        """Whether a common table reads itself."""
        name = cte.alias.lower()
        return any(part.name.lower() == name and not part.db for part in cte.this.find_all(exp.Table))

    def _recursion(self, cte: Any, parent: Scope | None) -> str:
        """``r as (start union all step)``; the step sees the start's columns and types."""
        body, alias = cte.this, cte.args["alias"]
        if not isinstance(body, exp.Union) or body.args.get("distinct") is not False:
            raise Unsupported("a recursive table that is not: start union all step")
        self.heavy = True
        start = self.query(body.this, parent)
        names = [part.name for part in alias.columns] or [column.name for column in start.columns]
        if len(names) != len(start.columns):
            raise EngineError(f'"{alias.name}" has {len(start.columns)} columns, but {len(names)} names')
        own = self.fresh("w")
        kinds = tuple(
            Output(name, column.inner, column.type) for name, column in zip(names, start.columns, strict=True)
        )
        self.ctes[alias.name.lower()] = Query(quote(own), kinds)
        step = self.query(body.expression, parent)
        if len(step.columns) != len(kinds):
            raise EngineError(f"the step has {len(step.columns)} columns, the start {len(kinds)}")
        columns = ", ".join(quote(column.inner) for column in kinds)
        first, rest = self._as_types(start, kinds), self._as_types(step, kinds)
        return f"{own}({columns}) AS (({first}) UNION ALL ({rest}))"

    def _wrapped(self, node: Any, parent: Scope | None) -> Query:
        inner = self.query(node.this, parent)
        if not any(node.args.get(part) for part in ("order", "limit", "offset")):
            return inner
        return self._modified(inner, node)

    def _body(self, node: Any, parent: Scope | None) -> Query:
        if isinstance(node, exp.Select):
            return self._select_query(node, parent)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, parent)
        if isinstance(node, exp.Values):
            made = self.values(node, parent)
            names = self._renamed(node)
            if names:
                made = Query(
                    made.sql,
                    tuple(Output(n, c.inner, c.type) for n, c in zip(names, made.columns, strict=True)),
                )
            return made
        if isinstance(node, exp.Table):
            return self._table(node)
        raise Unsupported(f"{node.key} as a query")

    # -- select ----------------------------------------------------------------------------

    def _select_query(self, node: Any, parent: Scope | None) -> Query:
        for part in _REFUSED:
            if node.args.get(part):
                raise Unsupported(f"{part.rstrip('_')} in a select")
        if self._has_late_generator(node):
            return self._select_query(_generator_outside(node), parent)
        scope = Scope(parent=parent)
        scope.windows = {w.name.lower(): w for w in node.args.get("windows") or []}
        source = self.from_clause(node, scope)
        generated = self._generator(node)
        made: Source | None = None
        if generated is not None:
            # First, so that every other expression sees the columns where they then are.
            source = self.unnest(source, generate(self, generated[0], scope, False), scope, "", generated[1])
            made = scope.sources.pop()
        source, conditions, limited = self.staged(node, scope, source, generator=made is not None)
        source, conditions = with_time_window(self, node, scope, source, conditions)
        condition = " AND ".join(self.condition(part, scope).sql for part in conditions)
        if scope.aggregates:
            raise EngineError("an aggregate cannot stand in where", hint="use having")
        scope.grouping = lambda: [self.expression(part, scope).sql for part in grouped(node)]
        projections = self._projections(node, scope, made)
        seen: set[str] = set()
        outputs = tuple(Output(name, unique(name, seen), value.type) for name, value in projections)
        columns = ", ".join(
            f"{settled(value)} AS {quote(output.inner)}"
            for (_, value), output in zip(projections, outputs, strict=True)
        )
        distinct = self._distinct(node)
        tail = f" WHERE {condition}" if condition else ""
        tail += self._group(node, scope, projections)
        tail += self._order(node, scope, projections)
        tail += "" if limited else self._limit(node)
        return Query(f"SELECT {distinct}{columns}{' FROM ' + source if source else ''}{tail}", outputs)

    def _projections(self, node: Any, scope: Scope, made: Source | None) -> list[tuple[str, Expr]]:
        """The select list; ``made`` are the columns of the generator in it."""
        out: list[tuple[str, Expr]] = []
        for item in node.expressions:
            if made is not None and generator_of(item, GENERATORS) is not None:
                out += made.columns
                for name, value in made.columns:
                    scope.aliases.setdefault(name.lower(), value)
            elif isinstance(item, exp.Star):
                out += self._expanded(item, scope, None)
            elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
                out += self._expanded(item.this, scope, item.table)
            else:
                earlier, self.volatile = self.volatile, False
                value = self.expression(item, scope)
                out.append((_name(item, value), value))
                if isinstance(item, exp.Alias):
                    scope.aliases.setdefault(item.alias.lower(), value)
                    if self.volatile:
                        scope.random.add(item.alias.lower())
                self.volatile = self.volatile or earlier
        if not out:
            raise EngineError("nothing is selected")
        return out

    def _expanded(self, item: Any, scope: Scope, qualifier: str | None) -> list[tuple[str, Expr]]:
        columns = scope.star(qualifier)
        if not columns and not scope.sources:
            raise EngineError("* needs a from clause", offset=place(item)[0])
        if item.args.get("replace") or item.args.get("rename"):
            raise Unsupported("* replace")
        left_out = {part.name.lower() for part in item.args.get("except_") or []}
        missing = left_out - {name.lower() for name, _ in columns}
        if missing:
            raise EngineError(f"except: no column {', '.join(sorted(missing))}")
        return [(name, value) for name, value in columns if name.lower() not in left_out]

    def _distinct(self, node: Any) -> str:
        distinct = node.args.get("distinct")
        if distinct is None:
            return ""
        if distinct.args.get("on") is not None:
            raise Unsupported("distinct on")
        self.heavy = True
        return "DISTINCT "

    # -- set operations --------------------------------------------------------------------

    def _set_operation(self, node: Any, parent: Scope | None) -> Query:
        self.heavy = True
        if node.args.get("by_name"):
            raise Unsupported("union by name")
        left, right = self.query(node.this, parent), self.query(node.expression, parent)
        if len(left.columns) != len(right.columns):
            raise EngineError(
                f"{node.key}: {len(left.columns)} columns on the left, {len(right.columns)} on the right"
            )
        columns = []
        for a, b in zip(left.columns, right.columns, strict=True):
            kind = widest(a.type, b.type)
            if kind is None:
                raise EngineError(
                    f"{node.key}: {a.name} is {a.type.spark} on the left, {b.type.spark} on the right"
                )
            columns.append(Output(a.name, a.inner, kind))
        kinds = tuple(columns)
        word = _SET_OPERATIONS[node.key] + ("" if node.args.get("distinct") is not False else " ALL")
        sql = f"({self._as_types(left, kinds)}) {word} ({self._as_types(right, kinds)})"
        made = Query(sql, kinds)
        if any(node.args.get(part) for part in ("order", "limit", "offset", "sort")):
            return self._modified(made, node)
        return made

    def _as_types(self, query: Query, kinds: tuple[Output, ...]) -> str:
        """A query with its columns cast (only where that is needed)."""
        if all(mine.type == wanted.type for mine, wanted in zip(query.columns, kinds, strict=True)):
            return _select(query)
        own = self.fresh()
        parts = []
        for mine, wanted in zip(query.columns, kinds, strict=True):
            inner = f"{own}.{quote(mine.inner)}"
            value = inner if wanted.type == VOID else cast_sql(inner, mine.type, wanted.type)
            parts.append(f"{value} AS {quote(mine.inner)}")
        table = query.sql if query.sql.startswith('"') else f"({query.sql})"
        return f"SELECT {', '.join(parts)} FROM {table} AS {own}"

    # -- generators ------------------------------------------------------------------------

    def _generator(self, node: Any) -> tuple[Any, list[str]] | None:
        found = [made for item in node.expressions if (made := generator_of(item, GENERATORS)) is not None]
        if len(found) > 1:
            raise EngineError(
                "only one generator (explode ...) can stand in a select", hint="use lateral view"
            )
        return found[0] if found else None

    def _has_late_generator(self, node: Any) -> bool:
        """Whether a generator stands beside aggregates, windows or distinct: it then works on their rows."""
        generated = self._generator(node)
        if generated is None:
            return False
        if node.args.get("group") is not None or node.args.get("distinct") is not None:
            return True
        return any(
            isinstance(part, exp.Window) or _is_aggregate(part)
            for item in node.expressions
            for part in item.walk()
        )


def _name(item: Any, value: Expr) -> str:
    """The name of a projection: a cast of a column keeps the column's."""
    if isinstance(item, exp.Cast) and isinstance(item.this, exp.Column | exp.Dot):
        return str(item.this.name)
    return value.label


def _is_aggregate(node: Any) -> bool:
    from pybyzer.engines.sparksql.functions import aggregates

    return isinstance(node, exp.Anonymous) and str(node.this).lower() in aggregates.NAMES


def _generator_outside(node: Any) -> Any:
    """``select k, explode(collect_list(x)) from t group by k`` as a generator over a subquery."""
    inner, outer = node.copy(), exp.Select()
    inside, outside = [], []
    for index, item in enumerate(node.expressions):
        made = generator_of(item, GENERATORS)
        if made is None:
            name = f"__g{index}"
            inside.append(exp.alias_(item.unalias().copy(), name, quoted=True))
            label = item.alias_or_name or f"col{index}"
            outside.append(exp.alias_(exp.column(exp.to_identifier(name, quoted=True)), label, quoted=True))
            continue
        call, names = made
        call = call.copy()
        for place_, argument in enumerate(list(call.expressions)):
            name = f"__g{index}_{place_}"
            inside.append(exp.alias_(argument.copy(), name, quoted=True))
            argument.replace(exp.column(exp.to_identifier(name, quoted=True)))
        outside.append(
            exp.Aliases(this=call, expressions=[exp.to_identifier(n) for n in names]) if names else call
        )
    for part in ("order", "limit", "offset"):
        modifier = inner.args.get(part)
        if modifier is not None:
            outer.set(part, modifier.copy())
            inner.set(part, None)
    inner.set("expressions", inside)
    outer.set("expressions", outside)
    outer.set("from_", exp.From(this=exp.Subquery(this=inner)))
    return outer


def _select(query: Query) -> str:
    """A query's SQL where a statement is needed."""
    return f"FROM {query.sql}" if query.sql.startswith('"') else query.sql
