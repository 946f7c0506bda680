"""Names to things. A thing registers itself in its own file; look-ups import the folder once.

At the first look-up a registry imports every module of its package, then the entry points of the
group of the same name (``pybyzer.sources`` ...), so that another distribution can add to it.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from pybyzer.errors import UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """A family of plug-ins, found by name.

    ``kind`` is the word used in messages ("format"), ``package`` the folder and entry-point group.
    Look-up is exact first, then without case when that is unambiguous.
    """

    def __init__(self, kind: str, package: str, *, parent: Registry[T] | None = None) -> None:
        self.kind = kind
        self.package = package
        self._parent = parent
        self._things: dict[str, T] = {}
        self._spelt: dict[str, set[str]] = {}
        """A name without case, and how it was registered."""
        self._loaded = self._others_loaded = parent is not None

    def register(self, *names: str) -> Callable[[T], T]:
        """Class decorator: ``@SOURCES.register("csv")``; further names are aliases."""

        def add(thing: T) -> T:
            for name in names:
                self._things[name] = thing
                self._spelt.setdefault(name.lower(), set()).add(name)
            return thing

        return add

    def child(self) -> Registry[T]:
        """A registry for one session: sees this one, its own additions stay with it."""
        return Registry(self.kind, self.package, parent=self)

    def get(self, name: str) -> T:
        """The thing of that name; ``UnknownName`` with the closest names otherwise."""
        found = self.find(name)
        if found is None:
            raise UnknownName(f'no {self.kind} "{name}"', hint=did_you_mean(name, self.names()))
        return found

    def find(self, name: str) -> T | None:
        """The thing of that name, or None."""
        self._load()
        found = self._find(name)
        if found is None and self._parent is None:
            # Reading what is installed takes a while, so only for a name that is not ours.
            self._load_others()
            found = self._find(name)
        return self._parent.find(name) if found is None and self._parent else found

    def _find(self, name: str) -> T | None:
        if name in self._things:
            return self._things[name]
        spelt = self._spelt.get(name.lower(), ())
        return self._things[next(iter(spelt))] if len(spelt) == 1 else None

    def names(self) -> list[str]:
        """All names, sorted, this session's own included."""
        self._load()
        self._load_others()
        inherited = self._parent.names() if self._parent else []
        return sorted({*self._things, *inherited}, key=str.lower)

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__, f"{self.package}."):
            importlib.import_module(module.name)

    def _load_others(self) -> None:
        if self._others_loaded:
            return
        self._others_loaded = True
        import importlib.metadata

        for point in importlib.metadata.entry_points(group=self.package):
            point.load()


def did_you_mean(name: str, candidates: Iterable[str], *, most: int = 3) -> str | None:
    """A hint naming the closest candidates; the whole list when it is short; else None."""
    known = sorted(set(candidates), key=str.lower)
    folded = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), folded, n=most, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f'"{folded[c]}"' for c in close) + "?"
    if 0 < len(known) <= 12:
        return "known: " + ", ".join(known)
    return None
