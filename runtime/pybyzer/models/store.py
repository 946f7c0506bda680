"""Models as tables: a directory becomes rows that any format can store, and rows a directory again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pybyzer.engines.base import Engine
from pybyzer.errors import BadOption
from pybyzer.models.shape import is_archive

if TYPE_CHECKING:
    import pyarrow as pa


class ModelStore:
    """The models among the tables of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @staticmethod
    def is_model(schema: pa.Schema) -> bool:
        """Whether a table of this schema holds a directory (``start, offset, value``)."""
        return is_archive(schema)

    def save(self, path: str, table: str) -> None:
        """Name a directory (or one file) as a model table; it is read when the table is."""
        from pybyzer.models import archive

        archive.pack(path).close()
        self._engine.ingest(table, partial(archive.pack, path))

    def restore(self, table: str, directory: str) -> None:
        """Write a model table's files into ``directory``, replacing what was there."""
        from pybyzer.models import archive

        self._check(table)
        archive.unpack(lambda: self._engine.stream(table).reader, directory)

    def files(self, table: str, limit: int | None = None) -> pa.Table:
        """What to show of a model table: one column ``files``, one row for each member."""
        import pyarrow as pa

        from pybyzer.models import archive

        self._check(table)
        stored = self._engine.stream(table)
        if stored.files:
            found = archive.listed(stored.files)
        else:
            found = archive.members(lambda: self._engine.stream(table).reader)
        names = [f"{m.name}/" if m.isdir() else f"{m.name} ({m.size} bytes)" for m in found]
        return pa.table({"files": pa.array(names[:limit], pa.string())})

    def _check(self, table: str) -> None:
        schema = self._engine.schema(table)
        if not self.is_model(schema):
            raise BadOption(
                f'table "{table}" is not a model: its columns are {", ".join(schema.names)}',
                hint="a model table has exactly the columns start, offset, value (#%schema=file)",
            )
