"""Tables for the notebook's own Python: ``table("t")``, and data frames that SQL can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pybyzer.catalog import Entry
from pybyzer.errors import UnknownName
from pybyzer.events import TableReady
from pybyzer.lang.ast import RunPython, Statement
from pybyzer.preview import take
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import LoadRequest, Source
from pybyzer_magics.render import render

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from pybyzer.context import Context
    from pybyzer.engines.base import Ingestible
    from pybyzer.session import Session

ORIGIN = "a variable of the notebook"
_NAME = re.compile(r"[A-Za-z_]\w*")

Call = Callable[[Callable[[], Any]], Any]
"""Runs work so that it can be interrupted."""


class TableHandle:
    """A table of the session, read when asked: all of it, or as a stream."""

    def __init__(self, session: Session, name: str, call: Call) -> None:
        if name not in session.catalog:
            hint = did_you_mean(name, session.catalog.names())
            raise UnknownName(f'no table "{name}"', hint=hint)
        self.name = name
        self._session = session
        self._call = call

    @property
    def schema(self) -> pa.Schema:
        """Columns and Arrow types."""
        return self._session.engine.schema(self.name)

    @property
    def columns(self) -> list[str]:
        return list(self.schema.names)

    def arrow(self) -> pa.Table:
        """The whole table as Arrow."""
        return self._call(self._read_all)

    def df(self) -> pd.DataFrame:
        """The whole table as a pandas data frame."""
        frame: pd.DataFrame = self.arrow().to_pandas()
        return frame

    def reader(self) -> pa.RecordBatchReader:
        """The table batch by batch: for one that does not fit into memory."""
        return self._session.table(self.name).reader

    def _read_all(self) -> pa.Table:
        return self.reader().read_all()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.reader().__arrow_c_stream__(requested_schema)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        settings = self._session.settings
        shown = self._call(lambda: take(self._session.engine, self.name, settings.preview_rows))
        total = None if shown.more else shown.rows.num_rows
        return render(TableReady(self.name, shown.rows, shown.more, total), settings.timezone)

    def __repr__(self) -> str:
        return f"table({self.name!r})"


def share_frames(session: Session, namespace: Mapping[str, Any], statements: Iterable[Statement]) -> None:
    """Make the data frames that these statements name tables of the session.

    A frame is anything with Arrow's stream interface: pandas, polars, pyarrow. A table of that name made
    in SQL wins; a frame shared earlier is shared anew, with what it holds now.
    """
    frames = {key.lower(): key for key, value in namespace.items() if _is_frame(key, value)}
    if not frames:
        return
    last = session.catalog.last
    for word in {word.lower() for statement in statements for word in _words(statement)}:
        key = frames.get(word)
        if key is not None and _free(session, key):
            session.engine.ingest(key, _arrow(namespace[key]))
            session.catalog.add(Entry(key, ORIGIN))
    session.catalog.last = last


def frame_source(namespace: Mapping[str, Any]) -> type[Source]:
    """The format ``dataframe``: ``load dataframe.`df` as t`` for the data frames of a namespace."""

    class DataFrameSource(Source):
        """A data frame of the notebook's own Python: pandas, Polars, Arrow."""

        name = "dataframe"

        def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
            frames = {key: value for key, value in namespace.items() if _is_frame(key, value)}
            if request.path not in frames:
                hint = did_you_mean(request.path, frames) or "make one in an #%ipython cell"
                raise UnknownName(f'no data frame "{request.path}"', hint=hint)
            return _arrow(frames[request.path])

    return DataFrameSource


def _words(statement: Statement) -> list[str]:
    """Words of a statement that may be names of tables."""
    if isinstance(statement, RunPython):
        return [*statement.inputs, *statement.directives.values()]
    return _NAME.findall(statement.span.text)


def _free(session: Session, name: str) -> bool:
    return name not in session.catalog or session.catalog.get(name).origin == ORIGIN


def _is_frame(key: str, value: object) -> bool:
    hidden = key.startswith("_") or isinstance(value, (type, TableHandle))
    return not hidden and hasattr(value, "__arrow_c_stream__")


def _arrow(frame: Any) -> pa.Table:
    """A frame as an Arrow table, without the column that pandas makes of its index."""
    import pyarrow as pa

    made = pa.table(frame)
    return made.select([name for name in made.schema.names if not name.startswith("__index_level_")])
