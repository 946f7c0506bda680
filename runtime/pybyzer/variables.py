"""``set`` variables: names to texts, each filled in as soon as what it refers to is known.

As in the original, a value is filled in when it is set and again whenever a name it still lacks is set,
so nested templates work in any order, and later changes of ``a`` do not change ``b = "${a}"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias

from pybyzer import templates
from pybyzer.errors import BadOption, ByzerError
from pybyzer.lang.ast import Text
from pybyzer.templates import Filled, Kind
from pybyzer.velocity.values import Texts, Value, text

Builtin: TypeAlias = "Value | Callable[[], Value]"
"""A name that is always there; a callable is asked each time (``today``)."""


class Variables:
    """The variables of a session. Keys are case-sensitive; values are strings."""

    def __init__(self, builtin: Mapping[str, Builtin] | None = None) -> None:
        self._builtin = dict(builtin or {})
        self._values: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._needs: dict[str, frozenset[str]] = {}
        """A variable that is not complete, and the names it still lacks."""
        self._waiting: dict[str, set[str]] = {}
        """The other way round: a name that nobody has set yet, and the variables that lack it."""
        self._unrolled: set[str] = set()
        """Variables whose directives lack a name: they are done when somebody refers to them."""
        self._unrolling: list[str] = []
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
        filled, final = self._made(key, value, see_hidden=hidden)
        if key in filled.missing | filled.lacking and self._find(key, see_hidden=hidden) is None:
            raise self._circle(key, value, filled)
        self._keep(key, filled, final, hidden)

    def set_plain(self, key: str, value: str, *, hidden: bool = False) -> None:
        """Set a variable to a text that is no template: what a query or a program answered."""
        self._keep(key, Filled(value), value, hidden)

    def _keep(self, key: str, filled: Filled, value: str, hidden: bool) -> None:
        self._store(key, filled, value)
        for names in self._blocks:
            names.pop(key, None)
        (self._hidden.add if hidden else self._hidden.discard)(key)
        for dependent in self._waiting.pop(key, set()):
            self._complete(dependent)

    def get(self, key: str) -> str | None:
        """The text of a variable or of a name that is always there; None if there is none."""
        if key in self._values and not any(key in names for names in self._blocks):
            return self._values[key]
        found = self._find(key, see_hidden=True)
        return None if found is None else text(found)

    def is_set(self, key: str) -> bool:
        """Whether somebody set it: what is always there (``date``) does not count."""
        return key in self._values or any(key in names for names in self._blocks)

    def names(self) -> list[str]:
        """The names that were set, those of open blocks included, sorted."""
        return sorted({*self._values, *(name for names in self._blocks for name in names)})

    def hidden(self, key: str) -> bool:
        """Whether a variable stays out of select texts."""
        return key in self._hidden

    # -- filling in ------------------------------------------------------------------------

    def fill(self, text: str, *, select: bool = False, kind: Kind = Kind.TEXT) -> str:
        """The text with ``${name}`` filled in; ``select`` leaves hidden variables out."""
        return self.fill_placed(text, select=select, kind=kind).text

    def fill_placed(self, text: str, *, select: bool = False, kind: Kind = Kind.TEXT) -> Filled:
        """The same, with a way back from a place in the filled text to the place in ``text``."""
        return templates.fill(
            text, lambda name: self._find(name, see_hidden=not select), kind, names=self.names
        )

    def fill_text(self, text: Text, kind: Kind = Kind.TEXT) -> str:
        """A text of a statement, filled in; its errors point into it."""
        return self.fill_sql(text, kind=kind).text

    def fill_sql(self, text: Text, *, select: bool = False, kind: Kind = Kind.SQL) -> Filled:
        """The SQL of a statement, filled in; its errors point into it."""
        try:
            return self.fill_placed(text.value, select=select, kind=kind)
        except ByzerError as error:
            if error.offset is not None:
                error.at(text.span.inside(error.offset, error.length))
            raise error.at(text.span) from None

    # -- inside ----------------------------------------------------------------------------

    def _find(self, name: str, *, see_hidden: bool) -> Value:
        for names in reversed(self._blocks):
            if name in names:
                return names[name]
        if name in self._values and (see_hidden or name not in self._hidden):
            if name in self._unrolled:
                return self._unroll(name, see_hidden=see_hidden)
            return self._values[name]
        if name == "template":
            return Texts(lambda other: self._find(other, see_hidden=see_hidden))
        builtin = self._builtin.get(name)
        return builtin() if callable(builtin) else builtin

    def _unroll(self, name: str, *, see_hidden: bool) -> str:
        """The text of a variable whose directives lacked a name when it was set."""
        if name in self._unrolling:
            chain = " -> ".join([*self._unrolling, name])
            raise BadOption(f"variables refer to each other in a circle: {chain}")
        self._unrolling.append(name)
        try:
            return self.fill(self._values[name], select=not see_hidden)
        except ByzerError as error:
            error.offset = None
            raise error.noting(f"in the value of {name}") from None
        finally:
            self._unrolling.pop()

    def _made(self, key: str, value: str, *, see_hidden: bool, again: bool = False) -> tuple[Filled, str]:
        """A value filled in as far as it can be, and what is kept of it; ``again`` for one that waited."""
        inherited: set[str] = set()

        def find(name: str) -> Value:
            if name in self._unrolled or (again and name == key):
                return None
            inherited.update(self._needs.get(name, ()))
            return self._find(name, see_hidden=see_hidden)

        made = templates.fill(value, find, names=self.names, patient=True)
        filled = replace(made, missing=made.missing | inherited)
        if filled.missing and not filled.lacking and "#[[" in value:
            # What is to stay as it is must still be told apart when the rest is filled in.
            return filled, value
        return filled, filled.text

    def _complete(self, key: str) -> None:
        """Fill in a value that waited for a name."""
        try:
            filled, value = self._made(key, self._values[key], see_hidden=key in self._hidden, again=True)
        except ByzerError as error:
            error.offset = None
            raise error.noting(f"in the value of {key}") from None
        unrolled = key in self._unrolled
        self._store(key, filled, value)
        if unrolled and key not in self._unrolled:
            for dependent in self._waiting.pop(key, set()):
                self._complete(dependent)

    def _store(self, key: str, filled: Filled, value: str) -> None:
        for name in self._needs.pop(key, ()):
            self._waiting.get(name, set()).discard(key)
        self._values[key] = value
        (self._unrolled.add if filled.lacking else self._unrolled.discard)(key)
        needs = filled.missing | filled.lacking
        if needs:
            self._needs[key] = needs
        for name in needs:
            self._waiting.setdefault(name, set()).add(key)

    def _circle(self, key: str, value: str, filled: Filled) -> BadOption:
        """The error for a value that refers to its own name, directly or through others."""
        referred = sorted(templates.references(value) | filled.lacking)
        through = [name for name in referred if key in self._needs.get(name, ())]
        chain = [key, *through[:1], key]
        return BadOption(
            "variables refer to each other in a circle: " + " -> ".join(chain),
            hint=f'set {key} without "${{{through[0] if through else key}}}"',
        )
