"""Texts to words: cut at a pattern, or as Chinese; stop words left out; windows of words as further words."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.inputs import words

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

PARAMETERS = (
    Parameter("dicPaths", "files of words, one a line, that are never cut; separated by commas"),
    Parameter("stopWordPath", "files of words that are left out; separated by commas"),
    Parameter("split", "a regular expression to cut texts at; without it they are cut as Chinese"),
    Parameter("ignoreNature", "accepted; words have no word class here", "true"),
)
"""The options of ETs that cut texts."""


@dataclass(frozen=True)
class Words:
    """How to cut: all that a saved model must remember."""

    split: str | None
    own: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    windows: tuple[int, ...] = ()

    def __call__(self, texts: pa.Array) -> pa.Array:
        """The words of each text; a NULL has none."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from pybyzer.ragged import list_array

        if self.split is not None:
            lists = pc.split_pattern_regex(texts, self.split)
        else:
            cut = self._cutter
            lists = pa.array([cut(text) if text else [] for text in texts.to_pylist()], pa.list_(pa.string()))
        lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        rows = np.repeat(np.arange(len(lists)), lengths)
        flat = lists.flatten()
        kept = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(flat)), 0)
        if self.stop:
            kept = pc.and_not(kept, pc.is_in(flat, value_set=pa.array(self.stop, pa.string())))
        flat, rows = flat.filter(kept), rows[kept.to_numpy(zero_copy_only=False)]
        for size in self.windows:
            more, places = _windows(flat, rows, size)
            flat, rows = pa.concat_arrays([flat, more]), np.r_[rows, places]
        if self.windows:
            order = np.argsort(rows, kind="stable")
            flat, rows = flat.take(pa.array(order)), rows[order]
        counts = np.bincount(rows, minlength=len(texts))
        return list_array(flat, counts, np.ones(len(texts), bool))

    @cached_property
    def _cutter(self) -> Any:
        """jieba's cut, with the words that are given."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba
        jieba.setLogLevel(logging.WARNING)
        tokenizer = jieba.Tokenizer()
        for word in self.own:
            tokenizer.add_word(word)
        return tokenizer.lcut

    def function(self, name: str) -> SqlFunction:
        """As a function of SQL, ``name(text) -> array<string>``."""
        import pyarrow as pa

        return SqlFunction(name, ("text",), batch=self, types=(pa.string(),), returns=pa.list_(pa.string()))

    def about(self) -> dict[str, Any]:
        """As JSON; ``Words(**about)`` is the same again."""
        return {"split": self.split, "own": self.own, "stop": self.stop, "windows": self.windows}

    @classmethod
    def remembered(cls, about: Mapping[str, Any]) -> Words:
        """What ``about`` wrote."""
        return cls(about["split"], tuple(about["own"]), tuple(about["stop"]), tuple(about["windows"]))


def how(ctx: Context, options: Mapping[str, str], more: tuple[str, ...] = ()) -> Words:
    """From the options of an ET; ``more`` are further words that are never cut."""
    split = options.get("split") or None
    if split is None:
        ctx.require("jieba", "cutting Chinese texts", "jieba")
    else:
        _check_pattern(split)
    sizes = words(options.get("nGrams", ""))
    if not all(size.isdigit() and int(size) > 0 for size in sizes):
        raise BadOption(f'nGrams must be whole numbers, not "{options["nGrams"]}"', option="nGrams")
    return Words(
        split,
        (*lines(ctx, options, "dicPaths"), *more),
        tuple(lines(ctx, options, "stopWordPath")),
        tuple(int(size) for size in sizes),
    )


def _check_pattern(pattern: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.split_pattern_regex(pa.array(["a"]), pattern)
    except pa.ArrowInvalid as error:
        raise BadOption(f"split is no regular expression: {error}", option="split") from None


def lines(ctx: Context, options: Mapping[str, str], option: str) -> list[str]:
    """The lines of the files that an option names, without blank ones."""
    found: list[str] = []
    for path in words(options.get(option, "")):
        try:
            with open(ctx.resolve(path), encoding="utf-8") as file:
                found.extend(line.strip() for line in file if line.strip())
        except OSError as error:
            raise BadOption(f"cannot read {path}: {error.strerror}", option=option) from None
    return found


def _windows(flat: pa.Array, rows: np.ndarray[Any, Any], size: int) -> tuple[pa.Array, np.ndarray[Any, Any]]:
    """Each ``size`` words in a row joined by a blank, and the rows they are of."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = max(0, len(flat) - size + 1)
    parts = [flat.slice(start, count) for start in range(size)]
    joined = pc.binary_join_element_wise(*parts, " ")
    whole = rows[:count] == rows[size - 1 : size - 1 + count]
    return joined.filter(pa.array(whole)), rows[:count][whole]
