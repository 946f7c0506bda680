"""``${name}`` and the directives of a text filled in. One pass: what is filled in is not read again.

``$!{name}`` is the quiet form: nothing instead of an unknown name. ``$name`` without braces is a reference
only when ``#set`` or ``#foreach`` of the same text made the name: in regular expressions, JSON paths and
shell scripts it means something else. What texts may hold is in ``velocity``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pybyzer.errors import TooLarge, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.velocity.reader import Kind, read
from pybyzer.velocity.render import Piece, Writer
from pybyzer.velocity.scope import Find, Lacking, Scope

__all__ = ["Filled", "Find", "Kind", "fill", "kind_of", "references", "unfilled"]

_IN_SQL = re.compile(
    r"""'(?:\\.|[^'\\])*+'|"(?:\\.|[^"\\])*+"|`[^`]*+`|--[^\n]*+|/\*.*?(?:\*/|\Z)|\$\{([^{}\s][^{}]*+)\}""",
    re.DOTALL,
)
"""What a reference may stand in without meaning anything (strings, names, comments), or a reference."""
_REFERENCE = re.compile(r"\$\{([^{}\s][^{}]*+)\}")
_TEMPLATE = re.compile(r"\$!?\{|#(?:\[\[|#|(?:set|foreach|if)[ \t]*+\()")
"""What a text without any of is no template."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled text that knows where its characters came from, and which names it still lacks.

    ``pieces`` are in the order of the new text: where a piece begins and ends, and start and end of what it
    stands for; what follows it is a copy of what follows that. ``missing`` are the names of references that
    were left, ``lacking`` those that its directives wait for.
    """

    text: str
    pieces: tuple[Piece, ...] = ()
    missing: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()

    def origin(self, offset: int, length: int = 1) -> tuple[int, int]:
        """Start and end, in the text before filling in, of what a piece of the filled text came from."""
        first, last = self._before(offset), self._before(offset + max(length, 1) - 1)
        return (first[0], last[1]) if last[1] > first[0] else first

    def _before(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if at < 0:
            return offset, offset + 1
        _, end, old_start, old_end = self.pieces[at]
        if offset < end:
            return old_start, old_end
        return offset - end + old_end, offset - end + old_end + 1


def fill(
    source: str,
    find: Find,
    kind: Kind = Kind.TEXT,
    *,
    names: Callable[[], Iterable[str]] = tuple,
    patient: bool = False,
) -> Filled:
    """The text with its references filled in and its directives done; unknown names stay as written.

    ``ParseError`` and ``UnknownName`` (a directive needs a name that nobody set; ``names`` are those there
    are) with a place in ``source``; ``TooLarge`` when there is no end to it. ``patient``: a text whose
    directives lack a name comes back as it is, with ``lacking``.
    """
    if _TEMPLATE.search(source) is None:
        return Filled(source)
    scope = Scope(find)
    writer = Writer(source, scope)
    try:
        writer.block(read(source, kind))
    except Lacking as lack:
        if patient:
            return Filled(
                source, missing=frozenset(scope.missing), lacking=frozenset({*scope.lacking, lack.name})
            )
        error = UnknownName(f'no variable "{lack.name}"', hint=did_you_mean(lack.name, names()))
        error.offset, error.length = lack.start, lack.length
        raise error from None
    except RecursionError:
        raise TooLarge("the lists of this text hold one another too often") from None
    if patient and scope.lacking:
        return Filled(source, missing=frozenset(scope.missing), lacking=frozenset(scope.lacking))
    return Filled(writer.text(), tuple(writer.pieces), frozenset(scope.missing))


def kind_of(option: str) -> Kind:
    """What the value of an option is: those called ``code`` or ``script`` (``predictCode``) hold programs."""
    return Kind.CODE if option.lower().endswith(("code", "script")) else Kind.TEXT


def references(source: str) -> set[str]:
    """The names in ``${}`` of a text; the quiet form needs nothing and does not count."""
    return {found[1] for found in _REFERENCE.finditer(source)}


def unfilled(sql: str) -> tuple[str, int, int] | None:
    """Name, offset and length of the first reference left in SQL, where it is not just text."""
    if "${" not in sql:
        return None
    found = next((found for found in _IN_SQL.finditer(sql) if found[1]), None)
    return None if found is None else (found[1], found.start(), len(found[0]))
