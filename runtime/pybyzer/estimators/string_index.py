"""StringIndex: labels become numbers, the most frequent one 0, and numbers labels again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.models.directory import replacing
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_ORDERS = {
    "frequencyDesc": [("n", "descending"), ("label", "ascending")],
    "frequencyAsc": [("n", "ascending"), ("label", "ascending")],
    "alphabetDesc": [("label", "descending")],
    "alphabetAsc": [("label", "ascending")],
}
_UNKNOWN = "__unknow__"
"""What ``f_r`` answers for a number that is no index; spelt as in the original."""


FEW = 500
"""Labels up to which Arrow's own look-up is the fastest."""


@dataclass(frozen=True)
class Model:
    """The labels by index, and how they were learned."""

    labels: pa.StringArray
    input: str
    output: str
    invalid: str

    def save(self, path: str) -> None:
        """Write ``labels.parquet`` and ``model.json``, both or none."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {"ET": "StringIndex", "inputCol": self.input, "outputCol": self.output}
        with replacing(path) as fresh:
            pq.write_table(pa.table({"label": self.labels}), os.path.join(fresh, "labels.parquet"))
            with open(os.path.join(fresh, "model.json"), "w", encoding="utf-8") as file:
                json.dump(about | {"handleInvalid": self.invalid}, file, ensure_ascii=False)

    @classmethod
    def load(cls, path: str) -> Model:
        """Read a saved model; ``BadOption`` when there is none."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with open(os.path.join(path, "model.json"), encoding="utf-8") as file:
                about = json.load(file)
            labels = pq.read_table(os.path.join(path, "labels.parquet")).column("label").combine_chunks()
            return cls(labels, about["inputCol"], about["outputCol"], about["handleInvalid"])
        except (OSError, KeyError, ValueError, pa.ArrowException):
            raise BadOption(
                f"{path} is not a model of StringIndex", hint="train t as StringIndex.`path` makes one"
            ) from None

    def index(self, words: pa.Array) -> pa.Array:
        """The index of each word, NULL for an unknown one."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(self.labels) <= FEW:
            return pc.index_in(words, value_set=self.labels)
        get = self._places.get
        return pa.array([get(word) for word in words.to_pylist()], pa.int32())

    @cached_property
    def _places(self) -> dict[str, int]:
        """The index of each label. Arrow would hash all labels again for each batch of words."""
        return {label: index for index, label in enumerate(self.labels.to_pylist())}

    def invalid_word(self, word: str | None) -> BadOption:
        """The error for a word that was not there in training."""
        what = "NULL" if word is None else f'"{word}"'
        count = len(self.labels)
        return BadOption(
            f"StringIndex: {what} is not one of the {count} labels learned from {self.input}",
            option="inputCol",
            hint=f'handleInvalid="keep" gives it the index {count}, "skip" leaves the row out',
        )


@ESTIMATORS.register("StringIndex")
class StringIndex(Estimator):
    """Learns the values of a column (or the elements of an array column)."""

    name = "StringIndex"
    description = "labels to numbers (0 = most frequent) and back"
    example = """
