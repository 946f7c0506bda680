"""Random values: with a seed those that Spark gives for one partition, row by row.

Spark's generator shifts and xors 64 bits, so the state at any row is a matrix over bits times the first
state: a batch of rows is computed at once, wherever it begins.
"""

from __future__ import annotations

import bisect
import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, STRING, SqlType
from pybyzer.errors import EngineError, Unsupported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_MASK = 2**64 - 1
_ARRAY_SEED = 0x3C074A61
_CHUNK = 4096
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _murmur(data: bytes, seed: int) -> int:
    """MurmurHash3 (32 bits) of whole words."""
    h = seed
    for start in range(0, len(data), 4):
        k = int.from_bytes(data[start : start + 4], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        k = (k << 15 | k >> 17) * 0x1B873593 & 0xFFFFFFFF
        h ^= k
        h = ((h << 13 | h >> 19) & 0xFFFFFFFF) * 5 + 0xE6546B64 & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def first_state(seed: int) -> int:
    """The state Spark's generator starts with."""
    data = (seed & _MASK).to_bytes(8, "big")
    low = _murmur(data, _ARRAY_SEED)
    return _murmur(data, low) << 32 | low


def _step(state: int) -> int:
    state ^= state << 21 & _MASK
    state ^= state >> 35
    return state ^ (state << 4 & _MASK)


@functools.cache
def _power(exponent: int) -> tuple[int, ...]:
    """What 2**exponent steps make of each single bit."""
    if exponent == 0:
        return tuple(_step(1 << bit) for bit in range(64))
    half = _power(exponent - 1)
    return tuple(_times(half, column) for column in half)


def _times(columns: tuple[int, ...], state: int) -> int:
    out = 0
    for bit, column in enumerate(columns):
        if state >> bit & 1:
            out ^= column
    return out


def states(seed: int, steps: Any) -> Words:
    """The states after so many steps each."""
    import numpy as np

    steps = np.asarray(steps, np.uint64)
    out: Words = np.full(len(steps), first_state(seed), np.uint64)
    one = np.uint64(1)
    for exponent in range(int(steps.max(initial=0)).bit_length()):
        chosen = (steps >> np.uint64(exponent) & one).astype(bool)
        if not chosen.any():
            continue
        mine, made = out[chosen], np.zeros(int(chosen.sum()), np.uint64)
        for bit, column in enumerate(_power(exponent)):
            made ^= (mine >> np.uint64(bit) & one) * np.uint64(column)
        out[chosen] = made
    return out


def uniforms(seed: int, numbers: Any) -> NDArray[np.float64]:
    """The doubles in [0, 1) of these draws (from 0)."""
    import numpy as np

    drawn = np.asarray(numbers, np.uint64)
    two = np.uint64(2)
    one = np.uint64(1)
    high = states(seed, drawn * two + one) & np.uint64(2**26 - 1)
    low = states(seed, drawn * two + two) & np.uint64(2**27 - 1)
    drawn_doubles: NDArray[np.float64] = ((high << np.uint64(27)) + low).astype(np.float64) * 2.0**-53
    return drawn_doubles


class Gaussians:
    """The normal values of a seed, by number. Draws are thrown away on the way, so counts are kept."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts = [0]
        self._lock = threading.Lock()

    def __call__(self, numbers: Any) -> NDArray[np.float64]:
        import numpy as np

        wanted = np.asarray(numbers, np.int64)
        out = np.empty(len(wanted), np.float64)
        if not len(wanted):
            return out
        with self._lock:
            while self._counts[-1] <= wanted.max():
                self._counts.append(self._counts[-1] + len(self._chunk(len(self._counts) - 1)))
            first = bisect.bisect_right(self._counts, int(wanted.min())) - 1
            last = bisect.bisect_right(self._counts, int(wanted.max())) - 1
        for chunk in range(first, last + 1):
            start, end = self._counts[chunk], self._counts[chunk + 1]
            inside = (wanted >= start) & (wanted < end)
            out[inside] = self._chunk(chunk)[wanted[inside] - start]
        return out

    def _chunk(self, number: int) -> NDArray[np.float64]:
        import numpy as np

        draws = 2 * uniforms(self._seed, np.arange(number * 2 * _CHUNK, (number + 1) * 2 * _CHUNK)) - 1
        pairs = draws.reshape(-1, 2)
        size = (pairs**2).sum(axis=1)
        kept = (size < 1) & (size != 0)
        pairs, size = pairs[kept], size[kept]
        made: NDArray[np.float64] = (pairs * np.sqrt(-2 * np.log(size) / size)[:, None]).reshape(-1)
        return made


# -- functions -----------------------------------------------------------------------------------------


def _by_row(call: Call, key: tuple[Any, ...], make: Callable[[], Callable[[Any], Any]], kind: SqlType) -> str:
    """A function of the row's number as SQL."""
    made = _made(key, make)

    def batch(rows: Any) -> Any:
        return made(rows.to_numpy(zero_copy_only=False))

    return python_sql(call, key, batch, [("(row_number() OVER () - 1)", BIGINT)], kind, arrays=True)


_MADE: dict[tuple[Any, ...], Callable[[Any], Any]] = {}


def _made(key: tuple[Any, ...], make: Callable[[], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    return _MADE.setdefault(key, make())


def seed_of(call: Call, index: int) -> int:
    """A seed that is a literal; NULL is 0."""
    seed = call.constant(index)
    if seed is None:
        return 0
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise Unsupported(f"{call.name} with a seed that is not a whole number")
    return seed


def seeded_uniform(call: Call, seed: int) -> str:
    """The SQL of Spark's ``rand(seed)`` of one partition."""
    return _by_row(call, ("rand", seed), lambda: functools.partial(uniforms, seed), DOUBLE)


@rule("rand", "random")
def _rand(call: Call) -> Expr:
    call.arity(0, 1)
    call.translator.volatile = True
    sql = seeded_uniform(call, seed_of(call, 0)) if call.nodes else "random()"
    return call.result(sql, DOUBLE)


@rule("randn")
def _randn(call: Call) -> Expr:
    call.arity(0, 1)
    call.translator.volatile = True
    if not call.nodes:
        return call.result("(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))", DOUBLE)
    seed = seed_of(call, 0)
    return call.result(_by_row(call, ("randn", seed), lambda: Gaussians(seed), DOUBLE), DOUBLE)


@rule("uniform")
def _uniform(call: Call) -> Expr:
    call.arity(2, 3)
    low, high = call.args[:2]
    call.translator.volatile = True
    draw = seeded_uniform(call, seed_of(call, 2)) if len(call.args) == 3 else "random()"
    if not (low.type.numeric and high.type.numeric):
        raise EngineError("uniform needs two numbers")
    kind = DOUBLE
    if low.type.integral and high.type.integral:
        kind = max(
            low.type, high.type, key=lambda one: ("tinyint", "smallint", "int", "bigint").index(one.kind)
        )
    elif "decimal" in (low.type.kind, high.type.kind):
        raise Unsupported("uniform of decimals", hint="uniform(0d, 1d)")
    elif low.type == high.type:
        kind = low.type
    a, b = cast(low, DOUBLE).sql, cast(high, DOUBLE).sql
    made = cast(Expr(f"({a} + ({b} - {a}) * {draw})", DOUBLE), kind)
    return call.result(made.sql, kind)


@rule("randstr")
def _randstr(call: Call) -> Expr:
    call.arity(1, 2)
    length = call.constant(0)
    if not isinstance(length, int) or length < 0:
        raise EngineError("randstr needs a length that is a whole number")
    call.translator.volatile = True
    if len(call.args) == 1:
        raise Unsupported("randstr without a seed", hint="randstr(10, 1)")
    seed = seed_of(call, 1)

    def make() -> Callable[[Any], Any]:
        return functools.partial(_words, seed, length)

    return call.result(_by_row(call, ("randstr", seed, length), make, STRING), STRING)


def _words(seed: int, length: int, rows: Any) -> list[str]:
    import numpy as np

    steps = np.asarray(rows, np.uint64)[:, None] * np.uint64(length) + np.arange(
        1, length + 1, dtype=np.uint64
    )
    drawn = (states(seed, steps.reshape(-1)) & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)
    # Java's remainder has the sign of the number.
    places = np.abs(np.fmod(drawn.astype(np.int64), len(_LETTERS)))
    letters = np.array(list(_LETTERS))[places].reshape(len(steps), length)
    return ["".join(row) for row in letters]
