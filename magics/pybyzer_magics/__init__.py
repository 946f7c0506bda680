"""Cells, directives, rendering and completion: what stands between a front end and the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext pybyzer_magics``: adds ``%%byzer`` and ``%byzer``."""
    from pybyzer_magics.ipython import load

    load(shell)
