"""What plug-ins declare, as tables: for ``!show``, for ``load modelParams.`` and its relatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import parse_type
from pybyzer.context import Context, Parameter

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table: column names, rows of values; ``types`` are Spark's, of the columns that are no text."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    types: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """The same in Arrow."""
        import pyarrow as pa

        values = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.columns)
        arrays = {name: self._array(name, cells) for name, cells in zip(self.columns, values, strict=True)}
        return pa.table(arrays)

    def _array(self, name: str, cells: Sequence[object]) -> pa.Array:
        import pyarrow as pa

        if name in self.types:
            return pa.array(cells, parse_type(self.types[name]))
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def ets(ctx: Context) -> Rows:
    """Every ET: ``algType`` says whether it learns a model or only changes tables."""
    registry = ctx.registries["ET"]
    things = [(name, registry.get(name)) for name in registry.names()]
    columns = ("name", "algType", "sparkCompatibility", "doc", "docType")
    return Rows(columns, [(name, _kind(thing), "", thing.description, "text") for name, thing in things])


def et_example(ctx: Context, name: str) -> Rows:
    """One ET: a script that runs, and what the ET is for."""
    thing = ctx.registries["ET"].get(name)
    doc = inspect.cleandoc(thing.__doc__ or "")
    about = {
        "name": name,
        "codeExample": thing.example.strip() or _call(name, thing.parameters),
        "codeType": "sql",
        "doc": f"{thing.description}\n\n{doc}".strip(),
        "docType": "text",
    }
    return Rows(("name", "value"), list(about.items()))


def et_parameters(ctx: Context, name: str) -> Rows:
    """The options of one ET."""
    return _parameters(ctx.registries["ET"].get(name).parameters)


def formats(ctx: Context) -> Rows:
    """Every format."""
    return Rows(("name",), [(name,) for name in ctx.registries["format"].names()])


def format_parameters(ctx: Context, name: str) -> Rows:
    """The options of one format; those that only save knows say so."""
    thing = ctx.registries["format"].get(name)
    both = _parameters(thing.parameters)
    known = {parameter.name for parameter in thing.parameters}
    saving = [p for p in thing.save_parameters if p.name not in known]
    return Rows(both.columns, [*both.rows, *((p.name, f"save: {_described(p)}") for p in saving)])


def functions(ctx: Context) -> Rows:
    """Every function that SQL may call: the engine's, ours, and those of this session."""
    native: Callable[[], list[str]] = getattr(ctx.engine, "functions", list)
    spelt = (name for name in native() if name.isidentifier())  # some are operators
    names = sorted({*spelt, *ctx.registries["function"].names()}, key=str.lower)
    return Rows(("function",), [(name,) for name in names])


def function(ctx: Context, name: str) -> Rows:
    """One function: how it is called, and what it does where that is declared."""
    native: Callable[[], list[str]] = getattr(ctx.engine, "functions", list)
    thing = ctx.registries["function"].find(name)
    if thing is None and name.lower() in native():
        lines = [f"Function: {name.lower()}", f"Usage: {name.lower()}(...), as in Spark SQL"]
    else:
        thing = thing or ctx.registries["function"].get(name)
        lines = [f"Function: {thing.name}", f"Usage: {thing.name}({', '.join(thing.parameters) or '...'})"]
        lines += [thing.description] if thing.description else []
    return Rows(("function_desc",), [(line,) for line in lines])


def commands(ctx: Context) -> Rows:
    """Every command with its synopsis."""
    registry = ctx.registries["command"]
    things = [(name, registry.get(name)) for name in registry.names()]
    return Rows(
        ("command", "description"),
        [(thing.usage.replace(f"!{thing.name}", f"!{name}"), thing.description) for name, thing in things],
    )


def _parameters(parameters: Sequence[Parameter]) -> Rows:
    return Rows(("param", "description"), [(p.name, _described(p)) for p in parameters])


def _described(parameter: Parameter) -> str:
    extras = []
    if parameter.required:
        extras.append("required")
    if parameter.default is not None:
        extras.append(f"default {parameter.default or 'empty'}")
    if parameter.choices:
        extras.append("one of " + ", ".join(parameter.choices))
    return parameter.description + (f" ({'; '.join(extras)})" if extras else "")


def _call(name: str, parameters: Sequence[Parameter]) -> str:
    """A call with what it needs, for an ET that gives no example."""
    required = " and ".join(f'{p.name}="..."' for p in parameters if p.required)
    return f"run table as {name}.`path`{f' where {required}' if required else ''} as result;"


def _kind(thing: Any) -> str:
    """``algorithm`` for what learns a model, ``feature engineer`` for what only changes tables."""
    methods = (thing.predict, thing.register)
    learns = all(not method.__qualname__.startswith("Estimator.") for method in methods)
    return "algorithm" if learns else "feature engineer"
