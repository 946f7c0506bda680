"""Spark SQL to the engine's SQL: a ``Translator`` reads a statement and says what it needs and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pybyzer.engines.base import FindFunction, SqlFunction
from pybyzer.engines.sparksql.carried import check
from pybyzer.engines.sparksql.depth import deep
from pybyzer.engines.sparksql.glot import read
from pybyzer.engines.sparksql.queries import Queries
from pybyzer.engines.sparksql.scope import Output
from pybyzer.engines.sparksql.stages import MakeStage
from pybyzer.engines.sparksql.statements import Statement, statement
from pybyzer.engines.sparksql.user_functions import Register, UserFunctions
from pybyzer.registry import did_you_mean


@dataclass(frozen=True, slots=True)
class Translation:
    """A query in DuckDB's SQL, its columns, and the tables it reads.

    ``heavy``: computing it twice is a waste; ``volatile``: twice gives two answers; ``costly``: it calls
    a function that must see each row once.
    """

    sql: str
    columns: tuple[Output, ...]
    reads: tuple[Any, ...]
    heavy: bool
    volatile: bool
    costly: bool


class Translator(Queries):
    """One translation of one statement."""

    def __init__(
        self,
        find_table: Callable[[str], Any],
        find_function: FindFunction,
        register: Register,
        names: Callable[[], Iterable[str]] = list,
        make_stage: MakeStage | None = None,
    ) -> None:
        user = UserFunctions(register)

        def find(name: str) -> SqlFunction | None:
            return None if user.expanding(name) else find_function(name)

        super().__init__(find, user)
        self._names = names
        self.make_stage = make_stage
        self.start(find_table)

    def suggest_table(self, name: str) -> str | None:
        return did_you_mean(name, self._names())

    def statement(self, sql: str) -> tuple[Any, Statement | None]:
        """The tree of a statement, and what it asks for when it is not a query."""
        with deep():
            tree = read(sql)
            return tree, statement(tree)

    def translate(self, tree: Any) -> Translation:
        """The translation of a query's tree."""
        with deep():
            check(tree)
            made = self.query(tree, None)
        sql = made.sql if not made.sql.startswith('"') else f"SELECT * FROM {made.sql}"
        return Translation(sql, made.columns, tuple(self.reads), self.heavy, self.volatile, self.costly)
