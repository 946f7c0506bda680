"""``set`` variables: names to texts, each filled in as soon as what it refers to is known.

As in the original, a value is filled in when it is set and again whenever a name it still lacks is set,
so nested templates work in any order, and later changes of ``a`` do not change ``b = "${a}"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pybyzer import templates
from pybyzer.errors import BadOption

Builtin = str | Callable[[], str]
"""A name that is always there; a callable is asked each time (``today``)."""


class Variables:
    """The variables of a session. Keys are case-sensitive; values are strings."""

    def __init__(self, builtin: Mapping[str, Builtin] | None = None) -> None:
        self._builtin = dict(builtin or {})
        self._values: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._waiting: dict[str, set[str]] = {}
        """A name nobody has set yet, and the variables that refer to it."""
        self._blocks: list[dict[str, str]] = []

    @contextmanager
    def block(self) -> Iterator[dict[str, str]]:
        """While it runs, the names in the mapping it gives stand before all others (inner blocks first).

        A ``set`` of such a name takes it out again: the last one who gave a value counts.
        """
        names: dict[str, str] = {}
        self._blocks.append(names)
        try:
            yield names
        finally:
            self._blocks.pop()

    def set(self, key: str, value: str, *, hidden: bool = False) -> None:
        """Set a variable; ``${key}`` in its own value is its old text.

        ``hidden`` keeps it out of select texts and of other variables (``visible="un_select"``).
        ``BadOption`` when variables would refer to each other in a circle.
        """
        filled = templates.fill(value, lambda name: self._find(name, see_hidden=hidden)).text
        if key in templates.references(filled) and self._find(key, see_hidden=hidden) is None:
            raise _circle(key, templates.references(value), self._values)
        self._store(key, filled)
        (self._hidden.add if hidden else self._hidden.discard)(key)
        for names in self._blocks:
            names.pop(key, None)
        for dependent in self._waiting.pop(key, set()):
            self._complete(dependent)

    def get(self, key: str) -> str | None:
        """The text of a variable or of a name that is always there; None if there is none."""
        return self._find(key, see_hidden=True)

    def names(self) -> list[str]:
        """The names that were set, those of open blocks included, sorted."""
        return sorted({*self._values, *(name for names in self._blocks for name in names)})

    def fill(self, text: str, *, select: bool = False) -> str:
        """The text with ``${name}`` filled in; ``select`` leaves hidden variables out."""
        return self.fill_placed(text, select=select).text

    def fill_placed(self, text: str, *, select: bool = False) -> templates.Filled:
        """The same, with a way back from a place in the filled text to the place in ``text``."""
        return templates.fill(text, lambda name: self._find(name, see_hidden=not select))

    def _find(self, name: str, *, see_hidden: bool) -> str | None:
        for names in reversed(self._blocks):
            if name in names:
                return names[name]
        if name in self._values and (see_hidden or name not in self._hidden):
            return self._values[name]
        builtin = self._builtin.get(name)
        return builtin() if callable(builtin) else builtin

    def _complete(self, key: str) -> None:
        """Fill in a value that waited for a name."""
        see_hidden = key in self._hidden

        def find(name: str) -> str | None:
            return None if name == key else self._find(name, see_hidden=see_hidden)

        self._store(key, templates.fill(self._values[key], find).text)

    def _store(self, key: str, value: str) -> None:
        for name in templates.references(self._values.get(key, "")):
            self._waiting.get(name, set()).discard(key)
        self._values[key] = value
        for name in templates.references(value):
            self._waiting.setdefault(name, set()).add(key)


def _circle(key: str, referred: set[str], values: Mapping[str, str]) -> BadOption:
    """The error for a value that refers to its own name, directly or through others."""
    through = [name for name in sorted(referred) if key in templates.references(values.get(name, ""))]
    chain = [key, *through[:1], key]
    return BadOption(
        "variables refer to each other in a circle: " + " -> ".join(chain),
        hint=f'set {key} without "${{{through[0] if through else key}}}"',
    )
