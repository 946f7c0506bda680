"""Commits of several writers: who loses against another tries again, a few times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pybyzer.errors import EngineError
from pybyzer.sources.delta_table import Location

ATTEMPTS = 12
"""Commits tried when others write the same table."""
PAUSES = (0.02, 2.0)
"""Seconds to wait at first, and at most; a random part of them, twice as many after each attempt."""

T = TypeVar("T")


def retried(at: Location, commit: Callable[[], T]) -> T:
    """What ``commit`` gives; it looks at the table anew each time."""
    import tenacity
    from deltalake.exceptions import CommitFailedError

    trying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(PAUSES[0], PAUSES[1]),
        retry=tenacity.retry_if_exception_type(CommitFailedError),
        reraise=True,
    )
    try:
        return trying(commit)
    except CommitFailedError as error:
        raise EngineError(
            f"delta table {at.shown}: others kept writing it, {ATTEMPTS} commits failed: {error}",
            hint="run the statement again when they are done",
        ) from None
