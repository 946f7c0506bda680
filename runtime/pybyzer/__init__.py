"""pybyzer: Byzer-lang notebooks in Python. The public names, loaded when used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pybyzer.errors import ByzerError
    from pybyzer.lang.parser import parse
    from pybyzer.session import Session
    from pybyzer.settings import Settings

__version__ = "0.1.0"
__all__ = ["ByzerError", "Session", "Settings", "__version__", "parse"]

_HOMES = {
    "ByzerError": "pybyzer.errors",
    "Session": "pybyzer.session",
    "Settings": "pybyzer.settings",
    "parse": "pybyzer.lang.parser",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pybyzer' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
