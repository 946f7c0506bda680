"""``csvStr``: CSV lines in a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.arrow import parse_type
from pybyzer.context import Context
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest
from pybyzer.sources.csv_dialect import CSV_PARAMETERS
from pybyzer.sources.csv_reader import CsvReader
from pybyzer.sources.inline import InlineSource, variable

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


@SOURCES.register("csvStr")
class CsvStrSource(InlineSource):
    """One record on each line of the variable's text."""

    name = "csvStr"
    parameters = CSV_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        reader = CsvReader.of(options, ctx.settings.timezone)
        lines = variable(ctx, request, self.name).splitlines()
        names = reader.names([lines])
        if not names:
            raise BadOption(f"csvStr: no columns, because there are no lines in the variable {request.path}")
        kinds = reader.kinds([[lines]], names)
        schema = pa.schema([(name, parse_type(kind)) for name, kind in zip(names, kinds, strict=True)])
        return pa.Table.from_batches(reader.batches([lines], names, kinds), schema)
