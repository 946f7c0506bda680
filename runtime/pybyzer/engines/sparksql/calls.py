"""Function calls of Spark SQL: what surrounds them (distinct, filter, over), and lambdas."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from pybyzer.engines.base import FindFunction
from pybyzer.engines.sparksql.call import RULES, UNSUPPORTED, Call
from pybyzer.engines.sparksql.casts import fresh_variable
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.names import SPARK
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.scope import Query, Scope
from pybyzer.engines.sparksql.types import SqlType
from pybyzer.engines.sparksql.windows import ordered, window
from pybyzer.errors import EngineError, UnknownName, Unsupported
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.expressions import Expressions
    from pybyzer.engines.sparksql.user_functions import UserFunctions

_FAMILIES = (
    "strings", "numbers", "dates", "arrays", "maps", "general", "json", "aggregates", "python", "bits",
    "binary", "crypto", "regexes", "matching", "byte_texts", "urls", "session", "variant", "xpath",
    "number_formats", "lambdas",
    "intervals", "rounding", "randoms", "percentiles", "timestamps", "sketches",
)  # fmt: skip
GENERATORS = (
    "explode", "explode_outer", "posexplode", "posexplode_outer", "inline", "inline_outer",
    "stack", "json_tuple", "variant_explode", "variant_explode_outer",
)  # fmt: skip


class Calls:
    """Translates calls. ``expression``, ``condition`` and ``subquery`` are the other halves'."""

    expression: Callable[[Any, Scope], Expr]
    condition: Callable[[Any, Scope], Expr]
    subquery: Callable[[Any, Scope | None], Query]

    def __init__(self, find_function: FindFunction, user: UserFunctions) -> None:
        for family in _FAMILIES:
            importlib.import_module(f"pybyzer.engines.sparksql.functions.{family}")
        self.find_function = find_function
        self.user = user
        self.volatile = False
        self.heavy = False
        self.costly = False

    @property
    def _whole(self) -> Expressions:
        """Itself: calls are never translated without the rest."""
        return cast("Expressions", self)

    def _anonymous(self, node: Any, scope: Scope, **around: Any) -> Expr:
        if id(node) in scope.staged:
            return scope.staged[id(node)]
        name = str(node.this)
        nodes = list(node.expressions)
        if len(nodes) == 1 and isinstance(nodes[0], exp.Distinct):
            around["distinct"] = True
            nodes = list(nodes[0].expressions)
        if name.lower() == "count" and len(nodes) == 1 and isinstance(nodes[0], exp.Star):
            around["extra"] = {"star": True}
            nodes = []
        if any(isinstance(part, exp.Kwarg) for part in nodes):
            raise Unsupported(f"named arguments of {name}", hint="give them in order")
        return self.call(name, nodes, scope, **around)

    def _filter(self, node: Any, scope: Scope, **around: Any) -> Expr:
        condition = self.condition(node.expression.this, scope)
        around["where"] = condition.sql
        around["label_suffix"] = f" FILTER (WHERE {condition.label})" + around.get("label_suffix", "")
        return self._anonymous(node.this, scope, **around)

    def _ignorenulls(self, node: Any, scope: Scope, **around: Any) -> Expr:
        return self._anonymous(node.this, scope, ignore_nulls=True, **around)

    def _withingroup(self, node: Any, scope: Scope, **around: Any) -> Expr:
        inner = node.this
        name = str(inner.this).lower()
        nodes = list(inner.expressions)
        if len(nodes) == 1 and isinstance(nodes[0], exp.Distinct):
            around["distinct"] = True
            nodes = list(nodes[0].expressions)
        orderings = node.expression.expressions
        if name in ("listagg", "string_agg"):
            made = [ordered(self._whole, one, scope) for one in orderings]
            order = (", ".join(sql for sql, _ in made), ", ".join(label for _, label in made))
            return self.call(name, nodes, scope, extra={"order": order}, **around)
        if name not in ("percentile_cont", "percentile_disc", "mode") or len(orderings) != 1:
            raise Unsupported(f"{name} within group")
        extra = {"order": True, "desc": bool(orderings[0].args.get("desc"))}
        return self.call(name, [orderings[0].this, *nodes], scope, extra=extra, **around)

    def _window(self, node: Any, scope: Scope) -> Expr:
        self.heavy = True
        over, label = window(self._whole, node, scope)
        inner = node.this
        method = getattr(self, f"_{inner.key}", None)
        if method is None or inner.key not in ("anonymous", "filter", "ignorenulls", "withingroup"):
            raise Unsupported(f"over after {inner.key}")
        made = method(inner, scope, over=over, label_suffix=f" OVER {label}")
        assert isinstance(made, Expr)
        return made

    def call(self, name: str, nodes: list[Any], scope: Scope, **around: Any) -> Expr:
        """A function call: the session's own functions first, then Spark's."""
        lower = name.lower()
        function = self.find_function(name)
        call = Call(lower, nodes, self._whole, scope, **around)
        if lower in RULES and function is not None and len(function.parameters) not in (0, len(nodes)):
            # aes_encrypt(s) is ours, aes_encrypt(s, key) is Spark's.
            function = None
        if function is not None:
            return self.user.call(self._whole, function, call)
        if lower in RULES:
            return RULES[lower](call)
        if lower in GENERATORS:
            raise Unsupported(
                f"{name} inside another expression", hint="select it by itself, or lateral view"
            )
        raise refused(name)

    def lambda_(
        self, node: Any, kinds: list[SqlType], scope: Scope, sqls: list[str] | None = None
    ) -> tuple[list[str], Expr]:
        """Parameter names (ours) and the body of a lambda; ``sqls`` say what the parameters are instead."""
        if not isinstance(node, exp.Lambda):
            raise EngineError("a lambda is expected here", hint="x -> x + 1", **at(node))
        names = [part.name for part in node.expressions]
        if len(names) > len(kinds):
            raise EngineError(f"this lambda takes at most {len(kinds)} parameters", **at(node))
        inner = [fresh_variable() for _ in names] if sqls is None else sqls[: len(names)]
        variables = {
            name.lower(): Expr(own, kind, "namedlambdavariable()")
            for name, own, kind in zip(names, inner, kinds, strict=False)
        }
        body = self.expression(node.this, scope.inside(variables))
        arguments = ", ".join("namedlambdavariable()" for _ in names)
        return inner, body.named(f"lambdafunction({body.label}, {arguments})")

    def constants(self, node: Any) -> list[Any]:
        """The values of ``array(1, 2)`` written with literals."""
        if not isinstance(node, exp.Anonymous) or node.name.lower() != "array":
            raise Unsupported("this argument must be a literal, or an array of literals")
        made = [self.expression(part, Scope()) for part in node.expressions]
        if any(not part.constant for part in made):
            raise Unsupported("this argument must be an array of literals")
        return [part.value for part in made]

    def struct_fields(self, node: Any, scope: Scope) -> list[tuple[str, Expr]]:
        """The fields an argument of ``struct`` stands for; an empty name is filled by its place."""
        if isinstance(node, exp.Star):
            return scope.star(None)
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            return scope.star(node.table)
        value = self.expression(node, scope)
        if isinstance(node, exp.Alias):
            inner = self.expression(node.this, scope)
            return [(node.alias, value.named(f"{inner.label} AS {node.alias}"))]
        # A lambda's parameter has its name here, although not in labels.
        return [(node.name if isinstance(node, exp.Column | exp.Dot | exp.Identifier) else "", value)]


def refused(name: str) -> Unsupported | UnknownName:
    """What to say of a function that we have not: Spark has it, or nobody."""
    lower = name.lower()
    if lower in SPARK or lower in UNSUPPORTED:
        return Unsupported(f"the function {name}", hint=UNSUPPORTED.get(lower) or None)
    return UnknownName(f'no function "{name}"', hint=did_you_mean(lower, RULES))


def at(node: Any) -> dict[str, Any]:
    offset, length = place(node)
    return {"offset": offset, "length": length}
