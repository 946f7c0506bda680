"""The three methods of an ET: fit, predict, register. A new ET is one file in this folder.

``train`` and ``run`` are the same call, ``fit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pybyzer.context import Context, Parameter
from pybyzer.errors import Span, Unsupported
from pybyzer.registry import Registry

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class FitRequest:
    """One train, run or predict statement, templates filled.

    ``table`` is the input, ``output`` the name the result must get. ``path`` is as written; it is a
    directory under home for most ETs (``ctx.resolve``), a table name for some.
    """

    table: str
    path: str
    output: str
    options: Mapping[str, str] = field(default_factory=dict)
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """One register statement, templates filled."""

    path: str
    function: str
    options: Mapping[str, str] = field(default_factory=dict)
    span: Span | None = None


class Estimator:
    """An ET. What it declares is checked, shown (``!show et``, ``modelParams``) and completed from here.

    ``parameters`` are its options; ``example`` is a short script in Byzer-lang, complete enough to be
    copied into a cell; ``description`` is one line, the class's docstring says more.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    description: ClassVar[str] = ""
    example: ClassVar[str] = ""

    def fit(self, ctx: Context, request: FitRequest) -> None:
        """Train or run: must name its result table ``request.output``."""
        raise Unsupported(f"{self.name} does not support train or run")

    def predict(self, ctx: Context, request: FitRequest) -> None:
        """Apply a saved model to a table: must name its result table ``request.output``."""
        raise Unsupported(f"{self.name} does not support predict")

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        """Make the saved model a SQL function: ``ctx.define(SqlFunction(...))``."""
        raise Unsupported(f"{self.name} does not support register")

    def explain(self, ctx: Context, path: str, options: Mapping[str, str]) -> pa.Table:
        """What the model saved at ``path`` (as written) learned: rows ``name``, ``value``, both text."""
        from pybyzer.models.saved import load_saved

        own = type(self)
        if own.predict is Estimator.predict and own.register is Estimator.register:
            raise Unsupported(f"{self.name} has no model that could be explained")
        return load_saved(ctx.resolve(path), self.name).told()


ESTIMATORS: Registry[type[Estimator]] = Registry("ET", "pybyzer.estimators")


def quoted(name: str) -> str:
    """A name as Spark SQL reads it, in back quotes."""
    return "`" + name.replace("`", "``") + "`"
