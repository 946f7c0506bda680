"""Word2VecInPlace: texts become the vectors of their words, learned from the texts or read from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest, quoted
from pybyzer.estimators.in_place import replaced, save_with_data, temporary
from pybyzer.estimators.inputs import ask, column, is_text, nothing, require, require_path, typed, whole
from pybyzer.estimators.words import PARAMETERS, Words, how, lines
from pybyzer.models.saved import Saved, load_saved

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Matrix = np.ndarray[Any, np.dtype[np.float64]]

_FEATURES = ("flat", "merge", "index", "")


@dataclass(frozen=True, slots=True)
class _Meaning:
    """``f(text)``: by ``feature`` the words' vectors, all their numbers, their sum, or the words' indices.

    ``length`` is set when vectors come from files: so many words of a text, with zeros for unknown ones.
    """

    cut: Words
    words: pa.Array
    vectors: Matrix
    feature: str
    length: int | None

    def __call__(self, texts: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from pybyzer.ragged import list_array, valid_rows

        valid, size = valid_rows(texts), self.vectors.shape[1]
        lists = self.cut(texts)
        lengths = lists.value_lengths().to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(texts)), lengths)
        places = pc.index_in(lists.flatten(), value_set=self.words)
        known = places.is_valid().to_numpy(zero_copy_only=False)
        codes = places.fill_null(0).to_numpy()
        if self.length is None:
            rows, codes = rows[known], codes[known]
            vectors = self.vectors[codes]
        else:
            position = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            kept = known & (position < self.length)
            slots = rows[kept] * self.length + position[kept]
            rows = np.repeat(np.arange(len(texts)), self.length)
            vectors = np.zeros((len(rows), size))
            vectors[slots] = self.vectors[codes[kept]]
        counts = np.bincount(rows, minlength=len(texts)) * valid
        inside = valid[rows]
        rows, vectors = rows[inside], vectors[inside]
        if self.feature == "index" and self.length is None:
            return list_array(pa.array(codes[inside], pa.int32()), counts, valid)
        if self.feature == "flat":
            return list_array(vectors.reshape(-1), counts * size, valid)
        if self.feature == "merge":
            sums = np.zeros((len(texts), size))
            np.add.at(sums, rows, vectors)
            return list_array(sums[counts > 0].reshape(-1), np.where(counts > 0, size, 0), valid)
        inner = list_array(vectors.reshape(-1), np.full(len(rows), size), np.ones(len(rows), bool))
        return list_array(inner, counts, valid)

    def function(self, name: str) -> SqlFunction:
        """As a function of SQL."""
        import pyarrow as pa

        numbers = pa.list_(pa.float64())
        kinds = {"flat": numbers, "merge": numbers, "index": pa.list_(pa.int32())}
        kind = kinds.get(self.feature, pa.list_(numbers))
        if self.feature == "index" and self.length is not None:
            kind = pa.list_(numbers)
        return SqlFunction(name, ("text",), batch=self, types=(pa.string(),), returns=kind)


@ESTIMATORS.register("Word2VecInPlace")
class Word2VecInPlace(Estimator):
    """Writes the table with the changed column to ``path/data``. The same texts give the same vectors."""

    name = "Word2VecInPlace"
    description = "texts as the vectors of their words (word2vec)"
    example = """
select explode(array("a b", "b c", "b")) as content as texts;
train texts as Word2VecInPlace.`/tmp/models/meaning` where inputCol="content" and split=" "
    and vectorSize="3" and resultFeature="merge";
