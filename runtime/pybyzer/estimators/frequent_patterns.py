"""FPGrowth: items that are often together, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.inputs import ask, column, is_list_of, nothing, number, require, require_path, typed
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Rules:
    """``f(items)``: what all rules whose items are there say is there too, without what is there."""

    rules: tuple[tuple[frozenset[str], str], ...]

    def __call__(self, baskets: pa.Array) -> pa.Array:
        import pyarrow as pa

        made: list[list[str] | None] = []
        for items in baskets.to_pylist():
            if items is None:
                made.append(None)
                continue
            there = set(items)
            said = (then for given, then in self.rules if then not in there and given <= there)
            made.append(list(dict.fromkeys(said)))
        return pa.array(made, pa.list_(pa.string()))


@ESTIMATORS.register("FPGrowth")
class FPGrowth(Estimator):
    """Writes ``freqItemsets.parquet`` and ``associationRules.parquet``; rules have one consequent."""

    name = "FPGrowth"
    description = "items that are often together, and rules that follow"
    example = """
select explode(array(array("bread", "butter"), array("bread", "butter", "jam"), array("bread"))) as items
    as baskets;
train baskets as FPGrowth.`/tmp/models/baskets` where minSupport="0.5" and minConfidence="0.6";
register FPGrowth.`/tmp/models/baskets` as also;
select also(array("bread")) as bought as t;
"""
    parameters = (
        Parameter("itemsCol", "the column of arrays of items", "items"),
        Parameter("minSupport", "in which part of the rows items must be", "0.3"),
        Parameter("minConfidence", "how often a rule must hold", "0.8"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        field = column(ctx, request.table, require(options, "itemsCol"), "itemsCol")
        typed(field, lambda kind: is_list_of(kind, lambda _: True), "arrays of items", "itemsCol")
        support, confidence = number(options, "minSupport", 0), number(options, "minConfidence", 0)
        if support <= 0:
            raise BadOption("minSupport must be above 0", option="minSupport")
        baskets = ask(
            ctx,
            f"select array_distinct(cast({quoted(field.name)} as array<string>)) as items"
            f" from {quoted(request.table)} where {quoted(field.name)} is not null",
        ).column("items")
        sets = _itemsets(ctx, baskets.to_pylist(), support)
        tables = _tables(sets, len(baskets), confidence)
        Saved(self.name, {"itemsCol": field.name}, tables).save(path)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        rules = load_saved(ctx.resolve(request.path), self.name).tables["associationRules"].to_pylist()
        known = _Rules(tuple((frozenset(rule["antecedent"]), rule["consequent"][0]) for rule in rules))
        items = pa.list_(pa.string())
        ctx.define(SqlFunction(request.function, ("items",), batch=known, types=(items,), returns=items))


def _itemsets(ctx: Context, baskets: list[list[str]], support: float) -> dict[frozenset[str], int]:
    """How often each set of items is there, of those that are often enough."""
    import pandas as pd
    from scipy.sparse import csr_matrix

    patterns: Any = ctx.require("mlxtend.frequent_patterns", "finding frequent items", "mlxtend")
    names = sorted({item for basket in baskets for item in basket if item is not None})
    if not names:
        return {}
    places = {name: place for place, name in enumerate(names)}
    pairs = [(row, places[item]) for row, basket in enumerate(baskets) for item in basket if item is not None]
    rows, columns = zip(*pairs, strict=True)
    matrix = csr_matrix(([True] * len(pairs), (rows, columns)), shape=(len(baskets), len(names)), dtype=bool)
    frames: Any = pd.DataFrame
    frame = frames.sparse.from_spmatrix(matrix, columns=range(len(names)))
    found = patterns.fpgrowth(frame, min_support=support)
    return {
        frozenset(names[place] for place in itemset): round(share * len(baskets))
        for share, itemset in zip(found["support"], found["itemsets"], strict=True)
    }


def _tables(sets: dict[frozenset[str], int], total: int, confidence: float) -> dict[str, pa.Table]:
    """Spark's two tables: sets with how often they are there, and rules with one consequent."""
    import pyarrow as pa

    ordered = sorted(sets.items(), key=lambda pair: (-pair[1], len(pair[0]), sorted(pair[0])))
    rules = [
        {
            "antecedent": sorted(items - {then}),
            "consequent": [then],
            "confidence": count / sets[items - {then}],
            "lift": count / sets[items - {then}] / (sets[frozenset([then])] / total),
            "support": count / total,
        }
        for items, count in ordered
        if len(items) > 1
        for then in sorted(items)
        if count / sets[items - {then}] >= confidence
    ]
    texts = pa.list_(pa.string())
    itemset = pa.schema([("items", texts), ("freq", pa.int64())])
    rule = pa.schema(
        [("antecedent", texts), ("consequent", texts)]
        + [(name, pa.float64()) for name in ("confidence", "lift", "support")]
    )
    return {
        "freqItemsets": pa.Table.from_pylist(
            [{"items": sorted(items), "freq": count} for items, count in ordered], itemset
        ),
        "associationRules": pa.Table.from_pylist(rules, rule),
    }
