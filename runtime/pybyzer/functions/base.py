"""The registry of SQL functions. A new function is a ``SqlFunction`` registered in this folder."""

from __future__ import annotations

from pybyzer.engines.base import SqlFunction
from pybyzer.registry import Registry

FUNCTIONS: Registry[SqlFunction] = Registry("function", "pybyzer.functions")


def define(function: SqlFunction, *aliases: str) -> SqlFunction:
    """Register a function under its own name and further ones."""
    return FUNCTIONS.register(function.name, *aliases)(function)
