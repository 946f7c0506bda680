"""Functions over texts and times that the engine's SQL lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer.errors import BadOption
from pybyzer.functions.base import batch

if TYPE_CHECKING:
    import pyarrow as pa

_UNITS = {
    "b": 0,
    "k": 10,
    "kb": 10,
    "m": 20,
    "mb": 20,
    "g": 30,
    "gb": 30,
    "t": 40,
    "tb": 40,
    "p": 50,
    "pb": 50,
}
_PUNCTUATION = "，。！？；：、“”‘’（）《》【】…—"


def _sizes(name: str, shift: int) -> None:
    """``byteStringAsMb('1g')`` and its sisters; a number without a unit is in the unit of the name."""

    @batch(name, {"s": "string"}, "bigint", f'a size such as "1g", in units of 2^{shift} bytes')
    def convert(s: pa.Array) -> pa.Array:
        import pyarrow as pa

        return pa.array(
            [None if text is None else _size(name, text, shift) for text in s.to_pylist()], pa.int64()
        )


def _size(name: str, text: str, shift: int) -> int:
    digits = text.strip().lower().rstrip("bkmgtp")
    unit = text.strip().lower()[len(digits) :]
    if not digits.isdigit() or (unit and unit not in _UNITS):
        raise BadOption(f'{name}: "{text}" is not a size', hint='write a whole number and a unit, as "512m"')
    return (int(digits) << (_UNITS[unit] if unit else shift)) >> shift


for _name, _shift in (("Bytes", 0), ("Kb", 10), ("Mb", 20), ("Gb", 30)):
    _sizes(f"byteStringAs{_name}", _shift)


@batch(
    "keepChinese",
    {"s": "string", "punctuation": "boolean", "extra": "array<string>"},
    "string",
    "only the Chinese characters; with punctuation, and further ones, if wanted",
)
def keep_chinese(s: pa.Array, punctuation: pa.Array, extra: pa.Array) -> pa.Array:
    import re

    import pyarrow as pa

    kept: list[str | None] = []
    for text, marks, more in zip(s.to_pylist(), punctuation.to_pylist(), extra.to_pylist(), strict=True):
        if text is None:
            kept.append(None)
            continue
        allowed = re.escape((_PUNCTUATION if marks else "") + "".join(more or []))
        kept.append(re.sub(rf"[^\u4e00-\u9fff{allowed}]", "", text))
    return pa.array(kept, pa.string())


@batch(
    "json_object_array", {"s": "string"}, "array<string>", "the elements of a JSON array, each as JSON text"
)
def json_object_array(s: pa.Array) -> pa.Array:
    import json

    import pyarrow as pa

    rows: list[list[str] | None] = []
    for text in s.to_pylist():
        try:
            value = None if text is None else json.loads(text)
        except ValueError as error:
            raise BadOption(f"json_object_array: not JSON: {error}") from None
        if value is not None and not isinstance(value, list):
            raise BadOption("json_object_array: the text is not a JSON array")
        rows.append(None if value is None else [json.dumps(item, ensure_ascii=False) for item in value])
    return pa.array(rows, pa.list_(pa.string()))
