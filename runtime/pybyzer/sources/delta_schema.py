"""May these columns be saved into that Delta table, and as what? Decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.arrow import canonical_schema, type_name
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.parts import check_columns

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Fit:
    """The columns a save writes (the table's own spelling and types), and those that are new to it."""

    schema: pa.Schema
    added: tuple[pa.Field, ...] = ()


def checked(schema: pa.Schema, partition_by: tuple[str, ...]) -> pa.Schema:
    """The canonical schema of a table about to be saved; what Delta cannot hold is refused by name."""
    import pyarrow as pa

    check_columns(schema.names, partition_by)
    canonical = canonical_schema(schema).remove_metadata()
    for field in canonical:
        if any(pa.types.is_time(leaf) for leaf in _leaves(field.type)):
            raise Unsupported(
                f'column "{field.name}": a delta table cannot hold values of type {type_name(field.type)}',
                hint=f"cast it: cast({field.name} as string)",
            )
    return pa.schema([field.with_nullable(True) for field in canonical])


def fit(incoming: pa.Schema, existing: pa.Schema, shown: str, *, merge: bool, overwrite: bool) -> Fit:
    """How ``incoming`` goes into a table of schema ``existing``; ``BadOption`` with the difference if not.

    Columns are matched without case. Missing ones become NULL, values are only ever widened.
    """
    import pyarrow as pa

    given = {field.name.lower(): field for field in incoming}
    known = {field.name.lower(): field for field in existing}
    added = tuple(field for field in incoming if field.name.lower() not in known)
    clashes = [
        (field, given[key].type)
        for key, field in known.items()
        if key in given and not widens(given[key].type, field.type)
    ]
    if clashes or (added and not merge):
        lines = [f"+ {f.name} {type_name(f.type)}   (not in the table)" for f in added]
        lines += [
            f"~ {f.name}: {type_name(f.type)} in the table, saved as {type_name(t)}" for f, t in clashes
        ]
        raise BadOption(
            f"the columns do not fit delta table {shown}:\n  " + "\n  ".join(lines),
            hint=_remedy(bool(added), bool(clashes), overwrite),
        )
    return Fit(pa.schema([*existing, *added]), added)


def _remedy(added: bool, clashes: bool, overwrite: bool) -> str:
    if clashes:
        return (
            'overwriteSchema="true" replaces the table\'s columns'
            if overwrite
            else 'cast the column in a select, or save overwrite with overwriteSchema="true"'
        )
    extra = ', overwriteSchema="true" replaces the table\'s columns' if overwrite and added else ""
    return f'mergeSchema="true" adds columns to the table{extra}'


def widens(source: pa.DataType, target: pa.DataType) -> bool:
    """Whether every value of ``source`` is one of ``target``, unchanged."""
    import pyarrow as pa

    kinds = pa.types
    if source.equals(target) or kinds.is_null(source):
        return True
    if kinds.is_integer(source) and kinds.is_integer(target):
        return bool(source.bit_width <= target.bit_width)
    if kinds.is_integer(source) and kinds.is_float64(target):
        return bool(source.bit_width <= 32)
    if kinds.is_floating(source) and kinds.is_floating(target):
        return bool(source.bit_width <= target.bit_width)
    if kinds.is_decimal(target):
        digits = {8: 3, 16: 5, 32: 10, 64: 19}.get(source.bit_width) if kinds.is_integer(source) else None
        if kinds.is_decimal(source):
            digits = source.precision - source.scale
            return bool(source.scale <= target.scale and digits <= target.precision - target.scale)
        return digits is not None and digits <= target.precision - target.scale
    if kinds.is_list(source) and kinds.is_list(target):
        return widens(source.value_type, target.value_type)
    if kinds.is_map(source) and kinds.is_map(target):
        return widens(source.key_type, target.key_type) and widens(source.item_type, target.item_type)
    if kinds.is_struct(source) and kinds.is_struct(target):
        names = [field.name for field in source]
        return names == [field.name for field in target] and all(
            widens(a.type, b.type) for a, b in zip(source, target, strict=True)
        )
    return False


def aligned(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with the columns of ``schema``: reordered, widened, NULL where it has none."""
    import pyarrow as pa

    at = {name.lower(): index for index, name in enumerate(batch.schema.names)}
    columns = [
        batch.column(at[field.name.lower()]).cast(field.type)
        if field.name.lower() in at
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _leaves(dtype: pa.DataType) -> list[pa.DataType]:
    if dtype.num_fields == 0:
        return [dtype]
    return [leaf for i in range(dtype.num_fields) for leaf in _leaves(dtype.field(i).type)]
