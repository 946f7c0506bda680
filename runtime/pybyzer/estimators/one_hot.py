"""Onehot: columns become indices, and vectors with a 1 at the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.in_place import temporary
from pybyzer.estimators.inputs import (
    ask,
    columns,
    is_number,
    is_text,
    new_column,
    require,
    require_path,
    typed,
)
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Ones:
    """A vector for each index, NULL for NULL."""

    size: int

    def __call__(self, places: pa.Array) -> pa.Array:
        import numpy as np

        from pybyzer.ragged import Ragged, sparse_array, valid_rows

        valid = valid_rows(places)
        indices = Ragged(places.drop_null().to_numpy(), valid.astype(np.int64), valid)
        return sparse_array(np.full(len(places), self.size), indices, np.ones(int(valid.sum())))


@dataclass(frozen=True, slots=True)
class _Places:
    """The index of each text; one that was not there in training is an error."""

    column: str
    labels: pa.Array

    def __call__(self, texts: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        places = pc.index_in(texts, value_set=self.labels)
        if places.null_count:
            word = texts.filter(places.is_null())[0].as_py()
            shown = "NULL" if word is None else f'"{word}"'
            raise BadOption(
                f"{shown} is not one of the {len(self.labels)} values learned from {self.column}",
                option="selectedFeatures",
            )
        return places


@ESTIMATORS.register("Onehot")
class Onehot(Estimator):
    """For each feature ``<name>_index`` (0 is the most frequent value) and ``<name>_output``, a vector."""

    name = "Onehot"
    description = "columns as indices and as vectors with a single 1"
    example = """
select explode(array("ant", "bee", "ant")) as animal as animals;
run animals as Onehot.`/tmp/models/onehot` where selectedFeatures="animal" as encoded;
predict animals as Onehot.`/tmp/models/onehot` as again;
"""
    parameters = (
        Parameter("selectedFeatures", "columns of texts or numbers, separated by commas", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        names = require(request.options, "selectedFeatures", "The selected features has to be setup!")
        path = require_path(ctx, self.name, request.path)
        fields = columns(ctx, request.table, names, "selectedFeatures")
        learned = {}
        for field in fields:
            typed(
                field, lambda kind: is_text(kind) or is_number(kind), "texts or numbers", "selectedFeatures"
            )
            value = quoted(field.name)
            learned[field.name] = ask(
                ctx,
                f"select label from (select cast({value} as string) as label from {quoted(request.table)})"
                " as labels where label is not null group by label order by count(*) desc, label",
            )
        tables = {f"labels_{i}": table for i, table in enumerate(learned.values())}
        Saved(self.name, {"columns": list(learned)}, tables).save(path)
        _encode(ctx, request, learned)

    def predict(self, ctx: Context, request: FitRequest) -> None:
        saved = load_saved(ctx.resolve(request.path), self.name)
        names = saved.about["columns"]
        columns(ctx, request.table, ",".join(names), "selectedFeatures")
        _encode(ctx, request, {name: saved.tables[f"labels_{i}"] for i, name in enumerate(names)})


def _encode(ctx: Context, request: FitRequest, learned: dict[str, pa.Table]) -> None:
    import pyarrow as pa

    from pybyzer.arrow import vector_type

    made, table = [], quoted(request.table)
    for name, labels in learned.items():
        for kind in ("index", "output"):
            new_column(ctx, request.table, f"{name}_{kind}", "selectedFeatures")
        known = _Places(name, pa.array(labels.column("label").to_pylist(), pa.string()))
        place = temporary(
            ctx, SqlFunction("", ("label",), batch=known, types=(pa.string(),), returns=pa.int32())
        )
        vector = temporary(
            ctx,
            SqlFunction(
                "", ("i",), batch=_Ones(len(known.labels)), types=(pa.int32(),), returns=vector_type()
            ),
        )
        call = f"{place}(cast({quoted(name)} as string))"
        # A value without an index fails here, not when somebody reads the table.
        ask(ctx, f"select max({call}) as last from {table}")
        made.append(f"cast({call} as double) as {quoted(f'{name}_index')}")
        made.append(f"{vector}({call}) as {quoted(f'{name}_output')}")
    ctx.engine.query(f"select *, {', '.join(made)} from {table}", request.output)
