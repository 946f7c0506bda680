"""``text``: lines of text files with the file they are from; on the way out one file for each row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.lines import LINE_PARAMETERS, Lines
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, file_url, find, place
from pybyzer.sources.row_files import save_row_files
from pybyzer.sources.tables import Again

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

BATCH_ROWS = 50_000


@SOURCES.register("text")
class TextSource(Source):
    """``file, value``: a row for each line, or with ``wholetext`` for each file. Several paths: ``a,b``."""

    name = "text"
    parameters = (
        Parameter("wholetext", "one row for each file", "false", choices=BOOLEAN),
        *LINE_PARAMETERS,
        *FILE_PARAMETERS,
    )
    save_parameters = (
        Parameter("contentColumn", "the column with the text of a file", required=True),
        Parameter("fileName", "the column with the name of the file, below the path", required=True),
        Parameter("owner", "the user below whose home the path is"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        lines = Lines.of(options)
        whole = options["wholetext"].lower() == "true"
        found: list[tuple[Place, File]] = []
        for path in request.path.split(","):
            at = place(ctx, path.strip(), options)
            found += [(at, file) for file in find(at, options, may_be_empty=True)]
        schema = pa.schema([("file", pa.string()), ("value", pa.string())])

        def batches() -> Iterator[pa.RecordBatch]:
            for at, file in found:
                url = file_url(at, file.path)
                texts = iter([lines.whole(at, file)]) if whole else lines.of_file(at, file)
                for values in _chunks(texts):
                    yield pa.RecordBatch.from_arrays(
                        [pa.array([url] * len(values), pa.string()), pa.array(values, pa.string())],
                        schema=schema,
                    )

        return Again(schema, batches, [file.path for _, file in found])

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        return save_row_files(ctx, request, options, "contentColumn")


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    """Bounded lists of rows."""
    values: list[str] = []
    size = 0
    for text in texts:
        values.append(text)
        size += len(text)
        if len(values) >= BATCH_ROWS or size > 16 << 20:
            yield values
            values, size = [], 0
    if values:
        yield values