select explode(array("ant", "bee", "ant")) as name as animals;
train animals as StringIndex.`/tmp/models/animals` where inputCol="name" and outputCol="label" as indexed;
register StringIndex.`/tmp/models/animals` as animal;
select name, animal(name) as label from animals as labelled;
"""
    parameters = (
        Parameter("inputCol", "the column of labels: string or array<string>", required=True),
        Parameter("outputCol", "the new column, of doubles"),
        Parameter("handleInvalid", "NULL and unseen labels", "error", choices=("error", "skip", "keep")),
        Parameter("stringOrderType", "which label is 0", "frequencyDesc", choices=tuple(_ORDERS)),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        if not request.path:
            raise BadOption("StringIndex needs a path for its model", hint="train t as StringIndex.`/path`")
        column, is_list = _column(ctx, request.table, options["inputCol"])
        output = options.get("outputCol", column)
        invalid = options["handleInvalid"].lower()
        _new_column(ctx, request.table, output)
        counts = _counts(ctx, request.table, column, is_list)
        order = next(o for o in _ORDERS if o.lower() == options["stringOrderType"].lower())
        known = counts.filter(counts.column("label").is_valid()).sort_by(_ORDERS[order])
        model = Model(known.column("label").combine_chunks(), column, output, invalid)
        if known.num_rows < counts.num_rows and invalid == "error":
            raise model.invalid_word(None)
        model.save(ctx.resolve(request.path))
        _apply(ctx, model, request, is_list)

    def predict(self, ctx: Context, request: FitRequest) -> None:
        model = Model.load(ctx.resolve(request.path))
        column, is_list = _column(ctx, request.table, request.options.get("inputCol", model.input))
        output = request.options.get("outputCol", model.output)
        invalid = request.options.get("handleInvalid", model.invalid).lower()
        model = Model(model.labels, column, output, invalid)
        _new_column(ctx, request.table, output)
        _apply(ctx, model, request, is_list, check=invalid == "error")

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        model = Model.load(ctx.resolve(request.path))
        name = request.function
        words, numbers = pa.list_(pa.string()), pa.list_(pa.float64())
        for function in (
            SqlFunction(name, ("label",), batch=_Forward(model), types=(pa.string(),), returns=pa.int32()),
            SqlFunction(
                f"{name}_array",
                ("labels",),
                batch=_ForwardLists(model),
                types=(words,),
                returns=pa.list_(pa.int32()),
            ),
            SqlFunction(f"{name}_r", ("i",), batch=_Back(model), types=(pa.float64(),), returns=pa.string()),
            SqlFunction(f"{name}_rarray", ("i",), batch=_BackLists(model), types=(numbers,), returns=words),
        ):
            ctx.define(function)

    def explain(self, ctx: Context, path: str, options: Mapping[str, str]) -> pa.Table:
        """How it was trained, and each label behind its index."""
        import pyarrow as pa

        model = Model.load(ctx.resolve(path))
        about = {
            "inputCol": model.input,
            "outputCol": model.output,
            "handleInvalid": model.invalid,
            "numLabels": str(len(model.labels)),
        }
        names = [*about, *(f"label.{index}" for index in range(len(model.labels)))]
        return pa.table({"name": names, "value": [*about.values(), *model.labels.to_pylist()]})


# -- functions over Arrow arrays ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Forward:
    """``f(label)``: the index; for an unseen label -1, or an error."""

    model: Model

    def __call__(self, words: pa.Array) -> pa.Array:
        found = self.model.index(words)
        if self.model.invalid == "error" and found.null_count > words.null_count:
            raise self.model.invalid_word(words.filter(found.is_null()).drop_null()[0].as_py())
        return found.fill_null(-1)


@dataclass(frozen=True, slots=True)
class _ForwardLists:
    """``f_array(labels)``: the indices; unseen labels are left out, or -1 when kept."""

    model: Model

    def __call__(self, lists: pa.ListArray) -> pa.Array:
        import pyarrow as pa

        found = self.model.index(lists.flatten())
        if self.model.invalid == "keep":
            return _relisted(found.fill_null(-1), lists, None)
        return _relisted(found, lists, found.is_valid() if found.null_count else None).cast(
            pa.list_(pa.int32())
        )


@dataclass(frozen=True, slots=True)
class _Back:
    """``f_r(index)``: the label."""

    model: Model

    def __call__(self, numbers: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        labels = self.model.labels
        inside = pc.and_(pc.greater_equal(numbers, 0), pc.less(numbers, len(labels)))
        places = pc.cast(pc.if_else(inside, numbers, None), "int64", safe=False)
        return pc.if_else(pc.or_(numbers.is_null(), inside), labels.take(places), _UNKNOWN)


@dataclass(frozen=True, slots=True)
class _BackLists:
    """``f_rarray(indices)``: the labels."""

    model: Model

    def __call__(self, lists: pa.ListArray) -> pa.Array:
        return _relisted(_Back(self.model)(lists.flatten()), lists, None)


def _relisted(values: pa.Array, like: pa.ListArray, keep: pa.Array | None) -> pa.ListArray:
    """Flat values as lists of the lengths of ``like``, without the elements not to ``keep``."""
    import numpy as np

    from pybyzer.ragged import list_array, valid_rows

    lengths = like.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    if keep is not None:
        rows = np.repeat(np.arange(len(lengths)), lengths)
        values = values.filter(keep)
        lengths = np.bincount(rows[keep.to_numpy(zero_copy_only=False)], minlength=len(lengths))
    return list_array(values, lengths, valid_rows(like))


# -- tables -------------------------------------------------------------------------------------


def _column(ctx: Context, table: str, name: str) -> tuple[str, bool]:
    """The column as the table spells it, and whether it holds arrays."""
    import pyarrow as pa

    schema = ctx.engine.schema(table)
    found = [field for field in schema if field.name.lower() == name.lower()]
    if not found:
        hint = did_you_mean(name, schema.names)
        raise BadOption(f'StringIndex: table "{table}" has no column "{name}"', option="inputCol", hint=hint)
    kind = found[0].type
    if pa.types.is_list(kind):
        kind = kind.value_type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise BadOption(
            f'StringIndex: column "{name}" is of type {found[0].type}',
            option="inputCol",
            hint="it must hold text, or arrays of text",
        )
    return found[0].name, pa.types.is_list(found[0].type)


def _new_column(ctx: Context, table: str, name: str) -> None:
    if name.lower() in (column.lower() for column in ctx.engine.schema(table).names):
        raise BadOption(
            f'StringIndex: table "{table}" has a column "{name}" already',
            option="outputCol",
            hint="name a new column in outputCol",
        )


def _counts(ctx: Context, table: str, column: str, is_list: bool) -> pa.Table:
    """Each label with the number of its rows."""
    words = f"explode({quoted(column)})" if is_list else quoted(column)
    name = ctx.catalog.fresh("counts")
    ctx.engine.query(
        f"select cast(word as string) as label, count(*) as n"
        f" from (select {words} as word from {quoted(table)}) as words group by cast(word as string)",
        name,
    )
    try:
        return ctx.engine.stream(name).reader.read_all()
    finally:
        ctx.engine.drop(name)


def _apply(ctx: Context, model: Model, request: FitRequest, is_list: bool, *, check: bool = False) -> None:
    """Name the input with its index column as the output table."""
    import pyarrow as pa

    column, output = model.input, model.output
    function = ctx.catalog.fresh("string_index")
    batch: Any = _ForwardLists(model) if is_list else model.index
    kind = pa.list_(pa.string()) if is_list else pa.string()
    returns = pa.list_(pa.int32()) if is_list else pa.int32()
    ctx.define(SqlFunction(function, ("label",), batch=batch, types=(kind,), returns=returns))
    spark = "array<string>" if is_list else "string"
    call = f"{function}(cast({quoted(column)} as {spark}))"
    table = quoted(request.table)
    if check and not is_list:
        _check(ctx, model, f"select {quoted(column)} as word from {table} where {call} is null")
    if is_list:
        value, where = f"cast({call} as array<double>)", ""
    elif model.invalid == "keep":
        value, where = f"cast(coalesce({call}, {len(model.labels)}) as double)", ""
    else:
        value, where = f"cast({call} as double)", f" where {call} is not null"
    where = where if model.invalid == "skip" else ""
    ctx.engine.query(f"select *, {value} as {quoted(output)} from {table}{where}", request.output)


def _check(ctx: Context, model: Model, sql: str) -> None:
    """Fail now, and not when somebody reads the table, if a label is unknown."""
    name = ctx.catalog.fresh("unseen")
    ctx.engine.query(sql, name)
    try:
        unseen = ctx.engine.stream(name, limit=1).reader.read_all()
    finally:
        ctx.engine.drop(name)
    if unseen.num_rows:
        word = unseen.column("word")[0].as_py()
        raise model.invalid_word(None if word is None else str(word))
