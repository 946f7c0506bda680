"""``jsonStr``: JSON lines in a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.sources.base import SOURCES, LoadRequest
from pybyzer.sources.inline import InlineSource, variable
from pybyzer.sources.json_reader import JSON_PARAMETERS, JsonReader

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


@SOURCES.register("jsonStr")
class JsonStrSource(InlineSource):
    """One document on each line of the variable's text."""

    name = "jsonStr"
    parameters = JSON_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        reader = JsonReader.of(ctx.check(self.name, self.parameters, request.options))
        block = variable(ctx, request, self.name).encode("utf-8", "replace")
        schema = reader.schema([block])
        return pa.Table.from_batches(reader.batches([block], schema), schema)
