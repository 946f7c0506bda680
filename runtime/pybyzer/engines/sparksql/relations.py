"""From clauses: tables, subqueries, values, joins, lateral views, pivots, samples."""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.arithmetic import compare
from pybyzer.engines.sparksql.call import RULES, Call
from pybyzer.engines.sparksql.calls import GENERATORS
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest, widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.expressions import Expressions
from pybyzer.engines.sparksql.functions.names import SPARK
from pybyzer.engines.sparksql.generators import Generated, generate
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.pivots import pivot, unpivot
from pybyzer.engines.sparksql.scope import Output, Query, Scope, Source
from pybyzer.engines.sparksql.types import BIGINT, STRING, VOID, quote
from pybyzer.errors import EngineError, UnknownName, Unsupported

FindTable = Callable[[str], Any]
_SIDES = {"LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN", "": "JOIN"}


def unique(name: str, seen: set[str]) -> str:
    """``name``, or with a number when there is one of that name (without case) already."""
    inner, number = name or "_", 0
    while inner.lower() in seen:
        number += 1
        inner = f"{name}_{number}"
    seen.add(inner.lower())
    return inner


class Relations(Expressions):
    """Translates what stands in a from clause."""

    query: Callable[[Any, Scope | None], Query]
    find_table: FindTable

    def start(self, find_table: FindTable) -> None:
        """Begin a statement."""
        self.find_table = find_table
        self.reads: list[Any] = []
        self.ctes: ChainMap[str, Query] = ChainMap()
        self._numbers = itertools.count(1)

    def fresh(self, prefix: str = "s") -> str:
        """An alias nobody else uses in this statement."""
        return f"{prefix}{next(self._numbers)}"

    # -- the whole clause ------------------------------------------------------------------

    def from_clause(self, node: Any, scope: Scope) -> str:
        """The text after FROM (empty without one); fills ``scope.sources``."""
        clause = node.args.get("from_")
        sql = ""
        if clause is not None:
            sql, source = self.relation(clause.this, scope)
            scope.sources.append(source)
            sql = self._joins(sql, clause.this, scope)
        sql = self._joins(sql, node, scope)
        for lateral in node.args.get("laterals") or []:
            sql = self._lateral_view(sql, lateral, scope)
        return sql

    def _joins(self, sql: str, node: Any, scope: Scope) -> str:
        if isinstance(node, exp.Subquery) and node is not None and not isinstance(node.this, exp.Table):
            joins = node.args.get("joins") or []
        else:
            joins = node.args.get("joins") or []
        for join in joins:
            sql = self._join(sql, join, scope)
        if isinstance(node, exp.Table):
            for lateral in node.args.get("laterals") or []:
                sql = self._lateral_view(sql, lateral, scope)
        return sql

    def relation(self, node: Any, scope: Scope) -> tuple[str, Source]:
        """One table, subquery or values list."""
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Anonymous):
            query, alias = self._table_function(node.this, scope), node.alias
        elif isinstance(node, exp.Table):
            query, alias = self._table(node), node.alias or node.name
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            inner = Scope(parent=scope.parent)
            sql, source = self.relation(node.this, inner)
            inner.sources.append(source)
            sql = self._joins(sql, node.this, inner)
            query, alias = self._everything(sql, inner), node.alias
        elif isinstance(node, exp.Subquery | exp.Values | exp.Select | exp.SetOperation):
            query, alias = self.query(node, scope.parent), node.alias
        else:
            raise Unsupported(f"{node.key} in a from clause")
        names = self._renamed(node)
        if node.args.get("pivots") and names:
            # The names stand before the pivot, which sees them.
            columns = zip(names, query.columns, strict=True)
            query = Query(query.sql, tuple(Output(name, c.inner, c.type) for name, c in columns))
            names = None
        for part in node.args.get("pivots") or []:
            query = unpivot(self, query, part) if part.args.get("unpivot") else pivot(self, query, part)
            alias = part.alias or alias
        sample = node.args.get("sample")
        if sample is not None:
            query = self._sample(query, sample)
        return self.source(query, alias, names)

    def source(self, query: Query, alias: str, names: list[str] | None = None) -> tuple[str, Source]:
        """A query as an aliased member of a from clause; ``names`` rename its columns."""
        own = self.fresh()
        if names and len(names) != len(query.columns):
            raise EngineError(f'"{alias}" has {len(query.columns)} columns, but {len(names)} names')
        columns = tuple(
            (name, Expr(f"{own}.{quote(column.inner)}", column.type, name))
            for name, column in zip(names or [c.name for c in query.columns], query.columns, strict=True)
        )
        table = query.sql if query.sql.startswith('"') else f"({query.sql})"
        return f"{table} AS {own}", Source(alias, columns)

    def _renamed(self, node: Any) -> list[str] | None:
        alias = node.args.get("alias")
        return [part.name for part in alias.columns] if alias is not None and alias.columns else None

    def _table(self, node: Any) -> Query:
        name = node.name
        if not node.db and name.lower() in self.ctes:
            return self.ctes[name.lower()]
        full = ".".join(part.name for part in node.parts)
        found = self.find_table(full) or self.find_table(name)
        if found is None:
            offset, length = place(node)
            error = UnknownName(f'no table "{full}"', hint=self.suggest_table(name))
            error.offset, error.length = offset, length
            raise error
        self.reads.append(found)
        columns = tuple(Output(column.name, column.inner, column.type) for column in found.columns)
        return Query(quote(found.view), columns)

    def suggest_table(self, name: str) -> str | None:
        """The closest table names; the engine fills this in."""
        return None

    def _everything(self, sql: str, scope: Scope) -> Query:
        """All columns of a from clause as a query."""
        seen: set[str] = set()
        out, parts = [], []
        for name, value in scope.star(None):
            inner = unique(name, seen)
            out.append(Output(name, inner, value.type))
            parts.append(f"{value.sql} AS {quote(inner)}")
        return Query(f"SELECT {', '.join(parts)} FROM {sql}", tuple(out))

    def _table_function(self, node: Any, scope: Scope) -> Query:
        name = str(node.this).lower()
        if name == "range":
            args = [cast(self.expression(part, Scope()), BIGINT).sql for part in node.expressions[:3]]
            bounds = ["0", *args] if len(args) == 1 else args
            if not args:
                raise EngineError("range takes 1 to 4 arguments")
            return Query(f"SELECT range AS id FROM range({', '.join(bounds)})", (Output("id", "id", BIGINT),))
        if name in GENERATORS:
            inner = Scope(parent=scope.parent)
            sql = self.unnest("", generate(self, node, inner, False), inner, "", None)
            return self._everything(sql, inner)
        if name in SPARK:
            raise Unsupported(f"the table function {name}")
        raise UnknownName(f'no table function "{name}"', hint="range, explode, inline, stack")

    # -- joins -----------------------------------------------------------------------------

    def _join(self, left: str, node: Any, scope: Scope) -> str:
        self.heavy = True
        if isinstance(node.this, exp.Lateral):
            if isinstance(node.this.this, exp.Anonymous) and node.args.get("on") in (None, exp.true()):
                # A generator beside a table is a lateral view of it.
                outer = str(node.args.get("side") or "").upper() == "LEFT"
                return self._lateral_view(left, node.this, scope, outer=outer)
            return self._lateral_join(left, node, scope)
        right, source = self.relation(node.this, scope)
        side = str(node.args.get("side") or "").upper()
        kind = str(node.args.get("kind") or "").upper()
        natural = str(node.args.get("method") or "").upper() == "NATURAL"
        using = [part.name for part in node.args.get("using") or []]
        if natural:
            mine = {name.lower() for name, _ in scope.star(None)}
            using = [name for name, _ in source.columns if name.lower() in mine]
        before = list(scope.sources)
        if using:
            condition, merged = self._using(using, scope, source, side)
        scope.sources.append(source)
        if using:
            if kind not in ("SEMI", "ANTI"):
                self._merge(using, merged, before, source, scope)
        elif node.args.get("on") is not None:
            condition = self.condition(node.args["on"], scope).sql
        else:
            condition = ""
        if kind in ("SEMI", "ANTI"):
            scope.sources = before
            return f"{left} {kind} JOIN {right} ON {condition or 'true'}"
        if not condition and not side:
            return f"{left} CROSS JOIN {right}"
        return f"{left} {_SIDES[side]} {right} ON {condition or 'true'}"

    def _using(
        self, using: list[str], scope: Scope, source: Source, side: str
    ) -> tuple[str, dict[str, Expr]]:
        conditions, merged = [], {}
        for name in using:
            mine = scope.column([name])
            theirs = source.find(name)
            if len(theirs) != 1:
                raise EngineError(f'using: no column "{name}" on the right')
            conditions.append(compare("=", mine, theirs[0]).sql)
            kind = widest(mine.type, theirs[0].type) or mine.type
            a, b = cast(mine, kind).sql, cast(theirs[0], kind).sql
            sql = {"FULL": f"coalesce({a}, {b})", "RIGHT": b}.get(side, a)
            merged[name.lower()] = Expr(sql, kind, mine.label or name)
        return " AND ".join(conditions), merged

    def _merge(
        self, using: list[str], merged: dict[str, Expr], before: list[Source], source: Source, scope: Scope
    ) -> None:
        scope.merged = {**scope.merged, **merged}
        for member in (*before, source):
            hidden = scope.hidden.setdefault(member.alias.lower(), [])
            hidden += [name.lower() for name in using]

    def _lateral_join(self, left: str, node: Any, scope: Scope) -> str:
        inner = node.this.this
        if not isinstance(inner, exp.Subquery):
            raise Unsupported("lateral before something else than a subquery")
        sql, source = self.source(self.query(inner, scope), node.this.alias, self._renamed(node.this))
        scope.sources.append(source)
        side = "LEFT JOIN LATERAL" if str(node.args.get("side") or "").upper() == "LEFT" else "JOIN LATERAL"
        on = node.args.get("on")
        return f"{left} {side} {sql} ON {self.condition(on, scope).sql if on is not None else 'true'}"

    # -- rows from lists -------------------------------------------------------------------

    def _lateral_view(self, left: str, node: Any, scope: Scope, *, outer: bool = False) -> str:
        call = node.this
        if not isinstance(call, exp.Anonymous) or str(call.this).lower() not in GENERATORS:
            raise Unsupported(
                "lateral view of something else than explode, posexplode, inline, stack, json_tuple"
            )
        made = generate(self, call, scope, outer or bool(node.args.get("outer")))
        alias = node.args.get("alias")
        names = [part.name for part in alias.columns] if alias is not None else []
        return self.unnest(left, made, scope, alias.name if alias is not None else "", names)

    def unnest(self, left: str, made: Generated, scope: Scope, alias: str, names: list[str] | None) -> str:
        """The from clause with the columns of a generator beside those it had.

        Everything goes through one subselect: unnesting in a select list keeps the order of the rows,
        a lateral join does not.
        """
        own = self.fresh("u")
        if names and len(names) != len(made.columns):
            raise EngineError(f"{len(made.columns)} columns are made here, but {len(names)} names are given")
        parts: list[str] = []

        def carried(value: Expr) -> Expr:
            name = f"c{len(parts)}"
            parts.append(f"{value.sql} AS {name}")
            return Expr(f"{own}.{name}", value.type, value.label)

        sources = [
            Source(source.alias, tuple((name, carried(value)) for name, value in source.columns))
            for source in scope.sources
        ]
        scope.merged = {name: carried(value) for name, value in scope.merged.items()}
        unnested: dict[str, str] = {}
        for index, one in enumerate(made.lists):
            parts.append(f"unnest({one}) AS u{index}")
            unnested[f"{{u{index}}}"] = f"{own}.u{index}"
        columns = []
        for index, (name, sql, kind) in enumerate(made.columns):
            placed = sql
            for mark, replacement in unnested.items():
                placed = placed.replace(mark, replacement)
            shown = names[index] if names else name
            value = Expr(placed, kind, shown)
            columns.append((shown, value if made.lists else carried(value)))
        scope.sources = [*sources, Source(alias, tuple(columns))]
        return f"(SELECT {', '.join(parts)}{' FROM ' + left if left else ''}) AS {own}"

    # -- values and samples ----------------------------------------------------------------

    def values(self, node: Any, parent: Scope | None) -> Query:
        """``values (1, 'a'), (2, 'b')``: columns ``col1``, ``col2`` ..."""
        scope = Scope(parent=parent)
        rows = [
            [
                self.expression(cell, scope)
                for cell in (row.expressions if isinstance(row, exp.Tuple) else [row])
            ]
            for row in node.expressions
        ]
        if len({len(row) for row in rows}) != 1:
            raise EngineError("the rows of values have different lengths")
        outputs, kinds = [], []
        for index, column in enumerate(zip(*rows, strict=True), 1):
            kind = widest_of(cell.type for cell in column)
            if kind is None:
                raise EngineError(f"values: the types of column {index} do not meet")
            kinds.append(STRING if kind == VOID else kind)
            outputs.append(Output(f"col{index}", f"col{index}", VOID if kind == VOID else kind))
        text = ", ".join(
            "(" + ", ".join(cast(cell, kind).sql for cell, kind in zip(row, kinds, strict=True)) + ")"
            for row in rows
        )
        names = ", ".join(quote(output.inner) for output in outputs)
        own = self.fresh("v")
        return Query(f"SELECT {names} FROM (VALUES {text}) AS {own}({names})", tuple(outputs))

    def _sample(self, query: Query, node: Any) -> Query:
        names = ", ".join(quote(column.inner) for column in query.columns)
        own = self.fresh()
        table = query.sql if query.sql.startswith('"') else f"({query.sql})"
        if node.args.get("percent") is not None:
            percent = float(node.args["percent"].name)
            if node.args.get("seed") is not None:
                call = Call("rand", [exp.Literal.number(node.args["seed"].name)], self._whole, Scope())
                draw = RULES["rand"](call).sql
                inner = f"SELECT *, {draw} AS drawn FROM {table}"
                where = f"drawn < {percent / 100!r}"
                return Query(f"SELECT {names} FROM ({inner}) AS {own} WHERE {where}", query.columns)
            self.volatile = self.volatile or 0 < percent < 100
            where = f"random() < {percent / 100!r}" if percent < 100 else "true"
            return Query(f"SELECT {names} FROM {table} AS {own} WHERE {where}", query.columns)
        size = node.args.get("size")
        if size is not None and not node.args.get("bucket_numerator"):
            return Query(f"SELECT {names} FROM {table} AS {own} LIMIT {int(size.name)}", query.columns)
        raise Unsupported("tablesample (bucket ...)", hint="tablesample (10 percent)")
