"""``script``: the text of a variable as one row; carries code to estimators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.sources.base import SOURCES, LoadRequest
from pybyzer.sources.inline import InlineSource, variable

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible


@SOURCES.register("script")
class ScriptSource(InlineSource):
    """One column ``value``, one row."""

    name = "script"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        ctx.check(self.name, self.parameters, request.options)
        return pa.table({"value": [variable(ctx, request, self.name)]})
