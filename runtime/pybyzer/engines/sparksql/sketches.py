"""Sketches of Apache DataSketches: what is done with a group's values, and with sketches, batch by batch.

A sketch inside a query is its bytes; theta, tuple and HyperLogLog give the estimates that Spark gives. Only
estimates leave the engine: the bytes of another implementation are not Spark's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

MODES = ("sum", "min", "max", "alwaysone")
_FOLD: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda a, b: a + b,
    "min": min,
    "max": max,
    "alwaysone": lambda a, b: a,
}


def _values(scalar: Any) -> list[Any]:
    return [] if not scalar.is_valid else [value for value in scalar.as_py() if value is not None]


def theta(column: Any, lg: int) -> list[bytes]:
    """A theta sketch of each list of values."""
    import datasketches as ds

    out = []
    for values in column:
        sketch = ds.update_theta_sketch(lg)
        for value in dict.fromkeys(_values(values)):
            sketch.update(value)
        sketch.trim()
        out.append(sketch.compact().serialize())
    return out


def theta_combined(column: Any, how: str, lg: int) -> list[bytes]:
    """Each list of theta sketches as one."""
    return [_theta_of(_values(values), how, lg).serialize() for values in column]


def theta_pairs(left: Any, right: Any, how: str, lg: int) -> list[bytes | None]:
    """The union, intersection or difference of two columns of theta sketches."""
    return [
        None if a is None or b is None else _theta_of([a, b], how, lg).serialize()
        for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True)
    ]


def _theta_of(parts: Iterable[bytes], how: str, lg: int) -> Any:
    import datasketches as ds

    sketches = [ds.compact_theta_sketch.deserialize(part) for part in parts]
    if how == "difference":
        return ds.theta_a_not_b().compute(sketches[0], sketches[1])
    if not sketches:
        return ds.update_theta_sketch(lg).compact()
    combined = ds.theta_union(lg) if how == "union" else ds.theta_intersection()
    for sketch in sketches:
        combined.update(sketch)
    return combined.get_result()


def theta_estimates(column: Any) -> list[int | None]:
    """The estimated number of different values of each sketch."""
    import datasketches as ds

    return [
        None if one is None else round_half_up(ds.compact_theta_sketch.deserialize(one).get_estimate())
        for one in column.to_pylist()
    ]


def round_half_up(value: float) -> int:
    """Java's ``Math.round``."""
    import math

    return math.floor(value + 0.5)


# -- HyperLogLog ---------------------------------------------------------------------------------------


def hll(column: Any, lg: int) -> list[bytes]:
    """A HyperLogLog sketch of each list of values."""
    import datasketches as ds

    out = []
    for values in column:
        sketch = ds.hll_sketch(lg, ds.tgt_hll_type.HLL_8)
        for value in dict.fromkeys(_values(values)):
            sketch.update(value)
        out.append(sketch.serialize_updatable())
    return out


def hll_combined(column: Any, lg_differs: bool) -> list[bytes]:
    """Each list of sketches as one; different sizes are an error unless allowed."""
    return [_hll_of(_values(values), lg_differs) for values in column]


def hll_pairs(left: Any, right: Any, lg_differs: bool) -> list[bytes | None]:
    """The union of two columns of sketches."""
    return [
        None if a is None or b is None else _hll_of([a, b], lg_differs)
        for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True)
    ]


def _hll_of(parts: list[bytes], lg_differs: bool) -> bytes:
    import datasketches as ds

    from pybyzer.errors import EngineError

    sketches = [ds.hll_sketch.deserialize(part) for part in parts]
    sizes = {sketch.lg_config_k for sketch in sketches}
    if len(sizes) > 1 and not lg_differs:
        raise EngineError("these sketches have different sizes", hint="hll_union(a, b, true)")
    union = ds.hll_union(min(sizes, default=12))
    for sketch in sketches:
        union.update(sketch)
    made: bytes = union.get_result(ds.tgt_hll_type.HLL_8).serialize_updatable()
    return made


def hll_estimates(column: Any) -> list[int | None]:
    """The estimated number of different values of each sketch."""
    import datasketches as ds

    return [
        None if one is None else round_half_up(ds.hll_sketch.deserialize(one).get_estimate())
        for one in column.to_pylist()
    ]


# -- tuple sketches ------------------------------------------------------------------------------------


@functools.cache
def _policy(mode: str) -> Any:
    import datasketches as ds

    fold = _FOLD[mode]

    class Policy(ds.TuplePolicy):  # type: ignore[misc]
        """How the numbers of equal keys become one."""

        def create_summary(self) -> Any:
            return None

        def update_summary(self, summary: Any, update: Any) -> Any:
            update = 1 if mode == "alwaysone" else update
            return update if summary is None else fold(summary, update)

        def __call__(self, summary: Any, update: Any) -> Any:
            return fold(summary, update)

    return Policy()


