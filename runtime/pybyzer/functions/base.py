"""The registry of SQL functions. A new function is a ``SqlFunction`` registered in this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pybyzer.engines.base import SqlFunction
from pybyzer.registry import Registry

if TYPE_CHECKING:
    import pyarrow as pa

FUNCTIONS: Registry[SqlFunction] = Registry("function", "pybyzer.functions")

VECTOR = "struct<type:tinyint,size:int,indices:array<int>,values:array<double>>"
MATRIX = (
    "struct<type:tinyint,numRows:int,numCols:int,colPtrs:array<int>,rowIndices:array<int>,"
    "values:array<double>,isTransposed:boolean>"
)


def define(function: SqlFunction, *aliases: str) -> SqlFunction:
    """Register a function under its own name and further ones."""
    return FUNCTIONS.register(function.name, *aliases)(function)


def macro(name: str, parameters: str, expression: str, description: str) -> SqlFunction:
    """Register a function that Spark SQL can say; ``parameters`` as ``"v, w"``."""
    names = tuple(part.strip() for part in parameters.split(","))
    return define(SqlFunction(name, names, macro=expression, description=description))


def batch(
    name: str, parameters: Mapping[str, str], returns: str, description: str, *, costly: bool = False
) -> Callable[[Callable[..., pa.Array]], Callable[..., pa.Array]]:
    """Decorator: register a function over Arrow arrays, its types given as Spark names.

    ``costly``: it asks somebody else, or gives another answer each time; tables keep its values.
    """

    def add(function: Callable[..., pa.Array]) -> Callable[..., pa.Array]:
        define(Declared(name, function, parameters, returns, description, costly=costly))
        return function

    return add


class Declared(SqlFunction):
    """A batch function that knows its types by name, so that declaring it loads no library."""

    def __init__(
        self,
        name: str,
        function: Callable[..., pa.Array],
        parameters: Mapping[str, str],
        returns: str,
        description: str,
        *,
        costly: bool = False,
    ) -> None:
        super().__init__(name, tuple(parameters), batch=function, description=description, costly=costly)
        self.__dict__["_names"] = (*parameters.values(), returns)

    @cached_property
    def _parsed(self) -> tuple[pa.DataType, ...]:
        from pybyzer.arrow import parse_type

        return tuple(parse_type(name) for name in self.__dict__["_names"])

    def _ignore(self, value: object) -> None:
        """The dataclass sets its defaults; the properties below are what counts."""

    types = property(lambda self: self._parsed[:-1], _ignore)
    returns = property(lambda self: self._parsed[-1], _ignore)
