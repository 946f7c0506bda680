"""The file operations that change something, with Hadoop's rules. Each gives back what it prints."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pybyzer.errors import CommandError
from pybyzer.filesystem.places import (
    Place,
    children,
    copy,
    existing,
    locate,
    matches,
    merge,
    move,
    remove,
    status,
    target,
)
from pybyzer.filesystem.shell import Shell, cut_flags

COPY_FLAGS = ("f", "p", "l", "d", "crc", "ignoreCrc")


def mkdir(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "p", least=1)
    for path in paths:
        place = shell.place(path)
        found = status(place)
        if found is not None and ("p" not in flags or not found.directory):
            raise CommandError(f"`{place.shown}': File exists")
        if "p" not in flags:
            _require_parent(place)
        place.fs.makedirs(place.path, exist_ok=True)
    return ""


def touchz(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=1)
    for path in paths:
        place = shell.place(path)
        found = status(place)
        if found is not None and found.directory:
            raise CommandError(f"`{place.shown}': Is a directory")
        if found is not None and found.size:
            raise CommandError(f"`{place.shown}': Not a zero-length file")
        _require_parent(place)
        place.fs.touch(place.path, truncate=True)
    return ""


def rm(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "f", "r", "R", "skipTrash", "safely", least=1)
    removed = []
    for path in paths:
        try:
            places = shell.find(path)
        except CommandError:
            if "f" in flags:
                continue
            raise
        removed += [f"Deleted {place.shown}\n" for place in places if _remove(shell, place, flags)]
    return "".join(removed)


def rmr(shell: Shell, words: Sequence[str]) -> str:
    return rm(shell, ["-r", *words])


def rmdir(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "-ignore-fail-on-non-empty", least=1)
    for place in shell.find_all(paths):
        if not existing(place).directory:
            raise CommandError(f"`{place.shown}': Is not a directory")
        if not children(place):
            place.fs.rmdir(place.path)
        elif not flags:
            raise CommandError(f"`{place.shown}': Directory is not empty")
    return ""


def put(shell: Shell, words: Sequence[str]) -> str:
    return _copy(shell, words, _here, shell.place)


def get(shell: Shell, words: Sequence[str]) -> str:
    return _copy(shell, words, shell.find, _here_one)


def cp(shell: Shell, words: Sequence[str]) -> str:
    return _copy(shell, words, shell.find, shell.place)


def move_from_local(shell: Shell, words: Sequence[str]) -> str:
    put(shell, words)
    _, paths = cut_flags(words, *COPY_FLAGS)
    for place in (found for path in paths[:-1] for found in _here(path)):
        remove(place)
    return ""


def mv(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=2)
    for source, to in _targets(shell.find_all(paths[:-1]), shell.place(paths[-1])):
        move(source, to, shell.stopped.is_set)
    return ""


def getmerge(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=2)
    sources: list[Place] = []
    for place in shell.find_all(paths[:-1]):
        inside = children(place) if existing(place).directory else []
        sources += [item.place for item in inside if not item.directory] or [place]
    merge(sources, _here_one(paths[-1]), 0, shell.stopped.is_set)
    return ""


def append_to_file(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=2)
    to = shell.place(paths[-1])
    sources = [place for path in paths[:-1] for place in _here(path)]
    merge(sources, to, 0, shell.stopped.is_set, mode="ab")
    return ""


def copy_from_local(shell: Shell, source: str, to: str) -> None:
    """``!copyFromLocal``: as ``put``, but files are replaced and missing parents are made.

    Scripts make the target with ``!sh mkdir`` first, on a machine whose storage is elsewhere. Where both
    are one, such an empty directory counts as missing: it *is* the copy, as it is there.
    """
    place_to = shell.place(to)
    same = place_to.path == _here_one(to).path
    for place in _here(source):
        made = same and existing(place).directory and _is_empty_directory(place_to)
        goal = place_to if made else target(place, place_to)
        goal.fs.makedirs(goal.parent().path, exist_ok=True)
        copy(place, goal, replace=True, stopped=shell.stopped.is_set)


def _copy(
    shell: Shell,
    words: Sequence[str],
    find: Callable[[str], list[Place]],
    to: Callable[[str], Place],
) -> str:
    flags, paths = cut_flags(words, *COPY_FLAGS, least=2)
    sources = [place for path in paths[:-1] for place in find(path)]
    for source, goal in _targets(sources, to(paths[-1])):
        copy(source, goal, replace="f" in flags, stopped=shell.stopped.is_set)
    return ""


def _is_empty_directory(place: Place) -> bool:
    found = status(place)
    return found is not None and found.directory and not children(place)


def _here(path: str) -> list[Place]:
    """Paths of this machine: as they are, never below the home prefix."""
    return matches(_here_one(path))


def _here_one(path: str) -> Place:
    return locate(path if "://" in path else os.path.expanduser(path), path)


def _targets(sources: list[Place], to: Place) -> list[tuple[Place, Place]]:
    """Where each source goes; several need a directory that exists."""
    found = status(to)
    if len(sources) > 1 and (found is None or not found.directory):
        raise CommandError(f"`{to.shown}': No such directory", hint="several files need a directory to go to")
    if found is None:
        _require_parent(to)
    return [(source, target(source, to)) for source in sources]


def _require_parent(place: Place) -> None:
    """Local directories must exist before something goes into them; object stores have none."""
    parent = place.parent()
    if place.local and not place.fs.isdir(parent.path):
        shown = parent.shown or parent.path
        raise CommandError(f"`{shown}': No such file or directory", hint="-mkdir -p makes it")


def _remove(shell: Shell, place: Place, flags: set[str]) -> bool:
    found = status(place)
    if found is None:
        if "f" in flags:
            return False
        raise place.missing()
    if found.directory and not flags & {"r", "R"}:
        raise CommandError(f"`{place.shown}': Is a directory", hint="-rm -r removes it with all it holds")
    if shell.is_root(place):
        raise CommandError(f"`{place.shown}': a whole file system is not removed")
    remove(place)
    return True
