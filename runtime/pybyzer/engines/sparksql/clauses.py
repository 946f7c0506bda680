"""The clauses after a select list: group by, having, order by, limit."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.nested import ordering as ordering_key
from pybyzer.engines.sparksql.relations import Relations
from pybyzer.engines.sparksql.scope import Query, Scope
from pybyzer.engines.sparksql.types import quote
from pybyzer.engines.sparksql.windows import direction
from pybyzer.errors import EngineError, Unsupported


class Clauses(Relations):
    """Translates the clauses that follow a from clause."""

    def _group(self, node: Any, scope: Scope, projections: list[tuple[str, Expr]]) -> str:
        group, having = node.args.get("group"), node.args.get("having")
        sql = ""
        if group is not None and group.args.get("all"):
            # Everything selected that is no aggregate: DuckDB means the same by it.
            self.heavy = True
            sql = " GROUP BY ALL"
        elif group is not None:
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
        by_all = node.args.get("order")
        if by_all is not None and len(by_all.expressions) == 1 and _is_all(by_all.expressions[0].this):
            self.heavy = True
            every = range(1, len(projections) + 1)
            return " ORDER BY " + ", ".join(direction(str(n), by_all.expressions[0]) for n in every)
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
                chosen = self._position(inner, projections, "order by")
                sql = ordering_key(chosen.sql, chosen.type) if chosen.type.parts else str(inner.this)
            elif (
                isinstance(inner, exp.Column)
                and not inner.table
                and len(names.get(inner.name.lower(), [])) == 1
            ):
                place_ = names[inner.name.lower()][0]
                chosen = projections[place_ - 1][1]
                sql = ordering_key(chosen.sql, chosen.type) if chosen.type.parts else str(place_)
            else:
                value = self.expression(inner, scope)
                matching = [n for n, (_, made) in enumerate(projections, 1) if made.sql == value.sql]
                sql = str(matching[0]) if matching else value.sql
                if value.type.parts:
                    sql = ordering_key(value.sql, value.type)
                if value.constant and not matching:
                    continue
            parts.append(direction(sql, ordering))
        return " ORDER BY " + ", ".join(parts) if parts else ""

    def _limit(self, node: Any) -> str:
        sql = ""
        limit, offset = node.args.get("limit"), node.args.get("offset")
        if limit is not None and limit.expression is not None:
            amount = limit.expression
            if not _is_all(amount):
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


def _is_all(node: Any) -> bool:
    """The word ``all`` (of ``limit all``, ``order by all``)."""
    return isinstance(node, exp.Column | exp.Var) and str(node.name).lower() == "all"


def grouped(node: Any) -> list[Any]:
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
