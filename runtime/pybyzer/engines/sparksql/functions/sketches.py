"""Sketch functions: theta, tuple, HyperLogLog and KLL. They differ in names and types, so rules are made."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql import sketches
from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.types import (
    BIGINT,
    BINARY,
    DOUBLE,
    FLOAT,
    STRING,
    VOID,
    SqlType,
    array,
    sketch_of,
)
from pybyzer.errors import EngineError, Unsupported

THETA, HLL = sketch_of("theta"), sketch_of("hll")


_DEFAULTS = {
    "theta_sketch_agg": (1, "12"), "theta_union_agg": (1, "12"), "theta_union": (2, "12"),
    "hll_sketch_agg": (1, "12"), "hll_union_agg": (1, "false"), "hll_union": (2, "false"),
    "tuple_sketch_agg": (2, "12", "sum"), "tuple_union_agg": (1, "12", "sum"), "tuple_intersection_agg": (1, "sum"),
    "tuple_union": (2, "12", "sum"), "tuple_intersection": (2, "sum"), "tuple_union_theta": (2, "12", "sum"),
    "tuple_intersection_theta": (2, "sum"), "tuple_sketch_summary": (1, "sum"),
}  # fmt: skip
"""How many arguments a function needs, and those that Spark adds to a column's name when they are left out."""


def _run(
    call: Call, key: tuple[object, ...], function: Callable[..., Any], operands: list[Any], returns: SqlType
) -> Expr:
    sql = python_sql(call, (call.name, *key), function, operands, returns, arrays=True)
    least, *defaults = _DEFAULTS.get(call.name.removesuffix("_double").removesuffix("_integer"), (99,))
    shown = [arg.label for arg in call.args] + [str(one) for one in defaults[len(call.args) - int(least) :]]
    return Expr(sql, returns, f"{call.name}({', '.join(shown)}){call.label_suffix}")


def _size(call: Call, index: int, default: int = 12, least: int = 4, most: int = 26) -> int:
    if len(call.args) <= index:
        return default
    lg = call.constant(index)
    if not isinstance(lg, int) or not least <= lg <= most:
        raise EngineError(f"{call.name}: the size is a whole number from {least} to {most}")
    return lg


def _mode(call: Call, index: int) -> str:
    if len(call.args) <= index:
        return "sum"
    mode = str(call.constant(index)).lower()
    if mode not in sketches.MODES:
        raise EngineError(f"{call.name}: the mode is one of {', '.join(sketches.MODES)}")
    return mode


def _hashed(call: Call, index: int = 0) -> Expr:
    """What is counted, in a type whose hash is Java's."""
    value = call.args[index]
    if value.type.integral or value.type == VOID:
        return cast(value, BIGINT)
    if value.type.fractional:
        return cast(value, DOUBLE)
    if value.type not in (STRING, BINARY):
        raise Unsupported(f"{call.name} of {value.type.spark}", hint="whole numbers, doubles, texts, binary")
    return value


def _listed(call: Call, value: Expr) -> tuple[str, SqlType]:
    """The values of a group as a list. Empty texts and binaries are no values in DataSketches."""
    call.aggregate()
    if call.distinct:
        raise Unsupported(f"{call.name}(distinct ...)")
    some = f"{value.sql} IS NOT NULL"
    if value.type in (STRING, BINARY):
        some += f" AND octet_length({value.sql if value.type == BINARY else f'encode({value.sql})'}) > 0"
    return f"list({value.sql}){call.around(some)}", array(value.type)


def _sketch(call: Call, index: int, kind: SqlType) -> tuple[str, SqlType]:
    value = call.args[index]
    if value.type in (BINARY, VOID):
        return f"CAST({value.sql} AS BLOB)", BINARY
    if value.type != kind:
        raise EngineError(f"{call.name} needs another kind of sketch than {value.label}")
    return value.sql, BINARY


def _sketches(call: Call, kind: SqlType) -> tuple[str, SqlType]:
    """A group's sketches as a list."""
    call.aggregate()
    sql, _ = _sketch(call, 0, kind)
    return f"list({sql}){call.around(f'{sql} IS NOT NULL')}", array(BINARY)


# -- theta and HyperLogLog -----------------------------------------------------------------------------


@rule("theta_sketch_agg")
def _theta_sketch(call: Call) -> Expr:
    call.arity(1, 2)
    lg = _size(call, 1)
    make = functools.partial(sketches.theta, lg=lg)
    return _run(call, (lg,), make, [_listed(call, _hashed(call))], THETA)


