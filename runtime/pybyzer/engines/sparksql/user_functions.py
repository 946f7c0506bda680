"""The session's own SQL functions in a query: macros are written out, batch functions get a name to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pybyzer.engines.base import SqlFunction
from pybyzer.engines.sparksql.call import Call, implicit
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import expression
from pybyzer.engines.sparksql.scope import Scope
from pybyzer.engines.sparksql.types import BINARY, STRING, SqlType, from_arrow
from pybyzer.errors import EngineError, ParseError, Unsupported

if TYPE_CHECKING:
    from pybyzer.engines.sparksql.expressions import Expressions

Register = Callable[[SqlFunction, tuple[SqlType, ...], SqlType], str]
"""Makes a batch function callable for these argument types; gives the name to call it by."""


class UserFunctions:
    """How a query calls what the session registered. ``register`` is the engine's."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._open: list[str] = []

    def expanding(self, name: str) -> bool:
        """Whether we are inside this macro: there, its name means Spark's own function."""
        return name.lower() in self._open

    def call(self, translator: Expressions, function: SqlFunction, call: Call) -> Expr:
        """One call of a session function."""
        # Spark's title has the name as it was registered, however it is called.
        call = replace(call, name=function.name)
        if call.distinct or call.where or call.over:
            raise EngineError(f"{function.name} is not an aggregate or window function")
        if function.macro is not None:
            return self._macro(translator, function, call)
        kinds, returns, parts = arguments(function, call)
        translator.heavy = True
        translator.costly = translator.costly or function.costly
        name = self.register(function, kinds, returns)
        return call.result(f"{name}({', '.join(parts) or '0'})", returns)

    def _macro(self, translator: Expressions, function: SqlFunction, call: Call) -> Expr:
        call.arity(len(function.parameters))
        args = list(call.args)
        for index, kind in enumerate(function.types):
            args[index] = implicit(args[index], from_arrow(kind), function.name)
        variables = {name.lower(): arg for name, arg in zip(function.parameters, args, strict=True)}
        scope = Scope(variables=variables)
        self._open.append(function.name.lower())
        try:
            made = translator.expression(expression(function.macro or ""), scope)
        except (EngineError, ParseError) as error:
            # A place inside the macro's text is no place in the user's.
            error.offset = None
            raise error.noting(f"in the function {function.name}: {function.macro}") from None
        finally:
            self._open.pop()
        call.scope.aggregates = call.scope.aggregates or scope.aggregates
        return Expr(f"({made.sql})", made.type, call.label)


def arguments(function: SqlFunction, call: Call) -> tuple[tuple[SqlType, ...], SqlType, list[str]]:
    """The argument types, the result's type and the arguments' SQL of a call of a batch function."""
    if function.batch is None or function.returns is None:
        raise Unsupported(f"the function {function.name} has no implementation on this engine")
    kinds = tuple(from_arrow(kind) for kind in function.types)
    if not kinds and call.args:
        kinds = tuple(STRING if arg.type.kind == "void" else arg.type for arg in call.args)
    if len(kinds) != len(call.args):
        raise EngineError(f"{function.name} takes {len(kinds)} arguments, not {len(call.args)}")
    parts = [_argument(arg, kind, function.name) for arg, kind in zip(call.args, kinds, strict=True)]
    return kinds, from_arrow(function.returns), parts


def _argument(arg: Expr, kind: SqlType, who: str) -> str:
    if arg.type == STRING and kind == BINARY:
        return f"encode({arg.sql})"
    return implicit(arg, kind, who).sql
