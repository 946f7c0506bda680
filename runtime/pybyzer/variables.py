"""``set`` variables and ``${...}``: text in, text out.

Substitution is textual, as in the original. Unknown names stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")
_DEPTH = 10


class Variables:
    """The variables of a session. Keys are case-sensitive; values are strings."""

    def __init__(self, builtin: Mapping[str, str] | None = None) -> None:
        self._builtin = dict(builtin or {})
        self._values: dict[str, str] = {}
        self._hidden: set[str] = set()

    def set(self, key: str, value: str, *, hidden: bool = False) -> None:
        """Set a variable. ``hidden`` keeps it out of select texts (``visible="un_select"``)."""
        self._values[key] = value
        (self._hidden.add if hidden else self._hidden.discard)(key)

    def get(self, key: str) -> str | None:
        """The text of a variable, references in it filled in; None if there is none."""
        raw = self._values.get(key, self._builtin.get(key))
        return None if raw is None else self.fill(raw)

    def names(self) -> list[str]:
        return sorted(self._values)

    def fill(self, text: str, *, select: bool = False) -> str:
        """The text with ``${name}`` replaced; ``select`` leaves hidden variables out."""
        if "${" not in text:
            return text
        for _ in range(_DEPTH):
            filled = _REFERENCE.sub(lambda found: self._value(found, select), text)
            if filled == text:
                break
            text = filled
        return text

    def _value(self, found: re.Match[str], select: bool) -> str:
        key = found[1]
        if select and key in self._hidden:
            return found[0]
        return self._values.get(key, self._builtin.get(key, found[0]))
