"""NormalizeInPlace and ScalerInPlace: columns of numbers on another scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import replaced, save_with_data, temporary
from pybyzer.estimators.inputs import (
    ask,
    columns,
    flag,
    is_list_of,
    is_number,
    nothing,
    number,
    require,
    require_path,
    typed,
)
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Scale:
    """The method, and what was learned of each column (``low``, ``high``, ``median``: of usual values)."""

    method: str
    learned: Mapping[str, list[float]]
    span: tuple[float, float] = (0.0, 1.0)

    def __call__(self, rows: pa.ListArray) -> pa.Array:
        """``f(array)``: the numbers of a row, scaled; NaN and NULL stay."""
        import numpy as np
        import pyarrow as pa

        from pybyzer.ragged import from_lists, list_array

        width = len(self.learned["mean"])
        dense = from_lists(rows)
        if (dense.lengths[dense.valid] != width).any():
            raise BadOption(f"the model has {width} columns: pass an array of as many numbers")
        values = dense.values.astype(np.float64).reshape(-1, width)
        with np.errstate(all="ignore"):
            scaled = self.scale(values).reshape(-1)
        missing = rows.flatten().is_null().to_numpy(zero_copy_only=False)
        return list_array(pa.array(scaled, mask=missing), dense.lengths, dense.valid)

    def scale(self, values: Matrix) -> Matrix:
        """Rows of numbers, a column for each that was learned."""
        import numpy as np

        known = {name: np.array(numbers) for name, numbers in self.learned.items()}
        if "median" in known:
            odd = (values < known["low"]) | (values > known["high"])
            values = np.where(odd, known["median"], values)
        match self.method:
            case "standard":
                spread = known["std"]
                scaled = np.where(spread > 0, (values - known["mean"]) / spread, 0.0)
            case "p-norm":
                norms = np.nansum(np.abs(values), axis=1, keepdims=True)
                scaled = np.where(norms > 0, values / norms, values)
            case "min-max":
                width = known["max"] - known["min"]
                part = np.where(width > 0, (values - known["min"]) / width, 0.5)
                scaled = part * (self.span[1] - self.span[0]) + self.span[0]
            case "logn":
                scaled = np.log1p(values)
            case "log10":
                scaled = np.log10(values)
            case "sqrt":
                scaled = np.sqrt(values)
            case "abs":
                scaled = np.abs(values)
            case _:
                # The original's log2 is the natural logarithm.
                scaled = np.log(values)
        return np.where(np.isnan(values), values, scaled)


class _Scaler(Estimator):
    """Learns numbers of the columns, writes the scaled table and a model."""

    option: ClassVar[str]

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        names = require(request.options, "inputCols", f"inputCols is required when use SQL{self.name}")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        fields = columns(ctx, request.table, names, "inputCols")
        as_list = len(fields) == 1 and is_list_of(fields[0].type, is_number)
        if not as_list:
            fields = [typed(field, is_number, "numbers", "inputCols") for field in fields]
        values = _values(ctx, request.table, fields, as_list)
        learned = _learn(ctx, request.table, values, flag(options, "removeOutlierValue"))
        span = (number(options, "min"), number(options, "max")) if "min" in options else (0.0, 1.0)
        scale = Scale(options[self.option].lower(), learned, span)
        about = {
            "columns": [f.name for f in fields],
            "method": scale.method,
            "span": span,
            "learned": learned,
        }
        numbers = pa.list_(pa.float64())
        step = temporary(ctx, SqlFunction("", ("row",), batch=scale, types=(numbers,), returns=numbers))
        table = quoted(request.table)
        if as_list:
            name = fields[0].name
            changed, origin = {name: f"{step}(cast({quoted(name)} as array<double>))"}, table
        else:
            row = f"{step}(array({', '.join(values)}))"
            changed = {field.name: f"__scaled__[{i}]" for i, field in enumerate(fields)}
            origin = f"(select *, {row} as __scaled__ from {table}) as scaled"
        sql = replaced(ctx, request.table, changed, origin)
        save_with_data(ctx, path, Saved(self.name, about), sql)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        about = load_saved(ctx.resolve(request.path), self.name).about
        scale = Scale(about["method"], about["learned"], tuple(about["span"]))
        numbers = pa.list_(pa.float64())
        ctx.define(SqlFunction(request.function, ("row",), batch=scale, types=(numbers,), returns=numbers))


@ESTIMATORS.register("NormalizeInPlace")
class NormalizeInPlace(_Scaler):
    """``standard``: mean 0, sample standard deviation 1; ``p-norm``: absolute values of a row add up to 1."""

    name = "NormalizeInPlace"
    option = "method"
    description = "columns of numbers with mean 0 and deviation 1, or rows that add up to 1"
    example = """
