"""Helpers for arrays and texts that Spark SQL can say, and a few that it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybyzer.functions.base import batch, macro
from pybyzer.ragged import Ragged, list_array, valid_rows

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

macro("array_concat", "a", "flatten(a)", "one array of an array of arrays")
macro("array_number_concat", "a", "cast(flatten(a) as array<double>)", "arrays of numbers as one of doubles")
macro(
    "array_index",
    "a, word",
    "cast(array_position(a, word) - 1 as int)",
    "first position from 0; -1 if absent",
)
macro(
    "array_slice",
    "a, begin, finish",
    "slice(a, begin + 1, if(finish = -1, size(a), least(finish, size(a))) - begin)",
    "elements from begin (from 0) to finish (exclusive; -1: to the end)",
)
macro("array_number_to_string", "a", "cast(a as array<string>)", "each number as text")
macro("array_string_to_double", "a", "cast(a as array<double>)", "each text as a double")
macro("array_string_to_float", "a", "cast(a as array<float>)", "each text as a float")
macro("array_string_to_int", "a", "cast(a as array<int>)", "each text as an int")
macro("to_array_double", "a", "cast(a as array<double>)", "each number as a double")
macro("map_value_int_to_double", "m", "cast(m as map<string,double>)", "the values of a map as doubles")
macro(
    "padding_int_array",
    "a, length, filler",
    "slice(concat(cast(a as array<int>), array_repeat(cast(filler as int), length)), 1, length)",
    "padded or cut to a length",
)
macro(
    "ngram",
    "words, n",
    "if(size(words) < n, cast(array() as array<string>), transform(sequence(1, size(words) - n + 1),"
    " i -> array_join(slice(words, i, n), ' ')))",
    "the windows of n words, each as one text",
)
macro("mkString", "sep, a", "array_join(cast(a as array<string>), sep, 'null')", "the elements as one text")
macro("decodeKafka", "b", "cast(b as string)", "the text of UTF-8 bytes")


@batch(
    "array_intersect",
    {"a": "array<string>", "b": "array<string>"},
    "array<string>",
    "elements of a that are in b, as often as in both, in the order of a",
)
def array_intersect(a: pa.ListArray, b: pa.ListArray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    valid = valid_rows(a) & valid_rows(b)
    words = pa.chunked_array([a.flatten(), b.flatten()]).combine_chunks()
    if isinstance(words, pa.ChunkedArray):
        words = words.chunk(0)
    codes = words.dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
    left = Ragged(codes[: len(a.flatten())], _lengths(a), valid_rows(a))
    right = Ragged(codes[len(left.values) :], _lengths(b), valid_rows(b))
    left, right = left.only(valid), right.only(valid)
    base = int(codes.max()) + 1 if len(codes) else 1
    mine, theirs = left.rows * base + left.values, right.rows * base + right.values
    known, counts = np.unique(theirs, return_counts=True)
    place = np.searchsorted(known, mine)
    found = place < len(known)
    found[found] = known[place[found]] == mine[found]
    allowed = np.zeros(len(mine), dtype=np.int64)
    allowed[found] = counts[place[found]]
    kept = _earlier(mine) < allowed
    lengths = np.bincount(left.rows[kept], minlength=len(a))
    return list_array(a.flatten().filter(pa.array(valid[_rows(a)])).filter(pa.array(kept)), lengths, valid)


def _earlier(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How many equal keys come before each one."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(keys) else np.zeros(0, bool)
    begin = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    result = np.empty(len(keys), dtype=np.int64)
    result[order] = np.arange(len(keys)) - begin
    return result


def _lengths(array: pa.ListArray) -> np.ndarray[Any, Any]:
    lengths: np.ndarray[Any, Any] = array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return lengths.astype("int64")


def _rows(array: pa.ListArray) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.repeat(np.arange(len(array)), _lengths(array))
