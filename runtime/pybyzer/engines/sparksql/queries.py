"""Selects, set operations and what they nest: Spark SQL's queries in DuckDB's SQL."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.casts import cast_sql
from pybyzer.engines.sparksql.coercion import widest
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.expressions import GENERATORS
from pybyzer.engines.sparksql.generators import generate, generator_of
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.nested import settled
from pybyzer.engines.sparksql.relations import Relations, unique
from pybyzer.engines.sparksql.scope import Output, Query, Scope, Source
from pybyzer.engines.sparksql.types import VOID, quote
from pybyzer.engines.sparksql.windows import direction
from pybyzer.errors import EngineError, Unsupported

_REFUSED = ("qualify", "connect", "match", "prewhere", "into", "for_", "locks", "kind")
_SET_OPERATIONS = {"union": "UNION", "except": "EXCEPT", "intersect": "INTERSECT"}


class Queries(Relations):
    """Translates whole queries."""

    def query(self, node: Any, parent: Scope | None) -> Query:
        """Any query node; ``parent`` is the select around it, for correlated columns."""
        if isinstance(node, exp.Subquery):
            return self._wrapped(node, parent)
        with_ = node.args.get("with_")
        if with_ is None:
            return self._body(node, parent)
        if with_.args.get("recursive"):
            raise Unsupported("with recursive")
        outer = self.ctes
        self.ctes = outer.new_child()
        try:
            parts = []
            for cte in with_.expressions:
                made = self.query(cte.this, parent)
                alias = cte.args["alias"]
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
            return Query(f"WITH {', '.join(parts)} {_select(body)}", body.columns)
        finally:
            self.ctes = outer

    subquery = query

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
        where = node.args.get("where")
        condition = self.condition(where.this, scope).sql if where is not None else ""
        if scope.aggregates:
            raise EngineError("an aggregate cannot stand in where", hint="use having")
        scope.grouping = lambda: [self.expression(part, scope).sql for part in _grouped(node)]
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
        tail += self._limit(node)
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
                out += self._star(item, scope, None)
            elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
                out += self._star(item.this, scope, item.table)
            else:
                value = self.expression(item, scope)
                out.append((_name(item, value), value))
                if isinstance(item, exp.Alias):
                    scope.aliases.setdefault(item.alias.lower(), value)
        if not out:
            raise EngineError("nothing is selected")
        return out

    def _star(self, item: Any, scope: Scope, qualifier: str | None) -> list[tuple[str, Expr]]:
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

    # -- group by --------------------------------------------------------------------------

    def _group(self, node: Any, scope: Scope, projections: list[tuple[str, Expr]]) -> str:
        group, having = node.args.get("group"), node.args.get("having")
        sql = ""
        if group is not None:
            self.heavy = True
            sql = " GROUP BY " + self._grouping(group, scope, projections)
        elif scope.aggregates:
            self.heavy = True
        if having is not None:
            sql += f" HAVING {self.condition(having.this, scope).sql}"
        return sql

    def _grouping(self, group: Any, scope: Scope, projections: list[tuple[str, Expr]]) -> str:
        plain: list[str] = []
        special: list[str] = []

        def item(node: Any) -> str:
            return self._group_item(node, scope, projections)

        for part in group.expressions:
            if isinstance(part, exp.Rollup | exp.Cube):
                special.append(f"{part.key.upper()} ({', '.join(item(inner) for inner in part.expressions)})")
            elif isinstance(part, exp.GroupingSets):
                special.append(self._grouping_sets(part, item))
            else:
                plain.append(item(part))
        for kind in ("rollup", "cube"):
            for part in group.args.get(kind) or []:
                inside = [item(inner) for inner in part.expressions]
                # ``group by a, b with rollup`` names no expressions of its own: it takes the plain ones.
                special.append(f"{kind.upper()} ({', '.join(inside or plain)})")
                plain = plain if inside else []
        sets = group.args.get("grouping_sets") or []
        if sets:
            # Spark's ``group by a, b grouping sets (...)``: the leading names only declare.
            return ", ".join(self._grouping_sets(part, item) for part in sets)
        if not plain and not special:
            raise Unsupported("this group by")
        return ", ".join([*plain, *special])

    def _grouping_sets(self, node: Any, item: Any) -> str:
        sets = []
        for part in node.expressions:
            inner = part.expressions if isinstance(part, exp.Tuple) else [part.unnest()]
            sets.append(f"({', '.join(item(one) for one in inner)})")
        return f"GROUPING SETS ({', '.join(sets)})"

    def _group_item(self, node: Any, scope: Scope, projections: list[tuple[str, Expr]]) -> str:
        if isinstance(node, exp.Literal) and not node.is_string:
            return self._position(node, projections, "group by").sql
        value = self.expression(node, scope)
        return f"({value.sql} || '')" if isinstance(value.value, str) else value.sql

    def _position(self, node: Any, projections: list[tuple[str, Expr]], where: str) -> Expr:
        index = int(node.this)
        if not 1 <= index <= len(projections):
            raise EngineError(f"{where}: there is no column {index}", offset=place(node)[0])
        return projections[index - 1][1]

    # -- order and limit -------------------------------------------------------------------

    def _order(self, node: Any, scope: Scope, projections: list[tuple[str, Expr]]) -> str:
        orderings = [
            part
            for name in ("order", "sort", "cluster")
            if node.args.get(name) is not None
            for part in node.args[name].expressions
        ]
        if not orderings:
            return ""
        self.heavy = True
        scope.aliases_first = True
        names: dict[str, list[int]] = {}
        for index, (name, _) in enumerate(projections, 1):
            names.setdefault(name.lower(), []).append(index)
        parts = []
        for ordering in orderings:
            inner = ordering.this if isinstance(ordering, exp.Ordered) else ordering
            if isinstance(inner, exp.Literal) and not inner.is_string:
                self._position(inner, projections, "order by")
                sql = str(inner.this)
            elif (
                isinstance(inner, exp.Column)
                and not inner.table
                and len(names.get(inner.name.lower(), [])) == 1
            ):
                sql = str(names[inner.name.lower()][0])
            else:
                value = self.expression(inner, scope)
                matching = [n for n, (_, made) in enumerate(projections, 1) if made.sql == value.sql]
                sql = str(matching[0]) if matching else value.sql
                if value.constant and not matching:
                    continue
            parts.append(direction(sql, ordering))
        return " ORDER BY " + ", ".join(parts) if parts else ""

    def _limit(self, node: Any) -> str:
        sql = ""
        limit, offset = node.args.get("limit"), node.args.get("offset")
        if limit is not None and limit.expression is not None:
            amount = limit.expression
            if not (isinstance(amount, exp.Column) and amount.name.lower() == "all"):
                sql += f" LIMIT {self.expression(amount, Scope()).sql}"
        if offset is not None:
            sql += f" OFFSET {self.expression(offset.expression, Scope()).sql}"
        return sql

    def _modified(self, inner: Query, node: Any) -> Query:
        """A query with its own ``order by`` and ``limit`` (of a set operation, or in parentheses)."""
        scope = Scope()
        sql, source = self.source(inner, "")
        scope.sources.append(source)
        projections = list(source.columns)
        columns = ", ".join(
            f"{value.sql} AS {quote(output.inner)}"
            for (_, value), output in zip(projections, inner.columns, strict=True)
        )
        tail = self._order(node, scope, projections) + self._limit(node)
        return Query(f"SELECT {columns} FROM {sql}{tail}", inner.columns)

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


def _grouped(node: Any) -> list[Any]:
    """The expressions of a group by, each once, in order."""
    group = node.args.get("group")
    out: dict[str, Any] = {}
    for part in [*group.expressions, *group.args.get("grouping_sets", [])] if group is not None else []:
        leaves = (
            part.find_all(exp.Column)
            if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets)
            else [part]
        )
        for leaf in leaves:
            out.setdefault(leaf.sql(), leaf)
    return list(out.values())


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