select stack(3, 1.0, 10, 2.0, 20, 3.0, 60) as (a, b) as numbers;
train numbers as NormalizeInPlace.`/tmp/models/normal` where inputCols="a,b" and method="standard";
load parquet.`/tmp/models/normal/data` as normal;
register NormalizeInPlace.`/tmp/models/normal` as normalize;
select normalize(array(2.0, 30.0)) as n as t;
"""
    parameters = (
        Parameter("inputCols", "columns of numbers, separated by commas, or one of arrays", required=True),
        Parameter("method", "how", "standard", choices=("standard", "p-norm")),
        Parameter("removeOutlierValue", "true: the median for outliers", "false", choices=BOOLEAN),
    )


@ESTIMATORS.register("ScalerInPlace")
class ScalerInPlace(_Scaler):
    """``log2`` is the natural logarithm, as in the original; ``logn`` is that of one more."""

    name = "ScalerInPlace"
    option = "scaleMethod"
    description = "columns of numbers as logarithms, roots, absolute values, or between two bounds"
    example = """
select stack(3, 1.0, 10, 2.0, 20, 3.0, 60) as (a, b) as numbers;
train numbers as ScalerInPlace.`/tmp/models/scaled` where inputCols="a,b" and scaleMethod="min-max";
load parquet.`/tmp/models/scaled/data` as scaled;
register ScalerInPlace.`/tmp/models/scaled` as scale;
select scale(array(2.0, 30.0)) as s as t;
"""
    parameters = (
        Parameter("inputCols", "columns of numbers, separated by commas, or one of arrays", required=True),
        Parameter(
            "scaleMethod",
            "how",
            "log2",
            choices=("log2", "logn", "log10", "sqrt", "abs", "min-max"),
        ),
        Parameter("min", "min-max: the lower bound", "0"),
        Parameter("max", "min-max: the upper bound", "1"),
        Parameter("removeOutlierValue", "true: the median for outliers", "false", choices=BOOLEAN),
    )


def _values(ctx: Context, table: str, fields: list[pa.Field], as_list: bool) -> list[str]:
    """An expression for each number of a row."""
    if not as_list:
        return [f"cast({quoted(field.name)} as double)" for field in fields]
    name = quoted(fields[0].name)
    rows = f"{quoted(table)} where {name} is not null"
    sizes = ask(ctx, f"select min(size({name})) as a, max(size({name})) as b from {rows}").to_pylist()
    low, high = sizes[0]["a"], sizes[0]["b"]
    if low != high or not high:
        raise BadOption(f"the arrays of {fields[0].name} must be of one size", option="inputCols")
    return [f"cast({name}[{i}] as double)" for i in range(high)]


def _learn(ctx: Context, table: str, values: list[str], outliers: bool) -> dict[str, list[float]]:
    """Mean, deviation, range of each column; with ``outliers`` also what is usual, by quartiles."""
    learned: dict[str, list[float]] = {}
    if outliers:
        calls = [
            f"percentile_approx({_number(value)}, array(0.25d, 0.5d, 0.75d), 10000) as `{i}`"
            for i, value in enumerate(values)
        ]
        found = ask(ctx, f"select {', '.join(calls)} from {quoted(table)}")
        quartiles = [found.column(str(i))[0].as_py() or [0.0] * 3 for i in range(len(values))]
        learned["low"] = [a - 1.5 * (c - a) for a, _, c in quartiles]
        learned["high"] = [c + 1.5 * (c - a) for a, _, c in quartiles]
        learned["median"] = [b for _, b, _ in quartiles]
        values = [
            f"if({v} < cast('{low!r}' as double) or {v} > cast('{high!r}' as double),"
            f" cast('{middle!r}' as double), {v})"
            for v, low, high, middle in zip(
                values, learned["low"], learned["high"], learned["median"], strict=True
            )
        ]
    aggregates = {"mean": "avg", "std": "stddev", "min": "min", "max": "max"}
    calls = [
        f"{function}({_number(value)}) as `{name}{i}`"
        for name, function in aggregates.items()
        for i, value in enumerate(values)
    ]
    found = ask(ctx, f"select {', '.join(calls)} from {quoted(table)}")
    for name in aggregates:
        learned[name] = [found.column(f"{name}{i}")[0].as_py() or 0.0 for i in range(len(values))]
    return learned


def _number(value: str) -> str:
    return f"if(isnan({value}), null, {value})"
