"""Questions an ET asks of its input: columns by the options that name them, numbers, the rows of a query."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import BadOption
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa


def require(options: Mapping[str, str], name: str, message: str = "", hint: str | None = None) -> str:
    """A required option that is not empty; ``message`` is the original's own text."""
    value = next((value for key, value in options.items() if key.lower() == name.lower()), "")
    if not value:
        raise BadOption(message or f"{name} is required", option=name, hint=hint)
    return value


def words(text: str) -> list[str]:
    """The parts of a list separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def column(ctx: Context, table: str, name: str, option: str) -> pa.Field:
    """The column that an option names, as the table spells it."""
    schema = ctx.engine.schema(table)
    found = [field for field in schema if field.name.lower() == name.strip().lower()]
    if not found:
        hint = did_you_mean(name, schema.names)
        raise BadOption(f'table "{table}" has no column "{name}"', option=option, hint=hint)
    return found[0]


def columns(ctx: Context, table: str, names: str, option: str) -> list[pa.Field]:
    """The columns of a list of names separated by commas: at least one."""
    parts = words(names)
    if not parts:
        raise BadOption(f"{option} names no column", option=option)
    return [column(ctx, table, name, option) for name in parts]


def is_number(kind: pa.DataType) -> bool:
    """Whether a column holds integers, floats or decimals."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds strings."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def is_list_of(kind: pa.DataType, element: Callable[[pa.DataType], bool]) -> bool:
    """Whether a column holds arrays of such elements."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) and element(kind.value_type))


def is_vector(kind: pa.DataType) -> bool:
    """Whether a column holds vectors (``vec_dense``, ``vec_sparse``)."""
    from pybyzer.arrow import vector_type

    return bool(kind == vector_type())


def typed(field: pa.Field, fits: Callable[[pa.DataType], bool], what: str, option: str) -> pa.Field:
    """The column, if it ``fits``; else an error that says ``what`` it must hold."""
    from pybyzer.arrow import type_name

    if not fits(field.type):
        raise BadOption(f'column "{field.name}" must hold {what}, not {type_name(field.type)}', option=option)
    return field


def new_column(ctx: Context, table: str, name: str, option: str) -> str:
    """The name of a column that is to be added: the table must not have it yet."""
    if name.lower() in (own.lower() for own in ctx.engine.schema(table).names):
        raise BadOption(
            f'table "{table}" has a column "{name}" already', option=option, hint="name a new column"
        )
    return name


def number(options: Mapping[str, str], name: str, least: float | None = None) -> float:
    """An option as a number, not below ``least``."""
    try:
        value = float(options[name])
    except ValueError:
        raise BadOption(f'{name} must be a number, not "{options[name]}"', option=name) from None
    if math.isnan(value) or (least is not None and value < least):
        bound = "" if least is None else f" from {least:g}"
        raise BadOption(f'{name} must be a number{bound}, not "{options[name]}"', option=name)
    return value


def whole(options: Mapping[str, str], name: str, least: int | None = None) -> int:
    """An option as a whole number, not below ``least``."""
    try:
        value = int(options[name].strip())
    except ValueError:
        raise BadOption(f'{name} must be a whole number, not "{options[name]}"', option=name) from None
    if least is not None and value < least:
        raise BadOption(f"{name} must be at least {least}, not {value}", option=name)
    return value


def flag(options: Mapping[str, str], name: str) -> bool:
    """An option that is on or off."""
    return options[name].lower() == "true"


def ask(ctx: Context, sql: str) -> pa.Table:
    """The rows of a query, all of them: for aggregates and other small answers."""
    name = ctx.catalog.fresh("asked")
    ctx.engine.query(sql, name)
    try:
        return ctx.engine.stream(name).reader.read_all()
    finally:
        ctx.engine.drop(name)


def nothing(ctx: Context, output: str) -> None:
    """The result of an ET that only writes: one string column ``name``, no rows."""
    ctx.engine.query("select cast(null as string) as name where 1 = 0", output)


def literal(text: str) -> str:
    """A text as a literal of Spark SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def double(value: float) -> str:
    """A number as a double of Spark SQL, all its digits kept."""
    return f"cast('{value!r}' as double)"


def require_path(ctx: Context, et: str, path: str) -> str:
    """The directory a model is written to: the statement must name one."""
    if not path.strip():
        raise BadOption(f"{et} needs a path for what it writes", hint=f"train t as {et}.`/path`")
    return ctx.resolve(path)
