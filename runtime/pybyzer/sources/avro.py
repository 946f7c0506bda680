"""``avro``: record files, read and written by fastavro, with the types that Spark gives them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption, ByzerError
from pybyzer.sources.avro_types import Reading, arrow_fields, avro_schema
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.parts import PartFormat, save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, explained, find, place
from pybyzer.sources.tables import partitioned, to_microseconds

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

BATCH_ROWS = 10_000
_CODECS = {"uncompressed": "null", "none": "null", "bzip2": "bzip2", "snappy": "snappy", "deflate": "deflate"}
_CODECS |= {"xz": "xz", "zstandard": "zstandard"}


@SOURCES.register("avro", "com.databricks.spark.avro")
class AvroSource(Source):
    """Avro object container files."""

    name = "avro"
    parameters = (
        Parameter("avroSchema", "a schema (JSON) to read with, instead of the files' own"),
        Parameter("ignoreExtension", "without effect: all files are read", choices=BOOLEAN),
        *FILE_PARAMETERS,
    )
    save_parameters = (
        Parameter("compression", "of blocks", "snappy", choices=tuple(_CODECS)),
        Parameter("recordName", "the name of the record", "topLevelRecord"),
        Parameter("recordNamespace", "the namespace of the record", ""),
        Parameter("owner", "the user below whose home the path is"),
        Parameter("implClass", "accepted for old scripts; without effect"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        ctx.require("fastavro", "avro", "fastavro")
        at = place(ctx, request.path, options)
        files = find(at, options)
        own = options.get("avroSchema")
        wanted = _parsed(own) if own else _schema_of(at, files[0])
        schema = pa.schema(arrow_fields(wanted, files[0].path))
        return partitioned(files, schema, lambda file: _batches(at, file, wanted, schema))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        ctx.require("fastavro", "avro", "fastavro")
        codec = _CODECS[options["compression"].lower()]
        schema = to_microseconds(ctx.engine.schema(request.table))
        rest = [field for field in schema if field.name.lower() not in map(str.lower, request.partition_by)]
        record = avro_schema(rest, options["recordName"], options["recordNamespace"])
        how = PartFormat(self.name, ".avro", lambda file, _: AvroSink(file, record, codec))
        return save_parts(ctx, request, how)


def _parsed(text: str) -> dict[str, Any]:
    import fastavro

    try:
        schema = json.loads(text)
        fastavro.parse_schema(schema)
    except (ValueError, fastavro.schema.SchemaParseException, fastavro.schema.UnknownType) as error:
        raise BadOption(f"avro: avroSchema is no schema: {error}", option="avroSchema") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise BadOption("avro: avroSchema must be that of a record", option="avroSchema")
    return schema


def _schema_of(at: Place, file: File) -> dict[str, Any]:
    with explained("read", at), at.fs.open(file.path, "rb") as data:
        schema = _opened(file, data).writer_schema
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise BadOption(f"avro: {file.path} does not hold records", option="path")
    return schema


def _opened(file: File, data: IO[bytes], wanted: dict[str, Any] | None = None) -> Any:
    import fastavro

    try:
        return fastavro.reader(data, reader_schema=wanted)
    except (ValueError, EOFError, KeyError, TypeError) as error:
        raise BadOption(f"{file.path} is not an Avro file: {error}", option="path") from None


def _batches(at: Place, file: File, wanted: dict[str, Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    reading = Reading(wanted)
    kind = pa.struct(list(schema))
    done = 0
    with explained("read", at), at.fs.open(file.path, "rb") as data:
        records = _opened(file, data)
        if records.writer_schema != wanted:
            data.seek(0)
            records = _opened(file, data, wanted)
        while True:
            part: list[Any] = []
            try:
                part.extend(itertools.islice(records, BATCH_ROWS))
            except (ByzerError, OSError, MemoryError):
                raise
            except Exception as error:  # codecs and decoders raise what they like
                why = f"{type(error).__name__}: {str(error)[:200]}"
                raise BadOption(
                    f"avro: {file.path}, after record {done + len(part)}: {why}", option="path"
                ) from None
            if not part:
                return
            done += len(part)
            rows = pa.array(reading.rows(part), kind)
            yield pa.RecordBatch.from_struct_array(rows).cast(schema)


class AvroSink:
    """A file being written."""

    def __init__(self, file: IO[bytes], schema: dict[str, Any], codec: str) -> None:
        from fastavro.write import Writer

        self._writer = Writer(file, schema, codec)

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        wanted = to_microseconds(batch.schema)
        for start in range(0, batch.num_rows, BATCH_ROWS):
            rows = pa.Table.from_batches([batch.slice(start, BATCH_ROWS)]).cast(wanted)
            for row in rows.to_pylist(maps_as_pydicts="strict"):
                self._writer.write(row)

    def close(self) -> None:
        self._writer.flush()

    def abandon(self) -> None:
        """Nothing is open but the file."""