def _serde(kind: str) -> Any:
    import datasketches as ds

    return ds.PyDoublesSerDe() if kind == "double" else ds.PyLongsSerDe()


def tuples(keys: Any, summaries: Any, kind: str, lg: int, mode: str) -> list[bytes]:
    """A tuple sketch of each list of keys and numbers."""
    import datasketches as ds

    out = []
    for some_keys, numbers in zip(keys, summaries, strict=True):
        sketch = ds.update_tuple_sketch(_policy(mode), lg)
        if some_keys.is_valid:
            for key, number in zip(some_keys.as_py(), numbers.as_py(), strict=True):
                if key is not None and number is not None:
                    sketch.update(key, number)
        out.append(sketch.compact().serialize(_serde(kind)))
    return out


def tuple_combined(column: Any, kind: str, how: str, lg: int, mode: str) -> list[bytes]:
    """Each list of tuple sketches as one."""
    return [_tuple_of(_values(values), None, kind=kind, how=how, lg=lg, mode=mode) for values in column]


def tuple_pairs(
    left: Any, right: Any, *, kind: str, how: str, lg: int, mode: str, thetas: bool
) -> list[bytes | None]:
    """Two columns of sketches as one; ``thetas``: those on the right have no numbers."""
    out: list[bytes | None] = []
    for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True):
        if a is None or b is None:
            out.append(None)
        else:
            parts, plain = ([a], b) if thetas else ([a, b], None)
            out.append(_tuple_of(parts, plain, kind=kind, how=how, lg=lg, mode=mode))
    return out


def _tuple_of(parts: list[bytes], plain: bytes | None, *, kind: str, how: str, lg: int, mode: str) -> bytes:
    import datasketches as ds

    serde, policy = _serde(kind), _policy(mode)
    sketches = [ds.compact_tuple_sketch.deserialize(part, serde) for part in parts]
    if plain is not None:
        # A key without a number leaves the numbers of others as they are.
        neutral = {"sum": 0, "min": 2**62, "max": -(2**62)}[mode]
        start = float(neutral) if kind == "double" else neutral
        sketches.append(ds.compact_tuple_sketch(ds.compact_theta_sketch.deserialize(plain), start))
    if how == "difference":
        return bytes(ds.tuple_a_not_b().compute(sketches[0], sketches[1]).serialize(serde))
    if not sketches:
        return bytes(ds.update_tuple_sketch(policy, lg).compact().serialize(serde))
    combined = ds.tuple_union(policy, lg) if how == "union" else ds.tuple_intersection(policy)
    for sketch in sketches:
        combined.update(sketch)
    return bytes(combined.get_result().serialize(serde))


def tuple_facts(column: Any, kind: str, what: str, mode: str) -> list[Any]:
    """``estimate``, ``theta`` or the ``summary`` of each tuple sketch."""
    import datasketches as ds

    out: list[Any] = []
    for one in column.to_pylist():
        if one is None:
            out.append(None)
            continue
        sketch = ds.compact_tuple_sketch.deserialize(one, _serde(kind))
        if what == "estimate":
            out.append(sketch.get_estimate())
        elif what == "theta":
            out.append(sketch.theta)
        else:
            numbers = [1 if mode == "alwaysone" else entry[1] for entry in sketch]
            fold = _FOLD["sum" if mode == "alwaysone" else mode]
            out.append(functools.reduce(fold, numbers) if numbers else 0)
    return out


# -- quantiles -----------------------------------------------------------------------------------------


def kll_summary(column: Any, kind: str, size: int) -> list[str | None]:
    """Java's description of each KLL sketch (k and its sorted values)."""
    from pybyzer.errors import EngineError

    name = {"bigint": "Longs", "float": "Floats", "double": "Doubles"}[kind]
    out: list[str | None] = []
    for one in column.to_pylist():
        if one is None:
            out.append(None)
            continue
        k, values = one["k"], one["v"]
        if not 2 <= len(values) <= k:
            raise EngineError(
                f"the text of a sketch of {len(values)} values depends on chance", hint=f"2 to {k} values"
            )
        shown = {
            "K": k, "Dynamic min K": k, "M": 8, "N": len(values), "Epsilon": f"{229.6 / k**0.9723:.3f}%",
            "Epsilon PMF": f"{244.6 / k**0.9433:.3f}%", "Empty": "false", "Estimation Mode": "false",
            "Levels": 1, "Level 0 Sorted": "false", "Capacity Items": k, "Retained Items": len(values),
            "Free Space": k - len(values), "ReadOnly": "false",
            "Updatable Storage Bytes": size * k + 28 + 2 * size,
            "Compact Storage Bytes": size * len(values) + 24 + 2 * size,
            "Min Item": values[0], "Max Item": values[-1],
        }  # fmt: skip
        lines = "".join(f"   {label:<23}: {value}\n" for label, value in shown.items())
        out.append(f"\n### KllKll{name}Sketch Summary:\n{lines}### End sketch summary\n")
    return out
