"""Columnar files (Parquet, ORC) as Arrow datasets with Spark's types; partitions as columns."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pybyzer.arrow import canonical_schema
from pybyzer.errors import BadOption
from pybyzer.sources.paths import File, Place, explained

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

    from pybyzer.engines.base import Ingestible

_INTEGER = re.compile(r"[+-]?\d+\Z")
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?\Z")


def to_microseconds(schema: pa.Schema) -> pa.Schema:
    """The schema with the canonical types, as files are to have them."""
    return canonical_schema(schema)


def arrow_files(kind: str, at: Place, files: Sequence[File], *, merge: bool = False) -> ds.Dataset:
    """A lazy dataset over files, partition columns last; NULL where a file lacks a column."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    filesystem = arrow_filesystem(at)
    form = ds.OrcFileFormat() if kind == "orc" else ds.ParquetFileFormat()
    with explained("read", at):
        try:
            schemas = [form.inspect(file.path, filesystem) for file in (files if merge else files[:1])]
            schema = pa.unify_schemas(schemas, promote_options="permissive").remove_metadata()
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise BadOption(f"cannot read {at.shown} as {kind}: {error}") from None
    types = partition_types(files)
    whole = pa.schema([f for f in canonical_schema(schema) if f.name not in types])
    for name, dtype in types.items():
        whole = whole.append(pa.field(name, dtype))
    fragments = []
    for file in files:
        expression = ds.scalar(True)
        for key, text in file.partition:
            value = partition_scalar(text, types[key])
            test = ds.field(key) == value if value.is_valid else ds.field(key).is_null()
            expression = expression & test
        fragments.append(form.make_fragment(file.path, filesystem, expression))
    return ds.FileSystemDataset(fragments, whole, form, filesystem)


def arrow_filesystem(at: Place) -> pa.fs.FileSystem:
    """The place's file system as Arrow wants it."""
    import pyarrow.fs as pafs

    if at.local:
        return pafs.LocalFileSystem()
    return pafs.PyFileSystem(pafs.FSSpecHandler(at.fs))


# -- partition columns ---------------------------------------------------------------------


def partition_types(files: Sequence[File]) -> dict[str, pa.DataType]:
    """The columns that ``key=value`` directories stand for, with the types Spark infers."""
    import pyarrow as pa

    names = [key for key, _ in files[0].partition] if files else []
    for file in files:
        if [key for key, _ in file.partition] != names:
            raise BadOption(f"directories are partitioned differently: {files[0].path} and {file.path}")
    types = {}
    for index, name in enumerate(names):
        texts = {file.partition[index][1] for file in files}
        found = [_type_of(text) for text in texts if text is not None]
        types[name] = _widest(found) if found else pa.string()
    return types


def partition_scalar(text: str | None, dtype: pa.DataType) -> pa.Scalar:
    """The value of a partition directory's text."""
    import pyarrow as pa

    if text is None:
        return pa.scalar(None, dtype)
    if pa.types.is_timestamp(dtype):
        moment = datetime.datetime.fromisoformat(text)
        return pa.scalar(moment.replace(tzinfo=moment.tzinfo or datetime.UTC), dtype)
    if pa.types.is_floating(dtype):
        return pa.scalar(float(text.rstrip("dDfF")), dtype)
    return pa.scalar(text, pa.string()).cast(dtype)


def _type_of(text: str) -> pa.DataType:
    import pyarrow as pa

    if _INTEGER.match(text):
        value = int(text)
        if -(1 << 31) <= value < 1 << 31:
            return pa.int32()
        if -(1 << 63) <= value < 1 << 63:
            return pa.int64()
        digits = len(str(abs(value)))
        return pa.decimal128(digits, 0) if digits <= 38 else pa.float64()
    if _DOUBLE.match(text):
        return pa.float64()
    if _is_date(text):
        return pa.date32()
    if _is_timestamp(text):
        return pa.timestamp("us", tz="UTC")
    return pa.string()


def _widest(types: Sequence[pa.DataType]) -> pa.DataType:
    import pyarrow as pa

    if len(set(types)) == 1:
        return types[0]
    order = [pa.int32(), pa.int64(), pa.float64()]
    if all(t in order for t in types):
        return max(types, key=order.index)
    moments = [pa.date32(), pa.timestamp("us", tz="UTC")]
    if all(t in moments for t in types):
        return moments[1]
    return pa.string()


def _is_date(text: str) -> bool:
    try:
        return bool(re.match(r"\d{4}-\d\d-\d\d\Z", text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def _is_timestamp(text: str) -> bool:
    try:
        return bool(re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", text)) and bool(
            datetime.datetime.fromisoformat(text)
        )
    except ValueError:
        return False


def partition_columns(files: Sequence[File], schema: pa.Schema) -> list[pa.Array]:
    """The partition columns of a batch with one row for each file."""
    import pyarrow as pa

    if not files:
        return []
    return [
        pa.array(
            [partition_scalar(file.partition[index][1], schema.field(key).type).as_py() for file in files],
            schema.field(key).type,
        )
        for index, (key, _) in enumerate(files[0].partition)
    ]


def partitioned(
    files: Sequence[File], schema: pa.Schema, batches: Callable[[File], Iterator[pa.RecordBatch]]
) -> Ingestible:
    """Rows of files, again and again, each with the columns its ``key=value`` directories stand for."""
    import pyarrow as pa

    types = partition_types(files)
    inner = [field for field in schema if field.name not in types]
    whole = pa.schema([*inner, *types.items()])

    def rows() -> Iterator[pa.RecordBatch]:
        for file in files:
            constants = [partition_scalar(text, types[key]) for key, text in file.partition]
            for batch in batches(file):
                if not types:
                    yield batch
                    continue
                columns = [batch.column(field.name) for field in inner]
                columns += [pa.repeat(value, batch.num_rows) for value in constants]
                yield pa.RecordBatch.from_arrays(columns, schema=whole)

    return lambda: pa.RecordBatchReader.from_batches(whole, rows())
