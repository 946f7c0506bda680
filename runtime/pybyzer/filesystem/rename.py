"""Files moved to a directory under names that a pattern changes."""

from __future__ import annotations

import re
from collections import Counter

from pybyzer.errors import CommandError
from pybyzer.filesystem.places import move, status
from pybyzer.filesystem.shell import Shell

_GROUP = re.compile(r"\\(.)|\$(\d)|\$\{(\w+)\}", re.DOTALL)


def rename(shell: Shell, source: str, to: str, pattern: re.Pattern[str], replacement: str) -> int:
    """Move the files of ``source`` (a glob) to the directory ``to``; how many there were.

    What ``pattern`` finds in a name becomes ``replacement`` (``$1`` is its first group, as in Java); names
    in which it finds nothing stay. Nothing is moved when two names would be the same or one is taken.
    """
    directory = shell.place(to)
    found = status(directory)
    if found is not None and not found.directory:
        raise CommandError(f"`{directory.shown}': Not a directory")
    files = [place for place in shell.find(source) if not place.fs.isdir(place.path)]
    change = _python(replacement)
    moves = []
    for place in files:
        try:
            name = pattern.sub(change, place.name)
        except (re.error, IndexError) as error:
            raise CommandError(f"the replacement {replacement} does not fit the pattern: {error}") from None
        if not name or "/" in name:
            raise CommandError(f"`{place.shown}': its new name would be {name!r}")
        moves.append((place, directory.child(name)))
    twice = [path for path, count in Counter(goal.path for _, goal in moves).items() if count > 1]
    if twice:
        raise CommandError(f"`{twice[0]}': several files would get this name")
    for place, goal in moves:
        if goal.path != place.path and status(goal) is not None:
            raise CommandError(f"`{goal.path}': File exists")
    directory.fs.makedirs(directory.path, exist_ok=True)
    for place, goal in moves:
        if goal.path != place.path:
            move(place, goal, shell.stopped.is_set)
    return len(moves)


def _python(replacement: str) -> str:
    r"""A replacement of Java in Python's spelling: ``$1`` is ``\g<1>``, ``\$`` a dollar."""

    def change(found: re.Match[str]) -> str:
        if found[1] is not None:
            return "\\\\" if found[1] == "\\" else found[1]
        return rf"\g<{found[2] or found[3]}>"

    return _GROUP.sub(change, replacement)
