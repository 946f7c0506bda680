"""``json``: a line is a record; columns and types are inferred, in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.json_reader import JSON_PARAMETERS, JsonReader
from pybyzer.sources.json_writer import SAVE_PARAMETERS, json_format
from pybyzer.sources.lines import LINE_PARAMETERS, Lines, blocks
from pybyzer.sources.parts import save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, find, place
from pybyzer.sources.stopping import until_cancelled
from pybyzer.sources.tables import partitioned

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


@SOURCES.register("json")
class JsonSource(Source):
    """Files of JSON lines, or with ``multiLine`` of one document each."""

    name = "json"
    parameters = (
        Parameter(
            "multiLine", "a file is one document: an object, or an array of objects", "false", choices=BOOLEAN
        ),
        *JSON_PARAMETERS,
        *LINE_PARAMETERS,
        *FILE_PARAMETERS,
    )

    save_parameters = SAVE_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = find(at, options)
        lines = Lines.of(options)
        reader = JsonReader.of(options, documents=options["multiLine"].lower() == "true")

        def texts(file: File) -> Iterable[bytes]:
            return _blocks(at, file, lines, whole=reader.documents)

        schema = reader.schema(until_cancelled(ctx, (block for file in files for block in texts(file))))
        return partitioned(files, schema, lambda file: reader.batches(texts(file), schema))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        return save_parts(ctx, request, json_format(options, ctx.settings.timezone))


def _blocks(at: Place, file: File, lines: Lines, *, whole: bool) -> Iterator[bytes]:
    """A file as blocks of UTF-8."""
    if whole:
        yield lines.whole(at, file).encode()
        return
    if lines.plain:
        yield from blocks(at, file)
        return
    waiting: list[str] = []
    size = 0
    for line in lines.of_file(at, file):
        waiting.append(line.replace("\n", " ").replace("\r", " "))
        size += len(line)
        if size > 4 << 20:
            yield "\n".join([*waiting, ""]).encode()
            waiting, size = [], 0
    if waiting:
        yield "\n".join(waiting).encode()
