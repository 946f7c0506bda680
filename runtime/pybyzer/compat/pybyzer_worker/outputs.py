"""Rows, tables and frames into spool files: whatever user code hands back as its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, Optional, Sequence

from pybyzer_worker import blocks, columns, jsonrows, spool

if TYPE_CHECKING:
    import pyarrow as pa

Result = Dict[str, Any]
"""``schema`` (as text) and ``files``; or, without pyarrow, only ``files``."""


class Sink:
    """Record batches of growing schemas into files."""

    def __init__(self, directories: Sequence[str], stem: str, schema: Optional[pa.Schema] = None) -> None:
        self._declared = schema is not None
        self._schema = schema
        self._writer = spool.Writer(directories, stem)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows, widening the schema where it is not declared."""
        if self._schema is None:
            self._schema = batch.schema
        elif batch.schema != self._schema:
            if not self._declared:
                self._schema = columns.widened(self._schema, batch.schema)
            batch = columns.cast(batch, self._schema)
        self._writer.write(batch)

    def close(self) -> Result:
        """Finish; what the session needs to read the rows."""
        schema = self._schema
        encoded = spool.encode(schema) if schema is not None else None
        return {"schema": encoded, "files": self._writer.close()}

    def abort(self) -> None:
        """Remove what was written."""
        self._writer.abort()


def write(
    items: Any, directories: Sequence[str], stem: str, schema: Optional[pa.Schema], arrow: bool
) -> Result:
    """Everything in ``items`` (rows, a table, a frame) into files."""
    if not arrow:
        rows = items.to_dict("records") if _is_frame(items) else items
        path = "%s/%s.jsonl" % (spool.place(directories), stem)
        return {"files": [{"path": path, "batches": [jsonrows.dump(_dicts(rows), path)]}]}
    sink = Sink(directories, stem, schema)
    try:
        for batch in as_batches(items, schema):
            sink.write(batch)
        return sink.close()
    except BaseException:
        sink.abort()
        raise


def _dicts(rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise columns.BadRow("row %d is a %s, not a dict: %r" % (number, type(row).__name__, row))
        yield row


def as_batches(items: Any, schema: Optional[pa.Schema]) -> Iterator[pa.RecordBatch]:
    """Record batches of rows, of an Arrow table or reader, or of a frame."""
    import pyarrow as pa

    if _is_frame(items):
        items = _from_frame(items)
    if isinstance(items, pa.RecordBatch):
        items = pa.Table.from_batches([items])
    if isinstance(items, (pa.Table, pa.RecordBatchReader)):
        first = 0
        for batch in items.to_batches() if isinstance(items, pa.Table) else items:
            yield matched(batch, schema, first)
            first += batch.num_rows
    elif isinstance(items, Frames):
        yield from items.batches(schema)
    else:
        yield from blocks.batches(items, columns.converter(schema))


class Frames:
    """Blocks of pandas Series: what ``set_output`` of the original took."""

    def __init__(self, blocks: Iterable[Sequence[Any]]) -> None:
        self._blocks = blocks

    def batches(self, schema: Optional[pa.Schema]) -> Iterator[pa.RecordBatch]:
        """Each block as a batch; columns without a name are ``_0``, ``_1`` ..."""
        import pyarrow as pa

        first = 0
        for block in self._blocks:
            names = [str(s.name) if s.name is not None else "_%d" % i for i, s in enumerate(block)]
            arrays = [pa.Array.from_pandas(series) for series in block]
            batch = pa.RecordBatch.from_arrays(arrays, names=names)
            yield matched(batch, schema, first)
            first += batch.num_rows


def _is_frame(items: Any) -> bool:
    return type(items).__name__ == "DataFrame" and hasattr(items, "to_dict") and hasattr(items, "columns")


def _from_frame(frame: Any) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise columns.BadRow("the frame does not fit a table: %s" % (error,)) from None


def matched(batch: pa.RecordBatch, schema: Optional[pa.Schema], first: int = 0) -> pa.RecordBatch:
    """A batch in the declared schema (columns by name, else by position), or in the types of tables."""
    import pyarrow as pa

    if schema is None:
        wanted = pa.schema([pa.field(f.name, columns.standard_type(f.type)) for f in batch.schema])
        return batch if batch.schema == wanted else columns.cast(batch, wanted)
    if set(schema.names) <= set(batch.schema.names):
        found = [batch.column(batch.schema.get_field_index(name)) for name in schema.names]
    elif len(schema) == batch.num_columns:
        found = list(batch.columns)
    else:
        raise columns.BadRow(
            "the result has the columns %s, the schema has %s"
            % (", ".join(batch.schema.names) or "(none)", ", ".join(schema.names))
        )
    arrays = [_column(array, field, first) for array, field in zip(found, schema)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(array: pa.Array, field: pa.Field, first: int) -> pa.Array:
    import pyarrow as pa

    if array.type == field.type:
        return array
    if not (pa.types.is_string(field.type) or pa.types.is_string(array.type)):
        try:
            return array.cast(field.type)
        except pa.ArrowException:
            pass  # one value is in the way: it is named below
    return columns.converted(array.to_pylist(), field, first)


def joined(results: Sequence[Result], schema: Optional[pa.Schema]) -> Result:
    """The results of several workers as one, in order."""
    files = [file for result in results for file in result["files"]]
    if any("schema" not in result for result in results):
        return {"files": files}  # lines of JSON
    if schema is None:
        for result in results:
            if result["schema"] is not None:
                found = spool.decode(result["schema"])
                schema = found if schema is None else columns.widened(schema, found)
    return {"schema": spool.encode(schema) if schema is not None else None, "files": files}
