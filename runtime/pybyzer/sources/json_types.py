"""The types of JSON values as Spark infers them: ``bigint``, ``double``, fields in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import MOST_DIGITS
from pybyzer.sources.json_text import Array, Number, Object

if TYPE_CHECKING:
    import pyarrow as pa

LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1


class TextWanted(Exception):
    """An object or array goes into a text column: parse again, keeping texts."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The options that change types."""

    primitives_as_string: bool = False
    prefers_decimal: bool = False

    def type_of(self, value: object) -> pa.DataType:
        """The type of one parsed value."""
        import pyarrow as pa

        match value:
            case None:
                return pa.null()
            case dict():
                return pa.struct([(key, self.type_of(value[key])) for key in sorted(value)])
            case list():
                return pa.list_(merged(self.type_of(item) for item in value))
            case _ if self.primitives_as_string:
                return pa.string()
            case bool():
                return pa.bool_()
            case Number():
                return self._number(value)
            case _:
                return pa.string()

    def _number(self, text: Number) -> pa.DataType:
        import pyarrow as pa

        if text.lstrip("-").isdigit():
            value = int(text)
            if LONG_MIN <= value <= LONG_MAX:
                return pa.int64()
            digits = len(str(abs(value)))
            return pa.decimal128(digits, 0) if digits <= MOST_DIGITS else pa.float64()
        if self.prefers_decimal and text.strip("+-")[0].isdigit():
            _, digits_, exponent = Decimal(text).as_tuple()
            scale = max(0, -int(exponent))
            precision = max(len(digits_) + max(0, int(exponent)), scale)
            if precision <= MOST_DIGITS:
                return pa.decimal128(precision, scale)
        return pa.float64()


def merged(types: Iterable[pa.DataType]) -> pa.DataType:
    """The type of a column whose values have these types."""
    import pyarrow as pa

    return reduce(merge, types, pa.null())


def merge(a: pa.DataType, b: pa.DataType) -> pa.DataType:
    """The narrowest type for both; ``string`` when they have nothing in common."""
    import pyarrow as pa

    kinds = pa.types
    if a.equals(b) or kinds.is_null(b):
        return a
    if kinds.is_null(a):
        return b
    if kinds.is_struct(a) and kinds.is_struct(b):
        left, right = ({field.name: field.type for field in side} for side in (a, b))
        return pa.struct(
            [(n, merge(left.get(n, pa.null()), right.get(n, pa.null()))) for n in sorted({*left, *right})]
        )
    if kinds.is_list(a) and kinds.is_list(b):
        return pa.list_(merge(a.value_type, b.value_type))
    if not (_is_number(a) and _is_number(b)):
        return pa.string()
    if kinds.is_float64(a) or kinds.is_float64(b):
        return pa.float64()
    (p, s), (q, t) = _digits(a), _digits(b)
    scale = max(s, t)
    precision = max(p - s, q - t) + scale
    return pa.decimal128(precision, scale) if precision <= MOST_DIGITS else pa.float64()


def _is_number(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_int64(dtype) or pa.types.is_float64(dtype) or pa.types.is_decimal(dtype))


def _digits(dtype: pa.DataType) -> tuple[int, int]:
    import pyarrow as pa

    return (20, 0) if pa.types.is_int64(dtype) else (dtype.precision, dtype.scale)


def settled(dtype: pa.DataType, *, drop_nulls: bool = False) -> pa.DataType | None:
    """An inferred type as a column's: what was only ever NULL is a string; objects without fields vanish."""
    import pyarrow as pa

    if pa.types.is_null(dtype):
        return None if drop_nulls else pa.string()
    if pa.types.is_list(dtype):
        item = settled(dtype.value_type, drop_nulls=drop_nulls)
        return None if item is None else pa.list_(item)
    if pa.types.is_struct(dtype):
        fields = [(field.name, settled(field.type, drop_nulls=drop_nulls)) for field in dtype]
        kept = [(name, kind) for name, kind in fields if kind is not None]
        return pa.struct(kept) if kept else None
    return dtype


def coerced(value: Any, dtype: pa.DataType) -> Any:
    """A parsed value as pyarrow wants it for ``dtype``; ``TextWanted`` when its text is needed."""
    import pyarrow as pa

    if value is None:
        return None
    kinds = pa.types
    if kinds.is_string(dtype):
        return _text(value)
    if kinds.is_struct(dtype) and isinstance(value, dict):
        return {field.name: coerced(value.get(field.name), field.type) for field in dtype}
    if kinds.is_list(dtype) and isinstance(value, list):
        return [coerced(item, dtype.value_type) for item in value]
    if isinstance(value, Number):
        if kinds.is_int64(dtype):
            return int(value)
        return float(value) if kinds.is_float64(dtype) else Decimal(value)
    return value if kinds.is_boolean(dtype) and isinstance(value, bool) else None


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Object() | Array():
            return value.text
        case dict() | list():
            raise TextWanted
        case _:
            # A lone surrogate has no UTF-8: it becomes a question mark, as in Java.
            return str(value).encode("utf-8", "replace").decode()
