"""A quick start: garbage is left alone until the session is open.

Hardly anything made while starting is garbage, and looking for it took a fifth of the time to the first
result. Reading the engine's libraries in a second thread beside Jupyter's was tried too: slower, they
only take the interpreter from each other.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Before anything large is imported."""
    gc.disable()


def end() -> None:
    """Collect garbage again, but never look through what starting has made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
