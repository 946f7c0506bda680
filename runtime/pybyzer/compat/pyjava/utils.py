"""``print_flush``: a print that is seen at once."""

from __future__ import annotations

from typing import Any


def print_flush(*args: Any, **kwargs: Any) -> None:
    """Print, and do not wait in a buffer."""
    print(*args, **kwargs, flush=True)
