"""Delta tables on their way in: native files when the table is plain, else Arrow."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pybyzer.arrow import canonical_schema
from pybyzer.compat.pybyzer_worker import stored
from pybyzer.engines.base import Scan
from pybyzer.errors import BadOption, EngineError, Unsupported
from pybyzer.sources.delta_table import Location, delta_errors, special_features, table_schema
from pybyzer.sources.tables import MOST_LOOKED_AT

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds
    from deltalake import DeltaTable

    from pybyzer.engines.base import Ingestible

VERSION_COLUMN = "__delta_version__"
LARGE_ROWS = 64
"""Rows of a batch of large values: 4 MB of a model."""


def as_of(table: DeltaTable, at: Location, options: Mapping[str, str]) -> DeltaTable:
    """The table at the version or time the options ask for."""
    version, moment = options.get("versionAsOf"), options.get("timestampAsOf")
    if version is not None and moment is not None:
        raise BadOption("versionAsOf and timestampAsOf exclude each other", option="timestampAsOf")
    with delta_errors(at):
        if version is not None:
            if not version.isdigit() or int(version) > table.version():
                raise BadOption(
                    f'delta table {at.shown} has no version "{version}"',
                    option="versionAsOf",
                    hint=f"its latest version is {table.version()}",
                )
            table.load_as_version(int(version))
        elif moment is not None:
            table.load_as_version(_moment(moment))
    return table


def _moment(text: str) -> datetime.datetime:
    try:
        value = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadOption(
            f'timestampAsOf is not a time: "{text}"', option="timestampAsOf", hint="2026-01-31 12:00:00"
        ) from None
    return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)


def native(table: DeltaTable) -> Scan | None:
    """The files of a plain, unpartitioned local table; None when plain files are not the whole truth."""
    if table.metadata().partition_columns or special_features(table):
        return None
    files = ordered_files(table)
    schema = table_schema(table)
    if not files or len(files) > MOST_LOOKED_AT or not all(_has_schema(file, schema) for file in files):
        return None
    return Scan("parquet", tuple(files), schema=schema, partitions=len(files))


def _has_schema(file: str, schema: pa.Schema) -> bool:
    """Whether a file has the table's columns as they are now (schemas evolve, files stay)."""
    import pyarrow.parquet as pq

    if not file.startswith("/"):
        return False
    try:
        return bool(canonical_schema(pq.read_schema(file)).remove_metadata().equals(schema))
    except FileNotFoundError:
        raise EngineError(
            f"{file} belongs to this version of the delta table, but is gone",
            hint="old files are removed by a vacuum: load a newer version",
        ) from None


def ordered_files(table: DeltaTable) -> list[str]:
    """A table's files in the order they were added: local paths, or URLs."""
    order = _by_age(table)
    root = urlsplit(table.table_uri)
    paths = [uri.removeprefix("file://") for uri in table.file_uris()]
    if root.scheme == "file":
        # The table's own directory comes as part of a URL; what follows is as on the disk.
        paths = [
            unquote(root.path) + path[len(root.path) :] if path.startswith(root.path) else path
            for path in paths
        ]
    return sorted(paths, key=order)


def _by_age(table: DeltaTable) -> Callable[[str], tuple[int, str]]:
    """A sort key for paths of a table's files: when each was added, then its name."""
    import pyarrow as pa

    actions = pa.table(table.get_add_actions(flatten=True)).select(["path", "modification_time"])
    added = {posixpath.basename(row["path"]): row["modification_time"] for row in actions.to_pylist()}
    return lambda path: (added.get(posixpath.basename(path), 0), posixpath.basename(path))


def partitions(table: DeltaTable) -> int:
    """How many parts the table was saved in: the files of one save that differ only in their directory
    (a partition's) are one part.
    """
    return max(1, len({posixpath.basename(path) for path in table.file_uris()}))


