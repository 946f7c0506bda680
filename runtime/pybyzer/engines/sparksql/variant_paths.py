"""Paths into variants: ``$.a[0]['b c']``, and what changes a variant there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.variant_json import Mismatch
from pybyzer.errors import EngineError

MISSING = object()
"""What a path that leads nowhere gives (a variant's null is None)."""

Path = list[str | int]

_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def path_of(text: str, who: str) -> Path:
    """The steps of ``$.a[0]['b c']``."""
    steps: Path = []
    at = 1
    while text.startswith("$") and at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            break
        at = found.end()
        names = [name for name in found.group(1, 3, 4) if name is not None]
        steps.append(names[0] if names else int(found[2]))
    if not text.startswith("$") or at < len(text):
        raise EngineError(f"{who}: {text} is not a path", hint="$.a[0]['b c']")
    return steps


def look(tree: Any, path: Path) -> Any:
    """What is at a path; ``MISSING`` if nothing is."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return MISSING
        elif not isinstance(tree, dict) or step not in tree:
            return MISSING
        tree = tree[step]
    return tree


Edit = Callable[[Any, str | int], None]


def _fits(tree: Any, step: str | int) -> bool:
    return isinstance(tree, list) if isinstance(step, int) else isinstance(tree, dict)


def edited(tree: Any, path: Path, who: str, edit: Edit, *, create: bool) -> Any:
    """``tree`` after ``edit`` of the container a path ends in; with ``create`` containers are made."""
    at = tree
    for depth, step in enumerate(path):
        if not _fits(at, step):
            raise Mismatch(f"{who}: the value at {shown(path[:depth])} has no {shown([step])[1:]}")
        if depth == len(path) - 1:
            edit(at, step)
            return tree
        if look(at, [step]) is MISSING:
            if not create:
                return tree
            if isinstance(at, list) and isinstance(step, int):
                at.extend([None] * (step - len(at)))
                at.append(None)
            at[step] = [] if isinstance(path[depth + 1], int) else {}
        at = at[step]
    return tree


def shown(path: Path) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def insert(value: Any) -> Edit:
    """A new field, or an item before an index; beyond the end, nulls come between."""

    def edit(at: Any, step: str | int) -> None:
        if isinstance(at, list) and isinstance(step, int):
            at.extend([None] * (step - len(at)))
            at.insert(step, value)
        elif step in at:
            raise Mismatch(f"variant_insert: there is a field {step} already", hint="variant_set replaces it")
        else:
            at[step] = value

    return edit


def put(value: Any, create: bool) -> Edit:
    """A field or an item replaced; made, if ``create``."""

    def edit(at: Any, step: str | int) -> None:
        if isinstance(at, list) and isinstance(step, int):
            if step >= len(at) and not create:
                return
            at.extend([None] * (step + 1 - len(at)))
            at[step] = value
        elif step in at or create:
            at[step] = value

    return edit


def append(tree: Any, path: Path, value: Any) -> Any:
    """An item at the end of the array at a path; nothing where there is nothing."""
    at = tree
    for depth, step in enumerate(path):
        if not _fits(at, step):
            inner = shown([step])[1:]
            raise Mismatch(f"variant_array_append: the value at {shown(path[:depth])} has no {inner}")
        at = look(at, [step])
        if at is MISSING:
            return tree
    if not isinstance(at, list):
        raise Mismatch(f"variant_array_append: the value at {shown(path)} is no array")
    at.append(value)
    return tree


def delete(tree: Any, path: Path) -> Any:
    """Without what is at a path."""
    around = look(tree, path[:-1])
    if look(tree, path) is not MISSING:
        del around[path[-1]]
    return tree


def without_nulls(tree: Any, arrays: bool) -> Any:
    """Without the fields (and items) that are null."""
    if isinstance(tree, dict):
        return {key: without_nulls(item, arrays) for key, item in tree.items() if item is not None}
    if isinstance(tree, list):
        return [without_nulls(item, arrays) for item in tree if item is not None or not arrays]
    return tree
