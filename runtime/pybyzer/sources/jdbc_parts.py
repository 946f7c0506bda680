"""How a read is cut: ``partitionColumn`` with its bounds, or the conditions of ``prePtnArray``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.databases.base import Column, Database

_BOUNDS = ("lowerBound", "upperBound", "numPartitions")


def conditions(database: Database, columns: list[Column], options: Mapping[str, str]) -> list[str]:
    """A condition for each part of the read; a single empty one when it is not cut."""
    if options.get("prePtnArray"):
        try:
            found = re.split(options["prePtnDelimiter"], options["prePtnArray"])
        except re.error as error:
            raise BadOption(
                f"prePtnDelimiter is not a regular expression: {error}", option="prePtnDelimiter"
            ) from None
        return [f"({text.strip()})" for text in found if text.strip()]
    name = options.get("partitionColumn")
    if name is None:
        return [""]
    for other in _BOUNDS:
        if other not in options:
            raise BadOption(f"partitionColumn needs {', '.join(_BOUNDS)} too", option="partitionColumn")
    column = next((c for c in columns if c.name.lower() == name.lower().strip('`"')), None)
    if column is None:
        hint = did_you_mean(name, [c.name for c in columns])
        raise UnknownName(f'partitionColumn: no column "{name}"', hint=hint).about("partitionColumn")
    own = database.quoted(column.name)
    cuts = _cuts(column, options)
    if not cuts:
        return [""]
    between = [f"{own} >= {low} AND {own} < {high}" for low, high in pairwise(cuts)]
    return [f"{own} < {cuts[0]} OR {own} IS NULL", *between, f"{own} >= {cuts[-1]}"]


def _cuts(column: Column, options: Mapping[str, str]) -> list[str]:
    """The literals between two parts."""
    low, high = (_bound(column.type, key, options[key]) for key in ("lowerBound", "upperBound"))
    text = options["numPartitions"]
    if not text.strip().isdigit() or int(text) < 1:
        raise BadOption(f'numPartitions must be a whole number from 1, not "{text}"', option="numPartitions")
    if low > high:
        raise BadOption("lowerBound is larger than upperBound", option="lowerBound")
    count = max(1, min(int(text), high - low))
    values = [low + (high - low) * part // count for part in range(1, count)]
    return [_literal(column.type, value) for value in values]


_EPOCH = datetime.datetime(1970, 1, 1)


def _bound(dtype: pa.DataType, key: str, text: str) -> int:
    """A bound as a number; days of dates, microseconds of times."""
    import pyarrow as pa

    try:
        if pa.types.is_date(dtype):
            return (datetime.datetime.fromisoformat(text.strip()) - _EPOCH).days
        if pa.types.is_timestamp(dtype):
            moment = datetime.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
            return (moment - _EPOCH) // datetime.timedelta(microseconds=1)
        if pa.types.is_integer(dtype) or pa.types.is_decimal(dtype) or pa.types.is_floating(dtype):
            return int(text)
    except ValueError:
        raise BadOption(f'{key} is no value of the partition column: "{text}"', option=key) from None
    raise BadOption(
        "the partition column must hold numbers, dates or times",
        option="partitionColumn",
        hint="prePtnArray takes conditions on any column",
    )


def _literal(dtype: pa.DataType, value: int) -> str:
    import pyarrow as pa

    if pa.types.is_date(dtype):
        return f"'{(_EPOCH + datetime.timedelta(days=value)).date()}'"
    if pa.types.is_timestamp(dtype):
        return f"'{_EPOCH + datetime.timedelta(microseconds=value)}'"
    return str(value)
