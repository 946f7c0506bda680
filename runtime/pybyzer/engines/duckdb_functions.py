"""Batch functions of the session as functions of the database."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

from pybyzer.engines.base import SqlFunction
from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.sparksql.types import SqlType
from pybyzer.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa


class Functions:
    """Registers each function once for each list of argument types, under a name of its own.

    A function that is defined again is another function: tables made with the old one keep it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[tuple[int, tuple[SqlType, ...]], tuple[str, SqlFunction]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def register(self, function: SqlFunction, kinds: tuple[SqlType, ...], returns: SqlType) -> str:
        """The name to call ``function`` by with arguments of these types."""
        with self._lock:
            key = (id(function), kinds)
            if key not in self._names:
                name = f"f{next(self._numbers)}"
                self._create(name, function, kinds, returns)
                # Keeping the function keeps its id from being used again.
                self._names[key] = (name, function)
            return self._names[key][0]

    def _create(self, name: str, function: SqlFunction, kinds: tuple[SqlType, ...], returns: SqlType) -> None:
        from duckdb.func import FunctionNullHandling, PythonUDFType

        # On the main connection: a function dies with the connection that made it.
        with self._database.guard():
            self._database.connection.create_function(
                name,
                _arity(self.checked(function), max(1, len(kinds))),
                [kind.duck for kind in kinds] or ["INTEGER"],
                returns.duck,
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL,
            )

    def checked(self, function: SqlFunction) -> Any:
        """The function on arrays in one piece; its own exceptions are kept aside as they are."""
        batch, returns, takes = function.batch, function.returns, bool(function.types or function.parameters)
        assert batch is not None

        def run(*columns: Any) -> pa.Array:
            import pyarrow as pa

            try:
                arrays = [_whole(column) for column in columns]
                rows = len(arrays[0])
                out = _whole(batch(*arrays) if takes or len(columns) > 1 else batch(arrays[0]))
                if not isinstance(out, pa.Array):
                    out = pa.array(out, returns)
                if len(out) != rows:
                    raise EngineError(f"{function.name} gave {len(out)} values for {rows} rows")
                return out if out.type == returns else out.cast(returns)
            except BaseException as error:
                self._database.failures.append(error)
                raise

        return run


def _whole(column: Any) -> Any:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _arity(run: Any, count: int) -> Any:
    """``run`` with exactly ``count`` parameters: DuckDB counts them."""
    # Each needs parameters of its own: *args would count as one.
    makers: dict[int, Any] = {
        1: lambda a: run(a),  # noqa: PLW0108
        2: lambda a, b: run(a, b),  # noqa: PLW0108
        3: lambda a, b, c: run(a, b, c),  # noqa: PLW0108
        4: lambda a, b, c, d: run(a, b, c, d),  # noqa: PLW0108
        5: lambda a, b, c, d, e: run(a, b, c, d, e),  # noqa: PLW0108
        6: lambda a, b, c, d, e, f: run(a, b, c, d, e, f),  # noqa: PLW0108
        7: lambda a, b, c, d, e, f, g: run(a, b, c, d, e, f, g),  # noqa: PLW0108
        8: lambda a, b, c, d, e, f, g, h: run(a, b, c, d, e, f, g, h),  # noqa: PLW0108
    }
    if count not in makers:
        raise EngineError("a function called from SQL takes at most 8 arguments", hint="pass an array")
    return makers[count]
