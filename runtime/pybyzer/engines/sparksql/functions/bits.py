"""Bits: shifts, single bits, and bitmaps (32768 bits in 4096 bytes) with their aggregates."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, BINARY, INT, INTEGRAL, TINYINT
from pybyzer.errors import EngineError

BYTES = 4096
"""The size of a bitmap."""

_EMPTY = rf"repeat('\x00'::BLOB, {BYTES})"
_FULL = rf"repeat('\xFF'::BLOB, {BYTES})"
_PADDED = rf"CAST(({{0}} || repeat('\x00'::BLOB, {BYTES} - octet_length({{0}}))) AS BIT)"
# Bit p of a bitmap is bit p % 8 of byte p // 8, counted from the least significant.
_PLACE = "({0} - {0} % 8 + 7 - {0} % 8)"

table(rf"""
bitmap_bit_position | bigint | bigint | CASE WHEN {{0}} > 0 THEN ({{0}} - 1) % {BYTES * 8} ELSE -({{0}} % {BYTES * 8}) END
bitmap_bucket_number | bigint | bigint | CASE WHEN {{0}} > 0 THEN 1 + ({{0}} - 1) // {BYTES * 8} ELSE -(-{{0}} // {BYTES * 8}) END
bitmap_construct_agg | bigint | binary | coalesce(CAST(bitstring_agg({_PLACE}, 0, {BYTES * 8 - 1}){{w}} AS BLOB), {_EMPTY})
bitmap_or_agg | binary | binary | coalesce(CAST(bit_or({_PADDED}){{w}} AS BLOB), {_EMPTY})
bitmap_and_agg | binary | binary | coalesce(CAST(bit_and({_PADDED}){{w}} AS BLOB), {_FULL})
""")

_SIGNS = {"<<": "shiftleft", ">>": "shiftright", ">>>": "shiftrightunsigned"}


@rule("shiftleft", "shiftright", "shiftrightunsigned", *_SIGNS)
def _shift(call: Call) -> Expr:
    call.arity(2)
    wide = call.args[0].type == BIGINT
    kind = BIGINT if wide else INT
    value, count = call.as_(0, kind), f"({call.as_(1, INT)} & {63 if wide else 31})"
    wider, wrap, mask = (
        ("HUGEINT", "spark_wrap64", 2**64 - 1) if wide else ("BIGINT", "spark_wrap32", 2**32 - 1)
    )
    sql = {
        "shiftleft": f"{wrap}(CAST({value} AS {wider}) * (CAST(1 AS {wider}) << {count}))",
        "shiftright": f"({value} >> {count})",
        "shiftrightunsigned": f"{wrap}((CAST({value} AS {wider}) & {mask}) >> {count})",
    }[_SIGNS.get(call.name, call.name)]
    if call.name in _SIGNS:
        return Expr(sql, kind, f"({call.args[0].label} {call.name} {call.args[1].label})")
    return call.result(sql, kind)


@rule("bit_get", "getbit")
def _bit_get(call: Call) -> Expr:
    call.arity(2)
    kind = call.args[0].type
    kind = kind if kind.integral else BIGINT
    size = 8 << INTEGRAL.index(kind.kind)
    value, place = f"CAST({call.as_(0, kind)} AS BIGINT)", call.as_(1, INT)
    outside = f"error('{call.name}: the position must be from 0 to {size - 1}')"
    sql = f"CASE WHEN {place} < 0 OR {place} >= {size} THEN {outside} ELSE CAST(({value} >> {place}) & 1 AS TINYINT) END"
    return call.result(sql, TINYINT)


@rule("bit_count")
def _bit_count(call: Call) -> Expr:
    call.arity(1)
    kind = call.args[0].type
    if kind.kind not in ("boolean", "void", *INTEGRAL):
        raise EngineError(
            f"bit_count needs a whole number or a boolean, but {call.args[0].label} is {kind.spark}"
        )
    return call.result(f"CAST(bit_count({call.as_(0, BIGINT)}) AS INTEGER)", INT)


@rule("bit_and", "bit_or", "bit_xor")
def _bit_aggregate(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    kind = call.args[0].type
    kind = kind if kind.integral else BIGINT
    distinct = "DISTINCT " if call.distinct else ""
    return call.result(f"{call.name}({distinct}{call.as_(0, kind)}){call.around()}", kind)


@rule("bitmap_count")
def _bitmap_count(call: Call) -> Expr:
    call.arity(1)
    value, kind = call.args[0].sql, call.args[0].type
    if kind != BINARY:
        raise EngineError(f"bitmap_count needs binary, but {call.args[0].label} is {kind.spark}")
    counted = f"CASE WHEN octet_length({value}) = 0 THEN 0 ELSE bit_count(CAST({value} AS BIT)) END"
    return call.result(f"CAST({counted} AS BIGINT)", BIGINT)