def arrow(table: DeltaTable) -> Ingestible:
    """The whole table as Arrow, lazily, in the order of its files."""
    import pyarrow.dataset as ds

    schema = table_schema(table)
    if special_features(table):
        return lambda: _through_datafusion(table, schema)
    if not table.file_uris():
        return schema.empty_table()
    whole = table.to_pyarrow_dataset(schema=schema)
    order = _by_age(table)
    fragments = sorted(whole.get_fragments(), key=lambda fragment: order(fragment.path))
    return ds.FileSystemDataset(fragments, schema, whole.format, whole.filesystem)


def pieces(table: DeltaTable) -> Ingestible:
    """A table of large values (a model), a few rows at a time."""
    schema, files = table_schema(table), ordered_files(table)
    if special_features(table) or not files or not all(_has_schema(file, schema) for file in files):
        return arrow(table)

    whole = stored.schema().equals(schema)
    return _Pieces(schema, files, [stored.file(path) for path in files] if whole else [])


class _Pieces:
    """A factory of readers over the files of such a table."""

    def __init__(self, schema: pa.Schema, files: Sequence[str], known: Sequence[Mapping[str, Any]]) -> None:
        self._schema = schema
        self.files = files
        self.stored = known

    def __call__(self) -> pa.RecordBatchReader:
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        for path in self.files:
            # Neither threads nor a buffer ahead: they would hold hundreds of megabytes.
            with pq.ParquetFile(path, pre_buffer=False) as file:
                for batch in file.iter_batches(LARGE_ROWS, use_threads=False):
                    yield pa.RecordBatch.from_arrays(batch.columns, schema=self._schema)


def _through_datafusion(table: DeltaTable, schema: pa.Schema) -> pa.RecordBatchReader:
    """Deletion vectors and the like: deltalake's own query engine applies them."""
    import pyarrow as pa
    from deltalake import QueryBuilder

    try:
        reader = pa.RecordBatchReader.from_stream(
            QueryBuilder().register("t", table).execute("select * from t")
        )
    except Exception as error:
        features = ", ".join(sorted(special_features(table)))
        raise Unsupported(f"this delta table needs {features}: {error}") from None
    batches = (batch for part in reader for batch in pa.Table.from_batches([part]).cast(schema).to_batches())
    return pa.RecordBatchReader.from_batches(schema, batches)


def union_of_versions(table: DeltaTable, first: int, end: int) -> Ingestible:
    """The rows of versions ``first`` ... ``end - 1``, each with its number in ``__delta_version__``."""
    import pyarrow as pa
    from deltalake import DeltaTable

    if end - 1 > table.version():
        raise BadOption(
            f"there is no version {end - 1}",
            option="endingVersion",
            hint=f"the latest version is {table.version()}",
        )
    parts = []
    for version in range(first, end):
        part = DeltaTable(table.table_uri, version=version, storage_options=table._storage_options)
        parts.append((version, table_schema(part), arrow(part)))
    schema = pa.unify_schemas([schema for _, schema, _ in parts], promote_options="permissive")
    whole = schema.append(pa.field(VERSION_COLUMN, pa.int64()))

    def rows() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            for version, _, data in parts:
                reader = data() if callable(data) else _reader(data)
                for batch in reader:
                    yield _with_version(batch, whole, version)

        return pa.RecordBatchReader.from_batches(whole, batches())

    return rows


def _reader(data: pa.Table | ds.Dataset) -> pa.RecordBatchReader:
    import pyarrow as pa

    return data.to_reader() if isinstance(data, pa.Table) else data.scanner().to_reader()


def _with_version(batch: pa.RecordBatch, schema: pa.Schema, version: int) -> pa.RecordBatch:
    import pyarrow as pa

    columns = []
    for field in schema:
        if field.name == VERSION_COLUMN:
            columns.append(pa.array([version] * batch.num_rows, pa.int64()))
        elif field.name in batch.schema.names:
            columns.append(batch.column(field.name).cast(field.type))
        else:
            columns.append(pa.nulls(batch.num_rows, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
