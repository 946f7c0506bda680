"""A directory that appears whole or not at all: write beside it, then rename."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from pybyzer.errors import ByzerError


@contextmanager
def replacing(directory: str) -> Iterator[str]:
    """A fresh empty directory that takes the place of ``directory`` when the block ends well."""
    directory = os.path.abspath(directory)
    parent = os.path.dirname(directory)
    try:
        os.makedirs(parent, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".model-", dir=parent) as scratch:
            fresh = os.path.join(scratch, "new")
            os.mkdir(fresh)
            yield fresh
            if os.path.lexists(directory):
                os.rename(directory, os.path.join(scratch, "old"))
            os.rename(fresh, directory)
    except OSError as error:
        raise ByzerError(f"cannot write {directory}: {error.strerror or error}") from None
