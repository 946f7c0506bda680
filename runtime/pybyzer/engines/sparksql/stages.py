"""Costly functions (models) in a select: computed first, once for each row, in large batches.

``select f(x) from t where y > 1`` becomes a stage -- what the rest of the select needs, ``x``, and the
rows that ``where`` leaves -- and a select over the stage's answer. The engine fills a stage when it is
first read; inside a query a function is called for 2,048 rows at a time, and again in each filter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pybyzer.engines.base import SqlFunction
from pybyzer.engines.sparksql.call import Call
from pybyzer.engines.sparksql.clauses import Clauses
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.aggregates import NAMES
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.scope import Output, Scope, Source
from pybyzer.engines.sparksql.types import SqlType, quote
from pybyzer.engines.sparksql.user_functions import arguments


@dataclass(frozen=True, slots=True)
class StageCall:
    """One function of a stage: the columns of the stage's query it takes, the column it gives."""

    function: SqlFunction
    takes: tuple[str, ...]
    gives: str
    returns: SqlType


@dataclass(frozen=True, slots=True)
class Stage:
    """``sql`` gives the columns ``carried`` and what the calls take."""

    sql: str
    carried: tuple[Output, ...]
    calls: tuple[StageCall, ...]
    reads: tuple[Any, ...]


MakeStage = Callable[[Stage], Any]
"""The engine's: a table (``view``, ``columns``) of the carried columns and the calls' results."""


class Stages(Clauses):
    """Takes costly calls out of a select."""

    make_stage: MakeStage | None = None

    def staged(self, node: Any, scope: Scope, source: str, *, generator: bool) -> tuple[str, list[Any], bool]:
        """The from clause after staging, the conditions still to be met, and whether the limit was."""
        where = node.args.get("where")
        conditions: list[Any] = [] if where is None else [where.this]
        if where is not None and isinstance(where.this, exp.And):
            conditions = list(where.this.flatten())
        calls = self._costly(node)
        nested = scope.parent is not None or bool(self.ctes) or generator
        if not calls or not source or self.make_stage is None or nested:
            # Left in place: then the database calls the function itself.
            return source, conditions, False
        limited = False
        while calls:
            # Innermost first: f(g(x)) takes two stages.
            ready = [call for call in calls if not self._inside(call, [c for c in calls if c is not call])]
            rest = [call for call in calls if not any(call is one for one in ready)]
            pure = [part for part in conditions if not self._inside(part, calls)]
            conditions = [part for part in conditions if part not in pure]
            limit = "" if rest or conditions or not self._simple(node) else self._limit(node)
            limited = bool(limit)
            source = self._stage(node, ready, pure, scope=scope, source=source, limit=limit)
            calls = rest
        return source, conditions, limited

    def _costly(self, node: Any) -> list[Any]:
        """The costly calls of this select itself that can be taken out, in order."""
        found = []
        for call in node.find_all(exp.Anonymous):
            function = self.find_function(str(call.this))
            if function is None or function.batch is None or not function.costly:
                continue
            around = call.find_ancestor(exp.Lambda, exp.Select)
            own = around is (node if isinstance(node, exp.Select) else node.find_ancestor(exp.Select))
            inside = any(
                isinstance(part, exp.Window | exp.Select) or _is_aggregate(part) for part in call.walk()
            )
            if own and not inside and call.find_ancestor(exp.Join, exp.Lateral) is None:
                found.append(call)
        return found

    def _inside(self, node: Any, calls: list[Any]) -> bool:
        return any(part is call for part in node.walk() for call in calls)

    def _simple(self, node: Any) -> bool:
        """Whether a limit can be met before the functions are called."""
        if any(node.args.get(part) for part in ("group", "having", "distinct", "order", "sort", "cluster")):
            return False
        return not any(
            isinstance(part, exp.Window) or _is_aggregate(part)
            for item in node.expressions
            for part in item.walk()
        )

    def _stage(
        self,
        node: Any,
        calls: list[Any],
        pure: list[Any],
        *,
        scope: Scope,
        source: str,
        limit: str,
    ) -> str:
        condition = " AND ".join(self.condition(part, scope).sql for part in pure)
        wanted = _names(node)
        outputs: list[Output] = []
        parts: list[str] = []

        def carried(name: str, value: Expr) -> Output:
            output = Output(name, f"c{len(outputs)}", value.type)
            outputs.append(output)
            parts.append(f"{value.sql} AS {output.inner}")
            return output

        sources = [
            (
                member,
                [
                    (name, value, carried(name, value))
                    for name, value in member.columns
                    if _kept(name, wanted)
                ],
            )
            for member in scope.sources
        ]
        merged = {name: (value, carried(name, value)) for name, value in scope.merged.items()}
        before = {key: (value, carried("", value)) for key, value in scope.staged.items()}
        made, results = [], {}
        same: dict[str, Expr] = {}
        for index, call in enumerate(calls):
            if call.sql() in same:
                results[id(call)] = same[call.sql()]
                continue
            function = self.find_function(str(call.this))
            assert function is not None
            called = Call(str(call.this).lower(), list(call.expressions), self._whole, scope)
            _, returns, sqls = arguments(function, called)
            takes = tuple(f"a{index}_{place}" for place in range(len(sqls))) or (f"a{index}_0",)
            parts += [f"{sql} AS {name}" for sql, name in zip(sqls or ["0"], takes, strict=True)]
            made.append(StageCall(function, takes, f"r{index}", returns))
            same[call.sql()] = results[id(call)] = Expr(f"r{index}", returns, called.label)
        sql = f"SELECT {', '.join(parts)} FROM {source}{' WHERE ' + condition if condition else ''}{limit}"
        assert self.make_stage is not None
        table = self.make_stage(Stage(sql, tuple(outputs), tuple(made), tuple(self.reads)))
        self.reads.append(table)
        own = self.fresh()

        def there(value: Expr, inner: str) -> Expr:
            return Expr(f"{own}.{inner}", value.type, value.label)

        scope.sources = [
            Source(member.alias, tuple((name, there(value, output.inner)) for name, value, output in columns))
            for member, columns in sources
        ]
        scope.merged = {name: there(value, output.inner) for name, (value, output) in merged.items()}
        scope.staged = {key: there(value, output.inner) for key, (value, output) in before.items()}
        scope.staged |= {key: there(value, value.sql) for key, value in results.items()}
        return f"{quote(table.view)} AS {own}"


def _is_aggregate(node: Any) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in NAMES


def _names(node: Any) -> set[str] | None:
    """Every name a select mentions; None when a ``*`` means all columns."""
    for star in node.find_all(exp.Star):
        parent = star.parent
        if not (isinstance(parent, exp.Anonymous) and str(parent.this).lower() == "count"):
            return None
    return {part.name.lower() for part in node.find_all(exp.Identifier)}


def _kept(name: str, wanted: set[str] | None) -> bool:
    return wanted is None or name.lower() in wanted
