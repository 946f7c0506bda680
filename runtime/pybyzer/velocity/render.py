"""Nodes to text: what a template becomes with the names of a scope, and where each piece of it came from."""

from __future__ import annotations

from pybyzer.errors import ByzerError
from pybyzer.velocity.reader import Assign, Block, Branch, Part, Reference, Verbatim
from pybyzer.velocity.reference import Chain
from pybyzer.velocity.scope import Lacking, Scope
from pybyzer.velocity.values import MOST_CHARACTERS, Loop, Value, bad, kind, text, too_large, true

Piece = tuple[int, int, int, int]
"""Start and end of a piece in the new text, start and end of what it stands for; a copy, which goes on up to
the next piece, has no length."""


class Writer:
    """Collects the new text of one template."""

    def __init__(self, source: str, scope: Scope) -> None:
        self._source = source
        self._scope = scope
        self._parts: list[str] = []
        self._size = 0
        self.pieces: list[Piece] = []

    def text(self) -> str:
        return "".join(self._parts)

    def block(self, block: Block) -> None:
        """Write a whole text."""
        self._copy(self._branch(block.branches[0]), block.end)

    def _branch(self, branch: Branch) -> int:
        """Write what stands in a branch; the place after it (a branch ends with what ended it)."""
        _, at, parts = branch
        for part in parts:
            self._copy(at, part.start)
            try:
                at = self._write(part)
            except ByzerError as error:
                if error.offset is None:
                    error.offset, error.length = part.start, part.end - part.start
                raise
        return at

    def _write(self, part: Part) -> int:
        """Write a part; the place after it."""
        match part:
            case Reference():
                return self._reference(part)
            case Chain():
                value, end = part.written(self._scope)
                self._put(value, part.start, end)
                return end
            case Verbatim():
                self._copy(part.first, part.last)
            case Assign():
                self._assign(part)
            case Block() if part.keyword == "foreach":
                self._loop(part)
            case Block():
                self._choose(part)
        return part.end

    # -- pieces ----------------------------------------------------------------------------

    def _copy(self, start: int, end: int) -> None:
        if start < end:
            self.pieces.append((self._size, self._size, start, start))
            self._append(self._source[start:end], start)

    def _put(self, value: str | None, start: int, end: int) -> None:
        """What stands for the text from ``start`` to ``end``; None leaves it as it is."""
        if value is None:
            self._copy(start, end)
            return
        self.pieces.append((self._size, self._size + len(value), start, end))
        self._append(value, start)

    def _append(self, piece: str, start: int) -> None:
        self._size += len(piece)
        if self._size > MOST_CHARACTERS:
            error = too_large("the text with its variables filled in")
            error.offset = start
            raise error
        self._parts.append(piece)

    # -- nodes -----------------------------------------------------------------------------

    def _reference(self, part: Reference) -> int:
        value = self._scope.look_up(part.name) if part.name else None
        if value is not None:
            self._put(text(value), part.start, part.end)
        elif part.chain is not None:
            self._put(part.chain.written(self._scope)[0], part.start, part.end)
        else:
            if not part.quiet:
                self._scope.missing.add(part.name)
            self._put("" if part.quiet else None, part.start, part.end)
        return part.end

    def _assign(self, part: Assign) -> None:
        value = part.value(self._scope)
        if value is None:
            raise self._nothing("#set", part)
        self._scope.own[part.name] = value

    def _choose(self, part: Block) -> None:
        """``#if``: the first branch whose condition is true."""
        for branch in part.branches:
            if branch[0] is None or true(branch[0](self._scope)):
                self._branch(branch)
                return

    def _loop(self, part: Block) -> None:
        condition, _, _ = branch = part.branches[0]
        assert condition is not None
        value = condition(self._scope)
        if value is None:
            raise self._nothing("#foreach", part)
        if not isinstance(value, list | range | dict):
            raise bad(
                f"#foreach goes through a list, not a {kind(value)}",
                part.start,
                part.line_end - part.start,
                hint='make one: [1, 2], [0..9], $text.split(",")',
            )
        scope = self._scope
        before, parent = scope.own.get(part.name), scope.loop
        items: list[Value] | range = list(value.values()) if isinstance(value, dict) else value
        for index in range(len(items)):
            scope.turn(part.start)
            scope.loop = Loop(index, len(items), parent)
            scope.own[part.name] = items[index]
            self._branch(branch)
        scope.loop = parent
        if before is None:
            scope.own.pop(part.name, None)
        else:
            scope.own[part.name] = before

    def _nothing(self, directive: str, part: Assign | Block) -> Exception:
        """The error for a directive whose value is not set."""
        end = part.line_end if isinstance(part, Block) else part.end
        for name, (start, length) in self._scope.lacking.items():
            if part.start <= start < end:
                return Lacking(name, start, length)
        return bad(f"{directive} needs a value, this is nothing", part.start, end - part.start)
