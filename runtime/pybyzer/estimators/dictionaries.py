"""TableToMap and MapValues: a table of two columns becomes a function that looks texts up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.inputs import ask, column, nothing, require, require_path
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Lookup:
    """``f(key)``: the value of a text; ``place`` is where the value of unknown texts stands, if anywhere."""

    keys: pa.Array
    values: pa.Array
    place: int | None = None

    def __call__(self, words: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        places = pc.index_in(words, value_set=self.keys)
        if self.place is not None:
            places = places.fill_null(self.place)
        return self.values.take(places)


@dataclass(frozen=True, slots=True)
class _LookupLists:
    """``f_array(keys)``: the value of each element."""

    lookup: _Lookup

    def __call__(self, lists: pa.ListArray) -> pa.Array:
        from pybyzer.ragged import list_array, valid_rows

        lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        return list_array(self.lookup(lists.flatten()), lengths, valid_rows(lists))


@ESTIMATORS.register("TableToMap")
class TableToMap(Estimator):
    """``f(key)`` is the text of ``valueField``, of the last row with that key; NULL for an unknown key."""

    name = "TableToMap"
    description = "a table as a function from a key to a value"
    example = """
select stack(2, "de", "Germany", "fr", "France") as (key, country) as countries;
train countries as TableToMap.`/tmp/models/countries` where keyField="key";
register TableToMap.`/tmp/models/countries` as country;
select country("fr") as name as t;
"""
    parameters = (
        Parameter("keyField", "the column of keys", "key"),
        Parameter("valueField", "the column of values; else the first other one"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        key = column(ctx, request.table, options["keyField"], "keyField").name
        others = [name for name in ctx.engine.schema(request.table).names if name != key]
        value = options.get("valueField") or next(iter(others), key)
        value = column(ctx, request.table, value, "valueField").name
        rows = f"select {quoted(key)} as k, {quoted(value)} as v, monotonically_increasing_id() as i"
        pairs = ask(
            ctx,
            "select cast(k as string) as key, cast(max_by(v, i) as string) as value"
            f" from ({rows} from {quoted(request.table)}) as rows where k is not null group by k",
        )
        Saved(self.name, {"keyField": key, "valueField": value}, {"map": pairs}).save(path)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        pairs = load_saved(ctx.resolve(request.path), self.name).tables["map"]
        _define(ctx, request.function, _Lookup(*(_one(pairs, name) for name in ("key", "value"))))


@ESTIMATORS.register("MapValues")
class MapValues(Estimator):
    """``f(key)`` is the value in ``outputCol``, of its type; for an unknown key that of ``mapMissingTo``."""

    name = "MapValues"
    description = "a dictionary with a value for what is not in it, as a function"
    example = """
select stack(2, "de", 49, "other", 0) as (code, prefix) as codes;
train codes as MapValues.`/tmp/models/codes` where inputCol="code" and outputCol="prefix"
    and mapMissingTo="other";
register MapValues.`/tmp/models/codes` as prefix;
select prefix("xx") as unknown, prefix_array(array("de", "xx")) as both as t;
"""
    parameters = (
        Parameter("inputCol", "the column of keys", required=True),
        Parameter("outputCol", "the column of values", required=True),
        Parameter("mapMissingTo", "the key whose value unknown keys get", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        path = require_path(ctx, self.name, request.path)
        missing = require(request.options, "mapMissingTo")
        names = []
        for key in ("inputCol", "outputCol"):
            text = require(request.options, key, f"{key} should be configured!")
            names.append(column(ctx, request.table, text, key).name)
        pairs = ask(
            ctx,
            f"select cast({quoted(names[0])} as string) as key, {quoted(names[1])} as value"
            f" from {quoted(request.table)} where {quoted(names[0])} is not null",
        )
        if pairs.column("key").to_pylist().count(missing) != 1:
            raise BadOption(f"can't find or find multi {missing} in giving table!", option="mapMissingTo")
        about = {"inputCol": names[0], "outputCol": names[1], "mapMissingTo": missing}
        Saved(self.name, about, {"map": pairs}).save(path)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow.compute as pc

        saved = load_saved(ctx.resolve(request.path), self.name)
        # The last of several equal keys counts, as in a map: backwards it is the first.
        pairs = saved.tables["map"]
        pairs = pairs.take(list(range(pairs.num_rows - 1, -1, -1)))
        keys, values = (_one(pairs, name) for name in ("key", "value"))
        place = pc.index(keys, saved.about["mapMissingTo"]).as_py()
        _define(ctx, request.function, _Lookup(keys, values, place))


def _one(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    import pyarrow as pa

    column = table.column(name)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _define(ctx: Context, name: str, lookup: _Lookup) -> None:
    import pyarrow as pa

    text, kind = pa.string(), lookup.values.type
    ctx.define(SqlFunction(name, ("key",), batch=lookup, types=(text,), returns=kind))
    many = _LookupLists(lookup)
    ctx.define(
        SqlFunction(f"{name}_array", ("keys",), batch=many, types=(pa.list_(text),), returns=pa.list_(kind))
    )
