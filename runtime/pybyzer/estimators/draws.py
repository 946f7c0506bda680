"""Random numbers for the rows of a table: new ones each time, or with a seed always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.engines.base import SqlFunction
from pybyzer.estimators.in_place import temporary
from pybyzer.estimators.inputs import whole

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Draw:
    """A number from 0 to 1 for each row number, by splitmix64: no row depends on another one."""

    seed: int

    def __call__(self, rows: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        mixed = rows.to_numpy(zero_copy_only=False).astype(np.uint64)
        with np.errstate(over="ignore"):
            mixed += np.uint64(self.seed % 2**64) * np.uint64(0xD1B54A32D192ED03)
            mixed = (mixed + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        return pa.array((mixed >> np.uint64(11)) * 2.0**-53)


def draw(ctx: Context, options: Mapping[str, str]) -> str:
    """An expression of Spark SQL with a number from 0 to 1 for each row, by the option ``seed`` if given."""
    import pyarrow as pa

    if not options.get("seed"):
        return "rand()"
    rows, numbers = pa.int64(), pa.float64()
    seeded = SqlFunction("", ("row",), batch=_Draw(whole(options, "seed")), types=(rows,), returns=numbers)
    return f"{temporary(ctx, seeded)}(monotonically_increasing_id())"
