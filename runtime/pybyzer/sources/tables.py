"""Columnar files (Parquet, ORC) as Arrow datasets with Spark's types; partitions as columns."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pybyzer.arrow import canonical_schema
from pybyzer.errors import BadOption
from pybyzer.sources.paths import File, Place, explained

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

    from pybyzer.engines.base import Ingestible

MOST_LOOKED_AT = 2000
"""Files whose own schema is looked at; a table of more is read through Arrow."""
_INTEGER = re.compile(r"[+-]?\d+\Z")
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?\Z")


def to_microseconds(schema: pa.Schema) -> pa.Schema:
    """The schema with the canonical types, as files are to have them."""
    return canonical_schema(schema)


def plain_parquet(files: Sequence[File]) -> pa.Schema | None:
    """The schema of local files that any reader reads alike; None when only some readers do.

    All have the same columns; none has the 96-bit timestamps of older writers, which are instants in
    Spark and wall-clock times elsewhere, and no type that Spark does not have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema: pa.Schema | None = None
    if len(files) > MOST_LOOKED_AT:
        return None
    for file in files:
        try:
            metadata = pq.read_metadata(file.path)
        except (pa.ArrowInvalid, OSError):
            return None  # load says what is wrong with it
        own = metadata.schema.to_arrow_schema().remove_metadata()
        if (schema is not None and own != schema) or canonical_schema(own) != own:
            return None
        if any(metadata.schema.column(i).physical_type == "INT96" for i in range(metadata.num_columns)):
            return None
        schema = own
    return schema


def arrow_files(kind: str, at: Place, files: Sequence[File], *, merge: bool = False) -> ds.Dataset:
    """A lazy dataset over files, partition columns last; NULL where a file lacks a column."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    filesystem = arrow_filesystem(at)
    form = (
        ds.OrcFileFormat()
        if kind == "orc"
        else ds.ParquetFileFormat(read_options={"coerce_int96_timestamp_unit": "us"})
    )
    schemas = []
    for file in files if merge else files[:1]:
        with explained("read", at):
            try:
                schemas.append(canonical_schema(_file_schema(kind, form, file, filesystem)))
            except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
                raise BadOption(f"{file.path} is not a {kind} file: {error}") from None
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive").remove_metadata()
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise BadOption(f"{at.shown}: the files do not fit together: {error}") from None
    types = partition_types(files)
    whole = pa.schema([f for f in schema if f.name not in types])
    for name, dtype in types.items():
        whole = whole.append(pa.field(name, dtype))
    fragments = []
    for file in files:
        expression = ds.scalar(True)
        for key, text in file.partition:
            value = partition_scalar(text, types[key], file.zone)
            test = ds.field(key) == value if value.is_valid else ds.field(key).is_null()
            expression = expression & test
        fragments.append(form.make_fragment(file.path, filesystem, expression))
    return ds.FileSystemDataset(fragments, whole, form, filesystem)


def _file_schema(kind: str, form: ds.FileFormat, file: File, filesystem: pa.fs.FileSystem) -> pa.Schema:
    """A file's columns; timestamps that Spark takes for instants have a zone."""
    import pyarrow.parquet as pq

    if kind == "orc":
        instants = itertools.repeat(True)
        return _with_instants(form.inspect(file.path, filesystem), instants)
    with pq.ParquetFile(file.path, filesystem=filesystem) as opened:
        columns = opened.metadata.schema
        kinds = (columns.column(i).physical_type == "INT96" for i in range(len(columns)))
        return _with_instants(opened.schema_arrow, kinds)


def _with_instants(schema: pa.Schema, instants: Iterator[bool]) -> pa.Schema:
    """The schema with a zone for each timestamp leaf that ``instants`` (one for each leaf) says is one."""
    import pyarrow as pa

    def converted(dtype: pa.DataType) -> pa.DataType:
        if pa.types.is_struct(dtype):
            return pa.struct([field.with_type(converted(field.type)) for field in dtype])
        if pa.types.is_map(dtype):
            return pa.map_(converted(dtype.key_type), converted(dtype.item_type))
        if pa.types.is_list(dtype):
            return pa.list_(converted(dtype.value_type))
        instant = next(instants)
        return pa.timestamp("us", tz="UTC") if instant and pa.types.is_timestamp(dtype) else dtype

    return pa.schema([field.with_type(converted(field.type)) for field in schema])


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


def partition_scalar(text: str | None, dtype: pa.DataType, zone: str = "UTC") -> pa.Scalar:
    """The value of a partition directory's text."""
    import pyarrow as pa

    if text is None:
        return pa.scalar(None, dtype)
    if pa.types.is_timestamp(dtype):
        moment = datetime.datetime.fromisoformat(text)
        return pa.scalar(moment.replace(tzinfo=moment.tzinfo or ZoneInfo(zone)), dtype)
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
            [partition_scalar(f.partition[index][1], schema.field(key).type, f.zone).as_py() for f in files],
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
            constants = [partition_scalar(text, types[key], file.zone) for key, text in file.partition]
            for batch in batches(file):
                if not types:
                    yield batch
                    continue
                columns = [batch.column(field.name) for field in inner]
                columns += [pa.repeat(value, batch.num_rows) for value in constants]
                yield pa.RecordBatch.from_arrays(columns, schema=whole)

    return Again(whole, rows, [file.path for file in files])


class Again:
    """Rows that can be read again and again from ``files``, as the engine wants lazy data."""

    def __init__(
        self, schema: pa.Schema, rows: Callable[[], Iterator[pa.RecordBatch]], files: Sequence[str]
    ) -> None:
        self._schema, self._rows, self.files = schema, rows, files

    def __call__(self) -> pa.RecordBatchReader:
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self._schema, self._rows())