register Word2VecInPlace.`/tmp/models/meaning` as meaning;
select size(meaning("a b")) as n as t;
"""
    parameters = (
        Parameter("inputCol", "the column of texts", required=True),
        *PARAMETERS,
        Parameter("wordvecPaths", "files of known vectors: a word, a blank, numbers separated by commas"),
        Parameter("vectorSize", "numbers of a vector", "100"),
        Parameter("minCount", "how often a word must be there", "1"),
        Parameter("length", "with wordvecPaths: words of a text", "100"),
        Parameter(
            "resultFeature", "flat, merge (sum) or index; else a vector for each word", "", choices=_FEATURES
        ),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        name = require(request.options, "inputCol", "inputCol is required when use SQLWord2VecInPlace")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        path = require_path(ctx, self.name, request.path)
        field = typed(column(ctx, request.table, name, "inputCol"), is_text, "texts", "inputCol")
        size = whole(options, "vectorSize", 1)
        given = _given(ctx, options, size)
        cut = how(ctx, options, tuple(given))
        length = whole(options, "length", 1) if given else None
        known = given or _learn(ctx, cut, request.table, field.name, (size, whole(options, "minCount", 1)))
        meaning = _meaning(cut, known, size, options["resultFeature"].lower(), length)
        about = {
            "inputCol": field.name,
            "words": cut.about(),
            "feature": meaning.feature,
            "length": length,
            "size": size,
        }
        step = temporary(ctx, meaning.function(""))
        sql = replaced(ctx, request.table, {field.name: f"{step}({quoted(field.name)})"})
        save_with_data(ctx, path, Saved(self.name, about, {"vectors": _table(meaning)}), sql)
        nothing(ctx, request.output)

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        saved = load_saved(ctx.resolve(request.path), self.name)
        about, table = saved.about, saved.tables["vectors"]
        known = dict(zip(*(table.column(name).to_pylist() for name in ("word", "vector")), strict=True))
        cut = Words.remembered(about["words"])
        meaning = _meaning(cut, known, about["size"], about["feature"], about["length"])
        ctx.define(meaning.function(request.function))


def _meaning(cut: Words, known: Mapping[str, Any], size: int, feature: str, length: int | None) -> _Meaning:
    import numpy as np
    import pyarrow as pa

    vectors = np.array(list(known.values()), dtype=np.float64).reshape(-1, size)
    return _Meaning(cut, pa.array(list(known), pa.string()), vectors, feature, length)


def _table(meaning: _Meaning) -> pa.Table:
    import pyarrow as pa

    vectors = pa.array(list(meaning.vectors), pa.list_(pa.float64()))
    return pa.table({"word": meaning.words, "vector": vectors})


def _given(ctx: Context, options: Mapping[str, str], size: int) -> dict[str, list[float]]:
    """The vectors of files."""
    found: dict[str, list[float]] = {}
    for line in lines(ctx, options, "wordvecPaths"):
        word, _, numbers = line.partition(" ")
        try:
            found[word] = [float(part) for part in numbers.split(",")]
        except ValueError:
            raise BadOption(f'no vector: "{line[:80]}"', option="wordvecPaths", hint="word 1.0,2.0") from None
        if len(found[word]) != size:
            raise BadOption(
                f'the vector of "{word}" has {len(found[word])} numbers, not {size}', option="vectorSize"
            )
    return found


def _learn(ctx: Context, cut: Words, table: str, name: str, sizes: tuple[int, int]) -> dict[str, Any]:
    """word2vec by gensim: skip-grams, hierarchical softmax, a window of 5, as Spark's."""
    models = ctx.require("gensim.models", "learning word vectors", "gensim")
    step = temporary(ctx, cut.function(""))
    texts = ask(ctx, f"select {step}({quoted(name)}) as words from {quoted(table)}").column("words")
    sentences = [sentence for sentence in texts.to_pylist() if sentence]
    if not sentences:
        raise BadOption(f'column "{name}" has no words', option="inputCol")
    size, least = sizes
    try:
        # One thread and a seed: the same texts, the same vectors.
        model = models.Word2Vec(
            sentences,
            vector_size=size,
            min_count=least,
            window=5,
            sg=1,
            hs=1,
            negative=0,
            seed=1,
            workers=1,
            sorted_vocab=0,
        )
    except RuntimeError as error:
        raise BadOption(f"no word vectors: {error}", option="minCount") from None
    return {word: model.wv[word] for word in sorted(model.wv.index_to_key)}
