"""The value of a variable, for formats whose path is the name of one."""

from __future__ import annotations

from pybyzer.context import Context
from pybyzer.errors import UnknownName, Unsupported
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import LoadRequest, SaveRequest, Source


def variable(ctx: Context, request: LoadRequest) -> str:
    """The text of the variable that the path names."""
    value = ctx.variables.get(request.path)
    if value is None:
        raise UnknownName(
            f"key not found: {request.path}",
            span=request.span,
            hint=did_you_mean(request.path, ctx.variables.names()) or f"set {request.path or 'x'}='...';",
        )
    return value


class InlineSource(Source):
    """A format that reads a variable; it cannot be saved to."""

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        raise Unsupported(f"save is not supported in {self.name}")
