"""The embedded engine: DuckDB behind the nine methods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from pybyzer.arrow import Stream
from pybyzer.engines import duckdb_explain, duckdb_scan
from pybyzer.engines.base import ENGINES, FindFunction, Scan, Stored, Write, layout
from pybyzer.engines.dialect import Translation, Translator
from pybyzer.engines.duckdb_database import Database
from pybyzer.engines.duckdb_functions import Functions
from pybyzer.engines.duckdb_ingest import ingest, typed
from pybyzer.engines.duckdb_own import own
from pybyzer.engines.duckdb_stages import Stages
from pybyzer.engines.duckdb_statements import Statements
from pybyzer.engines.duckdb_stream import arrow_schema, direct, stream
from pybyzer.engines.duckdb_tables import Column, Table, Tables
from pybyzer.engines.sparksql.call import RULES
from pybyzer.engines.sparksql.calls import GENERATORS
from pybyzer.engines.sparksql.types import from_duck
from pybyzer.errors import EngineError
from pybyzer.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible


@ENGINES.register("duckdb")
class DuckDBEngine:
    """One in-memory database. Tables are views until keeping their rows pays (``duckdb_tables``)."""

    name: ClassVar[str] = "duckdb"

    def __init__(self, settings: Settings, find_function: FindFunction) -> None:
        self._find_function = find_function
        self._database = Database(settings)
        self._tables = Tables(self._database)
        self._functions = Functions(self._database)
        self._stages = Stages(self._database, self._tables, self._functions)
        self._statements = Statements(self._database, self._tables)

    # -- defining tables -------------------------------------------------------------------

    def query(self, sql: str, name: str | None, *, partitions: int | Sequence[int] | None = None) -> None:
        try:
            self._run(sql, name, partitions)
        except EngineError as error:
            raise _placed(error, sql) from None

    def _run(self, sql: str, name: str | None, partitions: int | Sequence[int] | None) -> None:
        translator = self._translator()
        tree, statement = translator.statement(sql)
        if statement is None:
            table = self._table(translator.translate(tree), partitions)
            if name is not None:
                self._tables.put(name, table)
        elif name is not None:
            raise EngineError(
                "this statement has no rows, so it cannot be named", hint="leave out: as " + name
            )
        else:
            translate = self._translator().translate
            self._statements.run(statement, translate, self._table)

    def query_own(self, sql: str, name: str) -> None:
        """Name the result of a query in DuckDB's own SQL."""
        self._tables.put(name, own(self._database, self._tables, sql))

    def _translator(self) -> Translator:
        return Translator(
            self._tables.reading,
            self._find_function,
            self._functions.register,
            self._tables.names,
            self._stages.make,
        )

    def _table(self, translation: Translation, partitions: int | Sequence[int] | None = None) -> Table:
        """A view of a translated query."""
        reads: tuple[Table, ...] = translation.reads
        for read in reads:
            read.readers += 1
        table = Table(
            self._tables.fresh("v"),
            tuple(Column(c.name, c.inner, c.type) for c in translation.columns),
            reads=reads,
            heavy=translation.heavy,
            volatile=translation.volatile,
            costly=translation.costly,
        )
        table.lay_out(partitions or layout([read.partitions for read in reads]))
        return self._view(translation.sql, table)

    def scan(self, name: str, scan: Scan) -> bool:
        found = duckdb_scan.scan(scan)
        if found is None:
            return False
        table = Table(
            self._tables.fresh("s"),
            (),
            paths=tuple(scan.paths),
            partitions=scan.partitions or 1,
            heavy=found.heavy,
        )
        self._tables.put(name, self._view(found.sql, table))
        return True

    def ingest(self, name: str, data: Ingestible, *, partitions: int | Sequence[int] | None = None) -> None:
        table = ingest(self._database, self._tables, data)
        table.lay_out(partitions or 1)
        self._tables.put(name, table)

    def _view(self, sql: str, table: Table) -> Table:
        """Let ``table`` be the answer of ``sql``; what does not bind is an error here."""
        with self._database.cursor(table.sources()) as cursor:
            found = cursor.types(sql)
        if not table.columns:
            table.columns = tuple(Column(name, name, from_duck(kind)) for name, kind in found)
        table.sql = typed(sql, table.columns, [kind for _, kind in found])
        return table

    # -- reading them ----------------------------------------------------------------------

    def schema(self, name: str) -> pa.Schema:
        return self._schema(self._tables.get(name))

    def _schema(self, table: Table) -> pa.Schema:
        if table.schema is None:
            table.schema = arrow_schema(table.columns)
        return table.schema

    def stream(self, name: str, *, limit: int | None = None) -> Stream:
        table = self._tables.get(name)
        schema = self._schema(table)
        self._tables.use(table, whole=limit is None)
        if limit is None and table.direct is not None:
            reader = direct(self._database, table.direct, schema)
            if reader is not None:
                make = table.direct
                files = make.stored if isinstance(make, Stored) else ()
                return Stream(schema, reader, table.partitions, files=files, keep=make)
        sql = table.shown if limit is None else f"SELECT * FROM ({table.shown}) LIMIT {int(limit)}"
        reader = stream(self._database.open(table.sources()), sql, schema, table)
        return Stream(schema, reader, table.partitions, cuts=table.cuts if limit is None else ())

    def write(self, name: str, write: Write) -> bool:
        # Every format has a writer on the Arrow stream that is as fast and knows Spark's options.
        self._tables.get(name)
        return False

    # -- the rest --------------------------------------------------------------------------

    def settle(self, paths: Iterable[str]) -> None:
        """Compute for good every table that reads files below ``paths``: they are about to change."""
        places = [path.rstrip("/") for path in paths]
        for table in self._tables.all():
            if any(_touches(own, place) for own in table.paths for place in places):
                self._tables.keep(table)

    def drop(self, name: str) -> None:
        self._tables.drop(name)

    def progress(self) -> float | None:
        """The share of the running query that is done, 0 to 1; None when nothing is known."""
        return self._database.progress()

    def tables(self) -> list[str]:
        """The names of all tables, also of those that a ``create`` statement made."""
        return self._tables.names()

    def functions(self) -> list[str]:
        """Spark's functions that a query may call, for completion."""
        return sorted({*RULES, *GENERATORS})

    def explain(self, query: str, *, extended: bool = False) -> dict[str, str]:
        """``sql`` and ``plan`` of a table's name or of a query; nothing is computed."""
        known = self._tables.find(query)
        if known is not None:
            return duckdb_explain.explain(self._database, known, extended=extended)
        try:
            translator = self._translator()
            tree, statement = translator.statement(query)
            if statement is not None:
                raise EngineError("only queries have a plan", hint="select ...")
            table = self._table(translator.translate(tree))
        except EngineError as error:
            raise _placed(error, query) from None
        for read in table.reads:
            read.readers -= 1  # it is not going to read them
        return duckdb_explain.explain(self._database, table, extended=extended)

    def resources(self) -> dict[str, int]:
        """Memory, disk and threads in use, in bytes where they are bytes."""
        return duckdb_explain.resources(self._database)

    def cancel(self) -> None:
        self._database.cancel()

    def close(self) -> None:
        self._database.close()


def _touches(own: str, place: str) -> bool:
    """Whether a scanned path (perhaps a glob) and a directory have files in common."""
    fixed = re.split(r"[*?\[{]", own, maxsplit=1)[0]
    return own.startswith((place + "/", place)) or place.startswith(fixed.rstrip("/") or "/")


def _placed(error: EngineError, sql: str) -> EngineError:
    """An error of the database that names a column, at the first place where the query does."""
    named = re.search(r'"(\w+)"', error.message)
    if error.offset is None and named is not None:
        found = re.search(rf"\b{re.escape(named[1])}\b", sql, re.IGNORECASE)
        if found is not None:
            error.offset, error.length = found.start(), len(named[1])
    return error
