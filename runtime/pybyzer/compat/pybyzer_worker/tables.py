"""A table in user code's hands: rows, a frame, Arrow or parts, read as often as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

from pybyzer_worker import parts

if TYPE_CHECKING:
    import pyarrow as pa


class InputTable:
    """One input of a cell. Iterating gives rows as dicts."""

    def __init__(self, table: parts.Table) -> None:
        self._table = table

    @property
    def name(self) -> str:
        """The table's name."""
        return self._table.name

    @property
    def columns(self) -> List[str]:
        """The names of its columns."""
        return list(self._table.names)

    def parts(self, count: Optional[int] = None) -> List[parts.Part]:
        """Its contiguous parts, in order."""
        return self._table.parts(count)

    def collect(self) -> Iterator[Dict[str, Any]]:
        """All rows as dicts, in order."""
        for part in self.parts():
            yield from part.rows()

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        return self.collect()

    def __len__(self) -> int:
        return self._table.rows

    def to_arrow(self) -> pa.Table:
        """All rows as one Arrow table over shared memory."""
        import pyarrow as pa

        batches = [batch for part in self.parts() for batch in part.batches()]
        return pa.Table.from_batches(batches, self._table.schema())

    def to_pandas(self) -> Any:
        """All rows as a pandas frame; an empty table keeps its columns."""
        if any(part.is_json for part in self.parts()):
            import pandas

            return pandas.DataFrame(list(self.collect()), columns=self.columns)
        return self.to_arrow().to_pandas()
