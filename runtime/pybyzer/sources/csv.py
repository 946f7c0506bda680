"""``csv``: lines of separated values; every column a string unless types are inferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pybyzer.arrow import parse_type
from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.csv_dialect import CSV_PARAMETERS
from pybyzer.sources.csv_reader import CsvReader
from pybyzer.sources.csv_writer import SAVE_PARAMETERS, csv_format
from pybyzer.sources.lines import LINE_PARAMETERS, Lines, blocks
from pybyzer.sources.parts import save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, find, place
from pybyzer.sources.stopping import until_cancelled
from pybyzer.sources.tables import partitioned

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


@SOURCES.register("csv")
class CsvSource(Source):
    """CSV files; with ``multiLine`` quoted values may span lines."""

    name = "csv"
    parameters = (
        Parameter("multiLine", "values in quotes may hold line ends", "false", choices=BOOLEAN),
        Parameter("skipFirstNLines", "lines left out at the start; with header one more"),
        Parameter("skipLastNLines", "lines left out at the end"),
        *CSV_PARAMETERS,
        *LINE_PARAMETERS,
        *FILE_PARAMETERS,
    )

    save_parameters = SAVE_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = find(at, options)
        lines = Lines.of(options)
        documents = options["multiLine"].lower() == "true"
        reader = CsvReader.of(options, ctx.settings.timezone, documents=documents)

        def chunks(file: File) -> Iterable[bytes | list[str]]:
            return _chunks(at, file, lines, whole=reader.documents)

        names = next((found for file in files if (found := reader.names(chunks(file)))), [])
        if not names:
            raise BadOption(f"csv: no columns, because there are no lines in {at.shown}")
        kinds = reader.kinds((until_cancelled(ctx, chunks(file)) for file in files), names)
        schema = pa.schema([(name, parse_type(kind)) for name, kind in zip(names, kinds, strict=True)])
        return partitioned(files, schema, lambda file: reader.batches(chunks(file), names, kinds))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        return save_parts(ctx, request, csv_format(options, ctx.settings.timezone))


def _chunks(at: Place, file: File, lines: Lines, *, whole: bool) -> Iterator[bytes | list[str]]:
    """A file in blocks of UTF-8, or in lists of lines."""
    if whole:
        yield lines.whole(at, file).encode()
    elif lines.plain:
        yield from blocks(at, file)
    else:
        waiting: list[str] = []
        for line in lines.of_file(at, file):
            waiting.append(line)
            if len(waiting) >= 20_000:
                yield waiting
                waiting = []
        if waiting:
            yield waiting
