"""Discretizer: numbers become the numbers of the buckets they lie in."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.inputs import (
    ask,
    column,
    double,
    is_number,
    new_column,
    require,
    require_path,
    typed,
    words,
)
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import pyarrow as pa

_INVALID = ("error", "skip", "keep")


@dataclass(frozen=True, slots=True)
class Buckets:
    """One column: bucket ``i`` is from ``splits[i]``, inclusive, to the next; the last holds its end too."""

    input: str
    output: str
    splits: tuple[float, ...]

    def sql(self, invalid: str) -> str:
        """The bucket of the column's value as an expression; NaN is a bucket more when it is kept."""
        value = f"cast({quoted(self.input)} as double)"
        inner = self.splits[1:-1]
        cases = "".join(f" when {value} < {double(split)} then {i}.0d" for i, split in enumerate(inner))
        nan = f"{len(self.splits) - 1}.0d" if invalid == "keep" else "null"
        return (
            f"case when {value} is null then null when isnan({value}) then {nan}{cases}"
            f" else {len(inner)}.0d end as {quoted(self.output)}"
        )


@ESTIMATORS.register("Discretizer")
class Discretizer(Estimator):
    """``bucketizer``: at given splits; ``quantile``: as many values in each bucket, as far as they differ.

    NULL stays NULL. ``handleInvalid`` is about NaN; a value outside the splits is always an error.
    """

    name = "Discretizer"
    description = "numbers to buckets, at given splits or at quantiles"
    example = """
select explode(array(-3.0, 0.5, 7.0)) as a as numbers;
train numbers as Discretizer.`/tmp/models/buckets` where method="bucketizer" and inputCol="a"
    and outputCol="bucket" and splits="-inf,0.0,1.0,inf" as bucketed;
register Discretizer.`/tmp/models/buckets` as bucket;
select bucket(array(double(7)))[0] as b as output;
"""
    parameters = (
        Parameter("method", "bucketizer or quantile", "bucketizer", choices=("bucketizer", "quantile")),
        Parameter("inputCol", "the column of numbers"),
        Parameter("outputCol", "the new column; else the input's name and __output"),
        Parameter("splits", "bucketizer: at least three ascending numbers, -inf and inf among them"),
        Parameter("numBuckets", "quantile: how many buckets", "2"),
        Parameter("inputCols", "several columns, separated by commas"),
        Parameter("outputCols", "their new columns"),
        Parameter("splitsArray", "bucketizer: splits of each column, separated by semicolons, or JSON"),
        Parameter("numBucketsArray", "quantile: buckets of each column, separated by commas"),
        Parameter(
            "handleInvalid", "NaN: error, skip (the row) or keep (a bucket more)", "error", choices=_INVALID
        ),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        grouped = next((key for key in request.options if key.lower().startswith("fitparam.")), None)
        if grouped is not None:
            raise BadOption(
                "The multi-group params are not available for the Discretizer Et!",
                option=grouped,
                hint="inputCols, outputCols and splitsArray are for several columns",
            )
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        inputs, outputs = _columns(ctx, request, options)
        if options["method"].lower() == "bucketizer":
            splits = _given_splits(options, len(inputs))
        else:
            splits = _quantiles(ctx, request.table, inputs, _counts(options, len(inputs)))
        buckets = [Buckets(*three) for three in zip(inputs, outputs, splits, strict=True)]
        invalid = options["handleInvalid"].lower()
        _check(ctx, request.table, buckets, invalid)
        about = [{"input": b.input, "output": b.output, "splits": b.splits} for b in buckets]
        Saved(self.name, {"columns": about, "handleInvalid": invalid}).save(path)
        _apply(ctx, request, buckets, invalid)

    def predict(self, ctx: Context, request: FitRequest) -> None:
        buckets, invalid = _load(ctx, request.path)
        for one in buckets:
            typed(column(ctx, request.table, one.input, "inputCol"), is_number, "numbers", "inputCol")
            new_column(ctx, request.table, one.output, "outputCol")
        _check(ctx, request.table, buckets, invalid)
        _apply(ctx, request, buckets, invalid)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        buckets, invalid = _load(ctx, request.path)
        numbers = pa.list_(pa.float64())
        ctx.define(
            SqlFunction(
                request.function,
                ("numbers",),
                batch=_Buckets(tuple(b.splits for b in buckets), invalid),
                types=(numbers,),
                returns=numbers,
            )
        )


def _columns(ctx: Context, request: FitRequest, options: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Input and output columns, checked."""
    key = "inputCols" if options.get("inputCols") else "inputCol"
    names = words(require(options, key))
    named = "outputCols" if key == "inputCols" else "outputCol"
    fields = [column(ctx, request.table, name, key) for name in names]
    inputs = [typed(field, is_number, "numbers", key).name for field in fields]
    outputs = words(options.get(named, "")) or [f"{name}__output" for name in inputs]
    if len(outputs) != len(inputs):
        raise BadOption(f"{len(inputs)} input columns, but {len(outputs)} output columns", option=named)
    return inputs, [new_column(ctx, request.table, name, named) for name in outputs]


def _given_splits(options: Mapping[str, str], count: int) -> list[tuple[float, ...]]:
    key = "splitsArray" if options.get("splitsArray") else "splits"
    text = require(options, key, hint='as in splits="-inf,0.0,1.0,inf"')
    try:
        if text.strip().startswith("["):
            rows = json.loads(text.replace("-inf", "-Infinity").replace("inf]", "Infinity]"))
            lists = [[float(v) for v in (row if isinstance(row, list) else rows)] for row in rows]
        else:
            lists = [[float(v) for v in part.split(",")] for part in text.split(";")]
    except (ValueError, TypeError):
        raise BadOption(f"{key} must be numbers, -inf or inf: {text}", option=key) from None
    for splits in lists:
        if len(splits) < 3 or any(a >= b for a, b in itertools.pairwise(splits)):
            raise BadOption(f"{key} must be at least three ascending numbers: {text}", option=key)
    if key == "splits":
        lists = lists[:1] * count
    if len(lists) != count:
        raise BadOption(f"{count} input columns, but {len(lists)} lists of splits", option=key)
    return [tuple(splits) for splits in lists]


def _counts(options: Mapping[str, str], count: int) -> list[int]:
    key = "numBucketsArray" if options.get("numBucketsArray") else "numBuckets"
    texts = words(options[key])
    if not all(text.isdigit() and int(text) >= 2 for text in texts) or len(texts) not in (1, count):
        raise BadOption(f'{key} must be whole numbers from 2, not "{options[key]}"', option=key)
    return [int(text) for text in (texts * count if len(texts) == 1 else texts)]


def _quantiles(ctx: Context, table: str, inputs: list[str], counts: list[int]) -> list[tuple[float, ...]]:
    """Splits at values of the table, without repetitions, open at both ends."""
    calls = []
    for i, (name, count) in enumerate(zip(inputs, counts, strict=True)):
        value = f"cast({quoted(name)} as double)"
        shares = ", ".join(str(n / count) for n in range(1, count))
        calls.append(f"percentile_approx(if(isnan({value}), null, {value}), array({shares}), 1000) as `{i}`")
    found = ask(ctx, f"select {', '.join(calls)} from {quoted(table)}")
    made = []
    for i, name in enumerate(inputs):
        values = found.column(str(i))[0].as_py()
        if not values:
            raise BadOption(f'column "{name}" has no numbers', option="inputCol")
        made.append((-math.inf, *sorted(set(values)), math.inf))
    return made


def _check(ctx: Context, table: str, buckets: list[Buckets], invalid: str) -> None:
    """Fail now for values that have no bucket, not when somebody reads the table."""
    calls = []
    for i, one in enumerate(buckets):
        value = f"cast({quoted(one.input)} as double)"
        number = f"if(isnan({value}), null, {value})"
        calls.append(f"min({number}) as `{i}l`, max({number}) as `{i}h`")
        calls.append(f"count(if(isnan({value}), 1, null)) as `{i}n`")
    found = ask(ctx, f"select {', '.join(calls)} from {quoted(table)}").to_pylist()[0]
    for i, one in enumerate(buckets):
        low, high = one.splits[0], one.splits[-1]
        for value in (found[f"{i}l"], found[f"{i}h"]):
            if value is not None and not low <= value <= high:
                raise _outside(value, low, high)
        if found[f"{i}n"] and invalid == "error":
            raise _not_a_number(one.input)


def _outside(value: float, low: float, high: float) -> BadOption:
    return BadOption(
        f"Feature value {value} out of Bucketizer bounds [{low}, {high}]",
        option="splits",
        hint="check the values, or begin the splits with -inf and end them with inf",
    )


def _not_a_number(where: str) -> BadOption:
    return BadOption(
        f"Bucketizer encountered NaN value in {where}",
        option="handleInvalid",
        hint='handleInvalid="skip" leaves such rows out, "keep" puts them in a bucket of their own',
    )


def _apply(ctx: Context, request: FitRequest, buckets: list[Buckets], invalid: str) -> None:
    made = ", ".join(one.sql(invalid) for one in buckets)
    where = ""
    if invalid == "skip":
        kept = (f"not isnan(cast({quoted(b.input)} as double))" for b in buckets)
        known = (f"{quoted(b.input)} is not null" for b in buckets)
        where = f" where {' and '.join((*known, *kept))}"
    ctx.engine.query(f"select *, {made} from {quoted(request.table)}{where}", request.output)


def _load(ctx: Context, path: str) -> tuple[list[Buckets], str]:
    about = load_saved(ctx.resolve(path), "Discretizer").about
    buckets = [Buckets(c["input"], c["output"], tuple(c["splits"])) for c in about["columns"]]
    return buckets, about["handleInvalid"]


@dataclass(frozen=True, slots=True)
class _Buckets:
    """``f(numbers)``: the bucket of each number; the splits of a single column are for all of them."""

    splits: tuple[tuple[float, ...], ...]
    invalid: str

    def __call__(self, numbers: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        from pybyzer.ragged import from_lists, list_array

        rows = from_lists(numbers)
        known = ~np.isnan(rows.values)
        null = numbers.flatten().is_null().to_numpy(zero_copy_only=False)
        if self.invalid == "error" and (~known & ~null).any():
            raise _not_a_number("the argument")
        places = np.arange(len(rows.values)) - rows.starts[rows.rows]
        if len(self.splits) > 1 and (rows.lengths[rows.valid] != len(self.splits)).any():
            raise BadOption(f"the model has {len(self.splits)} columns: pass an array of as many numbers")
        buckets = np.full(len(rows.values), np.nan)
        for i, splits in enumerate(self.splits):
            own = known if len(self.splits) == 1 else known & (places == i)
            values = rows.values[own]
            wrong = (values < splits[0]) | (values > splits[-1])
            if wrong.any():
                raise _outside(float(values[wrong][0]), splits[0], splits[-1])
            inner = np.searchsorted(np.array(splits[1:-1]), values, side="right")
            buckets[own] = inner
            if self.invalid == "keep":
                mine = ~known & ~null if len(self.splits) == 1 else ~known & ~null & (places == i)
                buckets[mine] = len(splits) - 1
        flat = pa.array(buckets, mask=np.isnan(buckets))
        return list_array(flat, rows.lengths, rows.valid)
