"""VecMapInPlace: maps from words to numbers become sparse vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import replaced, save_with_data, temporary
from pybyzer.estimators.inputs import ask, column, is_number, is_text, nothing, require, require_path, typed
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Vectors:
    """``f(map)``: a vector with the value of each key at the key's index."""

    keys: pa.Array

    def __call__(self, maps: pa.MapArray) -> pa.Array:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from pybyzer.ragged import Ragged, sparse_array, valid_rows

        entries = pa.ListArray.from_arrays(
            maps.offsets, pa.StructArray.from_arrays([maps.keys, maps.items], ["k", "v"])
        )
        flat, valid = entries.flatten(), valid_rows(maps)
        keys, values = flat.field("k"), flat.field("v")
        places = pc.index_in(keys, value_set=self.keys)
        if places.null_count:
            word = keys.filter(places.is_null())[0].as_py()
            raise BadOption(f'the key "{word}" was not there in training', hint="leave such keys out")
        lengths = np.diff(maps.offsets.to_numpy()) * valid
        indices = Ragged(places.to_numpy(), lengths, valid)
        order = np.lexsort((indices.values, indices.rows))
        indices.values = indices.values[order]
        numbers = values.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)[order]
        return sparse_array(np.full(len(maps), len(self.keys)), indices, numbers)

    def function(self, name: str) -> SqlFunction:
        """As a function of SQL."""
        import pyarrow as pa

        from pybyzer.arrow import vector_type

        kind = pa.map_(pa.string(), pa.float64())
        return SqlFunction(name, ("m",), batch=self, types=(kind,), returns=vector_type())


@ESTIMATORS.register("VecMapInPlace")
class VecMapInPlace(Estimator):
    """The key that is in the most maps gets index 0; of equally frequent ones the alphabet decides."""

    name = "VecMapInPlace"
    description = "maps from words to numbers as sparse vectors"
    example = """
select map("tall", 1.5, "old", 2) as m as maps;
train maps as VecMapInPlace.`/tmp/models/maps` where inputCol="m";
register VecMapInPlace.`/tmp/models/maps` as vectorize;
select vectorize(map("old", 7)) as v as t;
"""
    parameters = (Parameter("inputCol", "a column of map<string, number>", required=True),)

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        def fits(kind: pa.DataType) -> bool:
            return bool(pa.types.is_map(kind) and is_text(kind.key_type) and is_number(kind.item_type))

        name = require(request.options, "inputCol", "inputCol is required when use SQLVecMapInPlace")
        path = require_path(ctx, self.name, request.path)
        field = typed(column(ctx, request.table, name, "inputCol"), fits, "map<string, number>", "inputCol")
        chosen = quoted(field.name)
        found = ask(
            ctx,
            f"select word from (select explode(map_keys({chosen})) as word from {quoted(request.table)})"
            " as words group by word order by count(*) desc, word",
        )
        vectors = _Vectors(pa.array(found.column("word").to_pylist(), pa.string()))
        step = temporary(ctx, vectors.function(""))
        sql = replaced(ctx, request.table, {field.name: f"{step}(cast({chosen} as map<string,double>))"})
        save_with_data(ctx, path, Saved(self.name, {"inputCol": field.name}, {"words": found}), sql)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        words = load_saved(ctx.resolve(request.path), self.name).tables["words"].column("word")
        ctx.define(_Vectors(pa.array(words.to_pylist(), pa.string())).function(request.function))
