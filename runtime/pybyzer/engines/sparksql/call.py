"""A function call being translated, and the table of what each function name means.

A rule is a line of a table (``name | arguments | result | DuckDB SQL``) or a Python function for what
needs a decision. A name without a rule is unknown: nothing is passed through in hope.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import ANY_KINDS, STRING, VOID, SqlType, parse
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.expressions import Expressions
    from pybyzer.engines.sparksql.scope import Scope

_UPPER = frozenset(
    {
        "sqrt", "exp", "log10", "log2", "log1p", "expm1", "cbrt", "pi", "degrees", "radians", "sin", "cos",
        "tan", "cot", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "hypot", "signum", "rint",
        "regexp_like", "acosh", "asinh", "atanh", "csc", "sec",
    }
)  # fmt: skip
"""Functions whose names Spark writes in capitals in a column's name."""

Rule = Callable[["Call"], Expr]

RULES: dict[str, Rule] = {}
UNSUPPORTED: dict[str, str] = {}
"""Functions of Spark that are known and refused, with what to do instead (may be empty)."""


@dataclass
class Call:
    """One call: its (lower-case) name, argument nodes, and what surrounds it.

    ``after`` is the ``filter`` and ``over`` text of an aggregate, placed where a rule says ``{w}``.
    """

    name: str
    nodes: list[Any]
    translator: Expressions
    scope: Scope
    distinct: bool = False
    where: str | None = None
    over: str | None = None
    ignore_nulls: bool = False
    label_suffix: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def args(self) -> list[Expr]:
        """The arguments, translated."""
        return [self.translator.expression(node, self.scope) for node in self.nodes]

    @property
    def label(self) -> str:
        """The column name Spark gives this call."""
        inner = ", ".join(arg.label for arg in self.args)
        name = self.name.upper() if self.name in _UPPER else self.name
        return f"{name}({'DISTINCT ' if self.distinct else ''}{inner}){self.label_suffix}"

    def result(self, sql: str, kind: SqlType) -> Expr:
        return Expr(sql, kind, self.label)

    def arity(self, least: int, most: int | None = None) -> None:
        """``EngineError`` unless there are that many arguments (``most`` -1: any number)."""
        most = least if most is None else most
        count = len(self.nodes)
        if count < least or (most >= 0 and count > most):
            wanted = (
                str(least) if least == most else f"{least} to {most}" if most >= 0 else f"at least {least}"
            )
            raise EngineError(f"{self.name} takes {wanted} arguments, not {count}")

    def as_(self, index: int, kind: SqlType) -> str:
        """The SQL of an argument, implicitly cast."""
        return implicit(self.args[index], kind, self.name).sql

    def constant(self, index: int) -> Any:
        """The value of an argument that must be a literal."""
        arg = self.args[index]
        if not arg.constant:
            raise Unsupported(f"{self.name}: argument {index + 1} must be a literal here")
        return arg.value

    def lambda_(
        self, index: int, kinds: list[SqlType], sqls: list[str] | None = None
    ) -> tuple[list[str], Expr]:
        """Parameter names and the body of a lambda argument whose parameters have these types.

        ``sqls`` is what each parameter is in SQL, where that is no name.
        """
        return self.translator.lambda_(self.nodes[index], kinds, self.scope, sqls)

    def around(self, condition: str | None = None) -> str:
        """What follows an aggregate: its filter (with one more condition) and its window."""
        conditions = [part for part in (condition, self.where) if part]
        out = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        return out + (f" OVER {self.over}" if self.over else "")

    def aggregate(self) -> None:
        """Say that this call is an aggregate (or a window function)."""
        if self.over is None:
            self.scope.aggregates = True

    def with_args(self, args: list[Expr]) -> Call:
        """This call with other arguments, its label kept."""
        made = replace(self, nodes=list(args), extra=dict(self.extra))
        made.__dict__["args"] = args
        return made


def implicit(value: Expr, kind: SqlType, who: str) -> Expr:
    """``value`` as an argument of a declared type; ``EngineError`` where Spark would not cast by itself."""
    if kind.kind in ANY_KINDS or value.type == kind:
        return value
    refused = (kind.kind in ("array", "map", "struct")) != (value.type.kind in ("array", "map", "struct"))
    if value.type != VOID and (refused or (value.type.kind == "binary" and kind != STRING)):
        raise EngineError(
            f"{who} needs {kind.spark}, but {value.label or 'an argument'} is {value.type.spark}"
        )
    return cast(value, kind)


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a Python rule under names."""

    def add(made: Rule) -> Rule:
        for name in names:
            RULES[name] = made
        return made

    return add


@dataclass(frozen=True, slots=True)
class _Line:
    """A rule read from a table."""

    kinds: tuple[SqlType, ...]
    defaults: tuple[str | None, ...]
    variadic: bool
    result: str
    sql: str
    aggregate: bool

    def __call__(self, call: Call) -> Expr:
        required = sum(1 for default in self.defaults if default is None) - (1 if self.variadic else 0)
        call.arity(required, -1 if self.variadic else len(self.kinds))
        if self.aggregate:
            call.aggregate()
        parts = [
            call.as_(index, self.kinds[min(index, len(self.kinds) - 1)]) for index in range(len(call.args))
        ]
        parts += [default for default in self.defaults[len(parts) :] if default is not None]
        sql = self.sql
        for index, part in enumerate(parts):
            sql = sql.replace(f"{{{index}}}", part)
        sql = sql.replace("{*}", ", ".join(parts))
        if self.aggregate:
            if call.distinct and "{d}" not in sql:
                raise Unsupported(f"{call.name}(distinct ...)")
            distinct = "DISTINCT " if call.distinct else ""
            sql = sql.replace("{d}", distinct).replace("{w}", call.around())
        elif call.distinct or call.where or call.over:
            raise EngineError(f"{call.name} is not an aggregate or window function")
        return call.result(sql, self._type(call))

    def _type(self, call: Call) -> SqlType:
        if self.result.startswith("="):
            return call.args[int(self.result[1:])].type
        return parse(self.result)


def table(lines: str) -> None:
    """Register the rules of a table: ``names | arguments | result | sql``.

    Arguments: types, ``any``; ``?=sql`` gives a default, ``*`` repeats the last. Result: a type, or
    ``=0`` for that of argument 0. In the SQL ``{0}`` is an argument, ``{*}`` all of them; ``{d}`` and
    ``{w}`` (distinct; filter and window) make it an aggregate.
    """
    for line in lines.strip().splitlines():
        if not line.strip() or line.strip().startswith("#"):
            continue
        names, arguments, result, sql = (part.strip() for part in line.split(" | ", 3))
        kinds, defaults = [], []
        variadic = False
        for argument in (
            part.strip() for part in arguments.split(";") if part.strip() and part.strip() != "-"
        ):
            kind, has_default, default = argument.partition("?=")
            if kind.endswith("*"):
                variadic, kind = True, kind[:-1]
            kinds.append(parse(kind))
            defaults.append(default if has_default else None)
        made = _Line(tuple(kinds), tuple(defaults), variadic, result, sql, "{w}" in sql)
        for name in names.split(","):
            RULES[name.strip()] = made


def unsupported(names: str, hint: str = "") -> None:
    """Functions that are known, and refused by name."""
    for name in names.split():
        UNSUPPORTED[name] = hint
