"""The value of a variable, for formats whose path is the name of one."""

from __future__ import annotations

from pybyzer.context import Context
from pybyzer.errors import UnknownName, Unsupported
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import LoadRequest, SaveRequest, Source


def variable(ctx: Context, request: LoadRequest, kind: str) -> str:
    """The text of the variable that the path names."""
    value = ctx.variables.get(request.path)
    if value is None:
        how = f"the path names a variable: set data = '...'; load {kind}.`data` as t;"
        close = did_you_mean(request.path, ctx.variables.names()) if request.path.isidentifier() else None
        raise UnknownName(f"key not found: {_shortened(request.path)}", hint=close or how)
    return value


def _shortened(text: str) -> str:
    """A key on one line: it may be the data itself, put in the wrong place."""
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:60] + "..."


class InlineSource(Source):
    """A format that reads a variable; it cannot be saved to."""

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        raise Unsupported(f"save is not supported in {self.name}")
