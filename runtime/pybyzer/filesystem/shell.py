"""What every file operation needs: where paths lead, the words it was given, and when to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from pybyzer.errors import BadOption, CommandError
from pybyzer.filesystem.places import Place, locate, matches
from pybyzer.registry import did_you_mean


@dataclass(slots=True)
class Shell:
    """``resolve`` turns a path as written into a real one; ``home`` is what an empty path means.

    ``storage`` gives the arguments of a URL's file system.
    """

    resolve: Callable[[str], str]
    home: str
    timezone: str
    stopped: threading.Event = field(default_factory=threading.Event)
    storage: Callable[[str], Mapping[str, Any]] | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def place(self, path: str) -> Place:
        """The place of one path."""
        real = self.resolve(path)
        return locate(real, path, self.storage(real) if self.storage else None)

    def find(self, path: str) -> list[Place]:
        """The places of a path or pattern; an error when there are none."""
        return matches(self.place(path))

    def find_all(self, paths: Sequence[str]) -> list[Place]:
        return [place for path in paths for place in self.find(path)]

    def is_root(self, place: Place) -> bool:
        """Whether a place is a whole file system, or all of the user's home."""
        path = place.path.rstrip("/")
        return path in ("", self.place("/").path.rstrip("/"))


def cut_flags(
    words: Sequence[str], *known: str, least: int = 0, most: int | None = None
) -> tuple[set[str], list[str]]:
    """The flags among the words (without their dash), and the paths."""
    flags: set[str] = set()
    paths: list[str] = []
    for word in words:
        if not word.startswith("-") or word == "-":
            paths.append(word)
        elif word[1:] in known:
            flags.add(word[1:])
        else:
            raise BadOption(f"no option {word}", hint=did_you_mean(word, [f"-{name}" for name in known]))
    if len(paths) < least:
        raise CommandError("a path is missing" if not paths else "the target is missing")
    if most is not None and len(paths) > most:
        raise CommandError(f'"{paths[most]}" is one path too many')
    return flags, paths
