"""TfIdfInPlace: texts become sparse vectors: a weight for each of their words, the rarer the higher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import replaced, temporary
from pybyzer.estimators.inputs import ask, column, is_text, number, require, require_path, typed
from pybyzer.estimators.words import PARAMETERS, Words, how, lines
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Weights:
    """``f(text)``: the weights of the known words that are in it, at their indices."""

    cut: Words
    words: pa.Array
    weights: np.ndarray[Any, Any]

    def __call__(self, texts: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow.compute as pc

        from pybyzer.ragged import Ragged, sparse_array, valid_rows

        lists = self.cut(texts)
        size = len(self.words)
        places = pc.index_in(lists.flatten(), value_set=self.words)
        known = places.is_valid().to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(lists)), lists.value_lengths().to_numpy(zero_copy_only=False))[known]
        # Each word of a text once: a key for each pair of row and word.
        keys = np.unique(rows * max(size, 1) + places.drop_null().to_numpy().astype(np.int64))
        rows, indices = np.divmod(keys, max(size, 1))
        valid = valid_rows(texts)
        ragged = Ragged(indices, np.bincount(rows, minlength=len(texts)), valid)
        return sparse_array(np.full(len(texts), size), ragged, self.weights[indices])

    def function(self, name: str) -> SqlFunction:
        """As a function of SQL."""
        import pyarrow as pa

        from pybyzer.arrow import vector_type

        return SqlFunction(name, ("text",), batch=self, types=(pa.string(),), returns=vector_type())


@ESTIMATORS.register("TfIdfInPlace")
class TfIdfInPlace(Estimator):
    """The result is the table with vectors in place of the texts; words have the order of the alphabet.

    The weight of a word is ``ln((texts + 1) / (texts with it + 1))``, however often it is in a text.
    """

    name = "TfIdfInPlace"
    description = "texts as sparse vectors of TF/IDF weights"
    example = """
select explode(array("a b", "b c", "b")) as content as texts;
train texts as TfIdfInPlace.`/tmp/models/weights` where inputCol="content" and split=" " as vectors;
register TfIdfInPlace.`/tmp/models/weights` as weigh;
select weigh("a x") as v as t;
"""
    parameters = (
        Parameter("inputCol", "the column of texts", required=True),
        *PARAMETERS,
        Parameter("priorityDicPath", "files of words whose weight is multiplied by priority"),
        Parameter("priority", "what it is multiplied by", "1"),
        Parameter("nGrams", "also windows of so many words, as in 2,3"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import numpy as np
        import pyarrow as pa

        name = require(request.options, "inputCol", "inputCol is required when use SQLTfIdfInPlace")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        field = typed(column(ctx, request.table, name, "inputCol"), is_text, "texts", "inputCol")
        cut = how(ctx, options)
        factor, favourites = number(options, "priority"), lines(ctx, options, "priorityDicPath")
        text, table = quoted(field.name), quoted(request.table)
        step = temporary(ctx, cut.function(""))
        found = ask(
            ctx,
            f"select word, count(*) as texts from (select explode(array_distinct({step}({text}))) as word"
            f" from {table}) as words group by word order by word",
        )
        total = ask(ctx, f"select count(*) as n from {table}").column("n")[0].as_py()
        words = pa.array(found.column("word").to_pylist(), pa.string())
        weights = np.log((total + 1.0) / (found.column("texts").to_numpy() + 1.0))
        if favourites:
            chosen = np.isin(words.to_numpy(zero_copy_only=False), favourites)
            weights = np.where(chosen, weights * factor, weights)
        learned = pa.table({"word": words, "weight": weights})
        Saved(self.name, {"inputCol": field.name, "words": cut.about()}, {"weights": learned}).save(path)
        call = temporary(ctx, _Weights(cut, words, weights).function(""))
        ctx.engine.query(replaced(ctx, request.table, {field.name: f"{call}({text})"}), request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        saved = load_saved(ctx.resolve(request.path), self.name)
        learned = saved.tables["weights"]
        words = pa.array(learned.column("word").to_pylist(), pa.string())
        weights = _Weights(Words.remembered(saved.about["words"]), words, learned.column("weight").to_numpy())
        ctx.define(weights.function(request.function))
