"""Rows (dicts) as record batches: with the declared schema, or with one inferred and widened as rows come.

With a schema, values are converted without loss or the row, column and value are named. Rows are matched by
name when the names of the schema are all there, else by position. Without one, an integer column that meets
a float becomes a float column, a column of nulls takes the type that comes; other differences are an error.
"""

from __future__ import annotations

import datetime
import decimal
import math
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 80
VECTOR = ["type", "size", "indices", "values"]


class BadRow(ValueError):
    """A row that does not fit; the message names row, column and value."""


def converter(schema: Optional[pa.Schema]) -> Callable[[Sequence[Any], int], pa.RecordBatch]:
    """What turns a block of rows, the first of which has the number given, into a record batch."""
    return inferred if schema is None else lambda block, first: fitted(block, schema, first)


def _check(block: Sequence[Any], first: int) -> None:
    if set(map(type, block)) == {dict}:
        return
    for number, row in enumerate(block):
        if not isinstance(row, Mapping):
            kind = type(row).__name__
            raise BadRow("row %d is a %s, not a dict: %s" % (first + number, kind, _shown(row)))


# -- with a schema ---------------------------------------------------------------------------------


def fitted(block: Sequence[Any], schema: pa.Schema, first: int = 0) -> pa.RecordBatch:
    """Rows converted to a declared schema."""
    import pyarrow as pa

    _check(block, first)
    names = schema.names
    columns = _uniform(block, names)
    if columns is None:
        wanted = set(names)
        placed = [_placed(row, names, wanted, first + number) for number, row in enumerate(block)]
        columns = [list(column) for column in zip(*placed)]
    arrays = [converted(column, field, first) for column, field in zip(columns, schema)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _uniform(block: Sequence[Any], names: Sequence[Any]) -> Optional[List[List[Any]]]:
    """The columns of rows that all have just these keys; None when some row has not."""
    if set(map(len, block)) != {len(set(names))}:
        return None
    try:
        return [[row[name] for row in block] for name in names]
    except KeyError:
        return None


def _placed(row: Mapping[Any, Any], names: Sequence[str], wanted: Any, number: int) -> Sequence[Any]:
    """The values of one row in the schema's order."""
    if wanted <= row.keys() or (len(row) < len(names) and row.keys() <= wanted):
        return [row.get(name) for name in names]
    if len(row) == len(names):
        return list(row.values())
    raise BadRow(
        "row %d has the columns %s, the schema has %s"
        % (number, ", ".join(map(str, row)) or "(none)", ", ".join(names))
    )


def converted(column: Sequence[Any], field: pa.Field, first: int = 0) -> pa.Array:
    """The values of a column as the declared type; ``BadRow`` for the first that does not fit."""
    import pyarrow as pa

    kind = field.type
    try:
        # Arrow's own conversion to a given type cuts 1.5 to 1; what it finds by itself is cast with care.
        found = pa.array(column)
        if found.type == kind:
            return found
        if _close(found.type, kind):
            return found.cast(kind)
    except (pa.ArrowException, TypeError, OverflowError, ValueError):
        pass  # one value is in the way: it is found and named, or converted, below
    good = []
    for number, value in enumerate(column):
        try:
            good.append(as_type(value, kind))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise _refused(value, field, first + number, error) from None
    try:
        return pa.array(good, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        for number, value in enumerate(good):
            try:
                pa.array([value], kind)
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                raise _refused(column[number], field, first + number, error) from None
        raise


def _refused(value: Any, field: pa.Field, number: int, error: BaseException) -> BadRow:
    kind = type(value).__name__
    shown = _shown(value)
    return BadRow(
        'row %d, column "%s": %s (%s) does not fit %s%s'
        % (number, field.name, shown, kind, field.type, ": %s" % error if str(error) else "")
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _close(found: pa.DataType, kind: pa.DataType) -> bool:
    """Whether a safe cast keeps every value what it is."""
    from pyarrow import types

    if types.is_null(found):
        return True
    if types.is_list(found) and types.is_list(kind):
        return found.value_type == kind.value_type or _close(found.value_type, kind.value_type)
    for family in (types.is_integer, types.is_floating):
        if family(found):
            return bool(types.is_integer(kind) or types.is_floating(kind))
    if types.is_timestamp(found) and types.is_timestamp(kind):
        return (found.tz is None) == (kind.tz is None)
    text, binary = (types.is_string, types.is_large_string), (types.is_binary, types.is_large_binary)
    return any(any(f(found) for f in family) and any(f(kind) for f in family) for family in (text, binary))


def as_type(value: Any, kind: pa.DataType) -> Any:
    """A value that Arrow takes for ``kind``; ``TypeError``, ``ValueError`` when it would be another value."""
    from pyarrow import types

    value = native(value)
    if value is None:
        return None
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        if isinstance(value, (str, Mapping)):
            raise TypeError("not a list")
        return [as_type(item, kind.value_type) for item in value]
    if types.is_map(kind):
        pairs = value.items() if isinstance(value, Mapping) else value
        return [(as_type(k, kind.key_type), as_type(v, kind.item_type)) for k, v in pairs]
    if types.is_struct(kind):
        return _struct(value, kind)
    if isinstance(value, float) and math.isnan(value) and not types.is_floating(kind):
        return None  # what pandas makes of a missing value
    if types.is_integer(kind):
        whole = int(value) if not isinstance(value, (str, bytes)) else None
        if whole is None or whole != value:
            raise ValueError("not a whole number")
        return whole
    if types.is_floating(kind):
        if isinstance(value, (str, bytes)):
            raise ValueError("not a number")
        if isinstance(value, int) and int(float(value)) != value:
            raise ValueError("has more digits than a float")
        return float(value)
    if types.is_decimal(kind):
        return decimal.Decimal(repr(value)) if isinstance(value, float) else decimal.Decimal(value)
    if types.is_boolean(kind) and not isinstance(value, bool):
        if value in (0, 1) and not isinstance(value, (str, bytes)):
            return bool(value)
        raise ValueError("not true or false")
    if (types.is_string(kind) or types.is_large_string(kind)) and not isinstance(value, str):
        raise ValueError("not text")
    if types.is_binary(kind) or types.is_large_binary(kind):
        if isinstance(value, str):
            raise ValueError("text is not bytes; encode it")
        return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else bytes(bytearray(value))
    if types.is_date(kind) and isinstance(value, datetime.datetime):
        if (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
            raise ValueError("has a time of day")
        return value.date()
    if types.is_timestamp(kind) and type(value) is datetime.date:
        return datetime.datetime(value.year, value.month, value.day)
    return value


def _struct(value: Any, kind: pa.DataType) -> Dict[str, Any]:
    fields = list(kind)
    if isinstance(value, Mapping):
        unknown = [key for key in value if kind.get_field_index(str(key)) < 0]
        if unknown:
            raise ValueError("no field %s" % unknown[0])
        return {f.name: as_type(value.get(f.name), f.type) for f in fields}
    if [f.name for f in fields] == VECTOR:
        return {"type": 1, "size": None, "indices": None, "values": [float(v) for v in value]}
    content = [] if isinstance(value, str) else list(value)
    if len(content) != len(fields):
        raise ValueError("%d values for %d fields" % (len(content), len(fields)))
    return {f.name: as_type(item, f.type) for f, item in zip(fields, content)}


def native(value: Any) -> Any:
    """A plain Python value for what numpy, pandas and tensors wrap; NaT and NA become None."""
    if value is None or isinstance(value, (str, bytes, int, float, list, dict, tuple)):
        return value
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "tolist"):
        # A datetime64[ns] would become an integer.
        moment = getattr(getattr(value, "dtype", None), "kind", "") == "M"
        return value.astype("datetime64[us]").tolist() if moment else value.tolist()
    if hasattr(value, "numpy"):
        return value.numpy().tolist()
    return value


# -- without a schema ------------------------------------------------------------------------------


def inferred(block: Sequence[Any], first: int = 0) -> pa.RecordBatch:
    """Rows with the types that Arrow finds in them; keys in the order of their first appearance."""
    import pyarrow as pa

    _check(block, first)
    keys = list(block[0])
    columns = _uniform(block, keys)
    if columns is None:
        keys = list(dict.fromkeys(key for row in block for key in row))
        columns = [[row.get(key) for row in block] for key in keys]
    arrays = [_guess(column, str(key), first) for column, key in zip(columns, keys)]
    if not arrays:
        raise BadRow("row %d has no columns" % first)
    return pa.RecordBatch.from_arrays(arrays, names=[str(key) for key in keys])


def _guess(column: List[Any], name: str, first: int) -> pa.Array:
    import pyarrow as pa

    try:
        return _standard(pa.array(column))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        pass  # mixed or wrapped values: plain ones may agree
    good = [native(value) for value in column]
    numbers = [v for v in good if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if any(isinstance(v, float) for v in numbers) and len(numbers) == sum(v is not None for v in good):
        good = [None if v is None else float(v) for v in good]
    try:
        return _standard(pa.array(good))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _mixed(good, name, first, error) from None


def _mixed(column: List[Any], name: str, first: int, error: BaseException) -> BadRow:
    """Which row is the first that does not go with those before it (found by bisection)."""
    import pyarrow as pa

    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pa.array(column[:middle])
            low = middle
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            high = middle
    value = column[high - 1]
    before = next((type(v).__name__ for v in column[: high - 1] if v is not None), None)
    after = " after values of type %s" % before if before else ""
    return BadRow(
        'row %d, column "%s": cannot use %s (%s)%s; declare #%%schema, or convert it: %s'
        % (first + high - 1, name, _shown(value), type(value).__name__, after, error)
    )


def _standard(array: pa.Array) -> pa.Array:
    """Arrow's finding in the types of tables: microseconds, UTC, no half floats."""
    import pyarrow as pa

    kind = standard_type(array.type)
    return array if kind == array.type else array.cast(kind, safe=not pa.types.is_timestamp(array.type))


def standard_type(kind: pa.DataType) -> pa.DataType:
    """The type of a column for values that Arrow took for ``kind``."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_timestamp(kind):
        return pa.timestamp("us", "UTC" if kind.tz else None)
    if types.is_float16(kind):
        return pa.float32()
    if types.is_list(kind):
        return pa.list_(standard_type(kind.value_type))
    if types.is_struct(kind):
        return pa.struct([pa.field(f.name, standard_type(f.type)) for f in kind])
    if types.is_dictionary(kind):
        return standard_type(kind.value_type)
    return kind


def widened(old: pa.Schema, new: pa.Schema) -> pa.Schema:
    """A schema that holds both; columns in order of first appearance. ``BadRow`` where there is none."""
    import pyarrow as pa

    if old == new:
        return old
    fields = {field.name: field.type for field in old}
    for field in new:
        there = fields.get(field.name)
        try:
            fields[field.name] = field.type if there is None else wider(there, field.type)
        except TypeError:
            raise BadRow(
                'column "%s" holds %s and later %s; declare #%%schema' % (field.name, there, field.type)
            ) from None
    return pa.schema([pa.field(name, kind) for name, kind in fields.items()])


def wider(a: pa.DataType, b: pa.DataType) -> pa.DataType:
    """A type that holds both without loss; ``TypeError`` where there is none."""
    import pyarrow as pa
    from pyarrow import types

    if a == b or types.is_null(b):
        return a
    if types.is_null(a):
        return b
    if types.is_integer(a) and types.is_integer(b):
        return a if a.bit_width >= b.bit_width else b
    if (types.is_integer(a) or types.is_floating(a)) and (types.is_integer(b) or types.is_floating(b)):
        return pa.float64()
    if types.is_list(a) and types.is_list(b):
        return pa.list_(wider(a.value_type, b.value_type))
    if types.is_struct(a) and types.is_struct(b):
        return pa.struct(list(widened(pa.schema(list(a)), pa.schema(list(b)))))
    if types.is_decimal(a) and types.is_decimal(b):
        scale = max(a.scale, b.scale)
        return pa.decimal128(min(38, max(a.precision - a.scale, b.precision - b.scale) + scale), scale)
    if types.is_date(a) and types.is_timestamp(b):
        return b
    if types.is_timestamp(a) and types.is_date(b):
        return a
    raise TypeError("%s and %s" % (a, b))


def cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch in a wider schema: missing columns are null."""
    import pyarrow as pa

    if batch.schema == schema:
        return batch
    arrays = []
    for field in schema:
        at = batch.schema.get_field_index(field.name)
        arrays.append(pa.nulls(batch.num_rows, field.type) if at < 0 else _cast(batch.column(at), field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Arrow's cast, and structs that got more fields."""
    import pyarrow as pa
    from pyarrow import types

    if array.type == kind:
        return array
    if types.is_null(array.type):
        return pa.nulls(len(array), kind)
    if types.is_struct(kind) or (types.is_list(kind) and types.is_struct(kind.value_type)):
        return pa.array(array.to_pylist(), kind)
    return array.cast(kind)
