"""Tables by name: which there are, where each came from, and which was made last.

The rows are the engine's; this is the session's memory of the names. Names are case-insensitive.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from pybyzer.errors import UnknownName
from pybyzer.registry import did_you_mean

COMMAND_TABLE = "command"
"""The one-row table (``a`` = 1) that always exists; the usual input of ETs that need none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A table: its name as written, the statement that made it, the tables it was made from.

    ``printed`` says that its rows were already shown while they came (``!sh``).
    """

    name: str
    origin: str = ""
    sources: tuple[str, ...] = ()
    temporary: bool = False
    printed: bool = False


class Catalog:
    """The names of a session's tables, in order of definition."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._counter = itertools.count(1)
        self.last: str | None = None

    def add(self, entry: Entry) -> None:
        """Remember a table (replacing one of that name) as the last result."""
        self._entries.pop(entry.name.lower(), None)
        self._entries[entry.name.lower()] = entry
        self.last = entry.name

    def get(self, name: str) -> Entry:
        """The table of that name; ``UnknownName`` with the closest otherwise."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise UnknownName(f'no table "{name}"', hint=did_you_mean(name, self.names()))
        return entry

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def remove(self, name: str) -> None:
        """Forget a name; nothing happens if there is none."""
        self._entries.pop(name.lower(), None)
        if self.last is not None and self.last.lower() == name.lower():
            self.last = None

    def match(self, names: Iterable[str], origin: str) -> None:
        """Have the tables of these names and no others; new ones were made by ``origin``.

        Made-up names stay as they are, and so does the last result, unless it is gone. The table that
        always exists is nobody's and not listed.
        """
        there = {name.lower(): name for name in names if name != COMMAND_TABLE}
        for entry in [e for e in self._entries.values() if not e.temporary]:
            if entry.name.lower() not in (*there, COMMAND_TABLE):
                self.remove(entry.name)
        for key, name in there.items():
            if key not in self._entries:
                self._entries[key] = Entry(name, origin)

    def names(self) -> list[str]:
        """Names as written, without the temporary ones the session made up."""
        return [entry.name for entry in self._entries.values() if not entry.temporary]

    def fresh(self, prefix: str = "result") -> str:
        """A new name for a table the user did not name."""
        return f"__{prefix}_{next(self._counter)}"