@rule("theta_union_agg", "theta_intersection_agg")
def _theta_combined(call: Call) -> Expr:
    call.arity(1, 2 if "union" in call.name else 1)
    how, lg = call.name.split("_")[1], _size(call, 1)
    make = functools.partial(sketches.theta_combined, how=how, lg=lg)
    return _run(call, (lg,), make, [_sketches(call, THETA)], THETA)


@rule("theta_union", "theta_intersection", "theta_difference")
def _theta_pair(call: Call) -> Expr:
    call.arity(2, 3 if "union" in call.name else 2)
    how, lg = call.name.split("_")[1], _size(call, 2)
    make = functools.partial(sketches.theta_pairs, how=how, lg=lg)
    return _run(call, (lg,), make, [_sketch(call, 0, THETA), _sketch(call, 1, THETA)], THETA)


@rule("theta_sketch_estimate")
def _theta_estimate(call: Call) -> Expr:
    call.arity(1)
    return _run(call, (), sketches.theta_estimates, [_sketch(call, 0, THETA)], BIGINT)


@rule("hll_sketch_agg")
def _hll_sketch(call: Call) -> Expr:
    call.arity(1, 2)
    if call.args[0].type.fractional:
        raise EngineError("hll_sketch_agg counts whole numbers, texts and binary")
    lg = _size(call, 1, most=21)
    return _run(call, (lg,), functools.partial(sketches.hll, lg=lg), [_listed(call, _hashed(call))], HLL)


@rule("hll_union_agg")
def _hll_combined(call: Call) -> Expr:
    call.arity(1, 2)
    allowed = len(call.args) > 1 and call.constant(1) is True
    make = functools.partial(sketches.hll_combined, lg_differs=allowed)
    return _run(call, (allowed,), make, [_sketches(call, HLL)], HLL)


@rule("hll_union")
def _hll_pair(call: Call) -> Expr:
    call.arity(2, 3)
    allowed = len(call.args) > 2 and call.constant(2) is True
    make = functools.partial(sketches.hll_pairs, lg_differs=allowed)
    return _run(call, (allowed,), make, [_sketch(call, 0, HLL), _sketch(call, 1, HLL)], HLL)


@rule("hll_sketch_estimate")
def _hll_estimate(call: Call) -> Expr:
    call.arity(1)
    return _run(call, (), sketches.hll_estimates, [_sketch(call, 0, HLL)], BIGINT)


# -- tuple sketches ------------------------------------------------------------------------------------


def _tuple_rules(kind: str, number: SqlType) -> None:
    own = sketch_of(f"tuple {kind}")

    @rule(f"tuple_sketch_agg_{kind}")
    def _sketch_agg(call: Call) -> Expr:
        call.arity(2, 4)
        lg, mode = _size(call, 2), _mode(call, 3)
        key, summary = _hashed(call), cast(call.args[1], number)
        call.aggregate()
        around = call.around(f"{key.sql} IS NOT NULL AND {summary.sql} IS NOT NULL")
        lists = [(f"list({value.sql}){around}", array(value.type)) for value in (key, summary)]
        make = functools.partial(sketches.tuples, kind=kind, lg=lg, mode=mode)
        return _run(call, (lg, mode), make, lists, own)

    @rule(f"tuple_union_agg_{kind}", f"tuple_intersection_agg_{kind}")
    def _combined(call: Call) -> Expr:
        union = "union" in call.name
        call.arity(1, 3 if union else 2)
        lg, mode = (_size(call, 1) if union else 12), _mode(call, 2 if union else 1)
        make = functools.partial(
            sketches.tuple_combined, kind=kind, how=call.name.split("_")[1], lg=lg, mode=mode
        )
        return _run(call, (lg, mode), make, [_sketches(call, own)], own)

    both = [
        f"tuple_{how}{other}_{kind}"
        for how in ("union", "intersection", "difference")
        for other in ("", "_theta")
    ]

    @rule(*both)
    def _pair(call: Call) -> Expr:
        how, thetas = call.name.split("_")[1], "_theta_" in call.name
        call.arity(2, {"union": 4, "intersection": 3, "difference": 2}[how])
        lg = _size(call, 2) if how == "union" else 12
        mode = "sum" if how == "difference" else _mode(call, 3 if how == "union" else 2)
        if thetas and mode != "sum" and not (how == "intersection" and mode in ("min", "max")):
            raise Unsupported(f"{call.name} with the mode {mode}")
        make = functools.partial(sketches.tuple_pairs, kind=kind, how=how, lg=lg, mode=mode, thetas=thetas)
        operands = [_sketch(call, 0, own), _sketch(call, 1, THETA if thetas else own)]
        return _run(call, (lg, mode), make, operands, own)

    @rule(f"tuple_sketch_estimate_{kind}", f"tuple_sketch_theta_{kind}", f"tuple_sketch_summary_{kind}")
    def _fact(call: Call) -> Expr:
        what = call.name.split("_")[2]
        call.arity(1, 2 if what == "summary" else 1)
        mode = _mode(call, 1)
        make = functools.partial(sketches.tuple_facts, kind=kind, what=what, mode=mode)
        returns = number if what == "summary" else DOUBLE
        return _run(call, (mode,), make, [_sketch(call, 0, own)], returns)


_tuple_rules("double", DOUBLE)
_tuple_rules("integer", BIGINT)


# -- quantiles: all values, in order -------------------------------------------------------------------


def _kll_rules(kind: SqlType, bytes_: int) -> None:
    own = sketch_of(f"kll {kind.kind}", kind)

    def sketch(call: Call, index: int) -> str:
        if call.args[index].type != own:
            raise EngineError(f"{call.name} needs a sketch of kll_sketch_agg_{kind.kind}")
        return call.args[index].sql

    @rule(f"kll_sketch_agg_{kind.kind}")
    def _agg(call: Call) -> Expr:
        call.arity(1, 2)
        k = _size(call, 1, 200, 8, 65535)
        value = call.args[0]
        if not (value.type == kind or (kind == BIGINT and value.type.integral)):
            raise EngineError(f"{call.name} needs {kind.spark}, but {value.label} is {value.type.spark}")
        listed, _ = _listed(call, cast(value, kind))
        empty = f"CAST([] AS {kind.duck}[])"
        return call.result(f"struct_pack(k := {k}, v := list_sort(coalesce({listed}, {empty})))", own)

    @rule(f"kll_merge_agg_{kind.kind}")
    def _merge_agg(call: Call) -> Expr:
        call.arity(1, 2)
        call.aggregate()
        some = sketch(call, 0)
        listed = f"flatten(list({some}.v){call.around(f'{some} IS NOT NULL')})"
        k = str(_size(call, 1, 200, 8, 65535)) if len(call.args) > 1 else f"min({some}.k){call.around()}"
        return call.result(f"struct_pack(k := {k}, v := list_sort({listed}))", own)

    @rule(f"kll_sketch_merge_{kind.kind}")
    def _merge(call: Call) -> Expr:
        call.arity(2)
        a, b = sketch(call, 0), sketch(call, 1)
        sql = f"struct_pack(k := least({a}.k, {b}.k), v := list_sort(list_concat({a}.v, {b}.v)))"
        return call.result(f"CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {sql} END", own)

    @rule(f"kll_sketch_get_n_{kind.kind}")
    def _count(call: Call) -> Expr:
        call.arity(1)
        return call.result(f"len({sketch(call, 0)}.v)", BIGINT)

    @rule(f"kll_sketch_get_quantile_{kind.kind}", f"kll_sketch_get_rank_{kind.kind}")
    def _at(call: Call) -> Expr:
        call.arity(2)
        values = f"{sketch(call, 0)}.v"
        rank = "rank" in call.name
        asked = call.args[1]
        many = asked.type.kind == "array"
        each = "x" if many else cast(asked, kind if rank else DOUBLE).sql
        if rank:
            made = f"len(list_filter({values}, lambda y: y <= {each})) / CAST(len({values}) AS DOUBLE)"
        else:
            made = f"{values}[CAST(greatest(ceil({each} * len({values})), 1) AS BIGINT)]"
        out = DOUBLE if rank else kind
        if many:
            listed = cast(asked, array(kind if rank else DOUBLE)).sql
            return call.result(f"list_transform({listed}, lambda x: {made})", array(out))
        return call.result(made, out)

    @rule(f"kll_sketch_to_string_{kind.kind}")
    def _text(call: Call) -> Expr:
        call.arity(1)
        make = functools.partial(sketches.kll_summary, kind=kind.kind, size=bytes_)
        return _run(call, (), make, [(sketch(call, 0), own)], STRING)


_kll_rules(BIGINT, 8)
_kll_rules(FLOAT, 4)
_kll_rules(DOUBLE, 8)
