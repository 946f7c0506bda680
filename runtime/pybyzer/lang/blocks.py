"""``!if ... !elif ... !else ... !fi``: a flat list of statements to one with whole blocks in it.

The parser gives the words of a branch as commands like any other; here they are put together, so that
what does not fit is found before anything of the text runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pybyzer.errors import ParseError
from pybyzer.lang.ast import Command, Statement

WORDS = ("if", "then", "elif", "else", "fi")
"""The commands that make a block; they are syntax, and no variable or plug-in replaces them."""

MOST_NESTED = 50
"""Blocks in blocks; more is a mistake of a program that wrote them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The statements under an ``!if`` or ``!elif`` with its condition, or under ``!else`` without one."""

    head: Command
    body: tuple[Statement, ...]

    @property
    def conditional(self) -> bool:
        return self.head.name.value != "else"


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Statement):
    """A whole block. ``span`` goes from ``!if`` to ``!fi``."""

    branches: tuple[Branch, ...]


def nested(statements: Iterable[Statement]) -> list[Statement]:
    """The statements with every block put together; ``ParseError`` for words that do not fit."""
    outer: list[Statement] = []
    open_blocks: list[_Open] = []
    for statement in statements:
        word = statement.name.value if isinstance(statement, Command) else ""
        if not isinstance(statement, Command) or word not in WORDS:
            (open_blocks[-1].body if open_blocks else outer).append(statement)
            continue
        _check_arguments(statement)
        if word == "if":
            if len(open_blocks) == MOST_NESTED:
                raise ParseError(f"more than {MOST_NESTED} blocks in one another", span=statement.span)
            open_blocks.append(_Open(statement))
        elif not open_blocks:
            raise ParseError(
                f"!{word} without an !if before it", span=statement.span, hint=_hint(word, outer)
            )
        elif word == "fi":
            block = open_blocks.pop().closed(statement)
            (open_blocks[-1].body if open_blocks else outer).append(block)
        else:
            open_blocks[-1].go_on(statement)
    if open_blocks:
        raise ParseError(
            "this !if has no !fi",
            span=open_blocks[-1].head.span,
            hint="a block ends with !fi; in the same cell",
        )
    return outer


@dataclass(slots=True)
class _Open:
    """A block whose ``!fi`` has not come yet. ``head`` begins the branch that is being read."""

    head: Command
    body: list[Statement] = field(default_factory=list)
    before: list[Branch] = field(default_factory=list)
    begun: bool = False

    def go_on(self, statement: Command) -> None:
        """Take ``!then``, ``!elif`` or ``!else``."""
        word = statement.name.value
        if word == "then":
            if self.begun or self.body:
                raise ParseError("!then belongs right after its condition", span=statement.span)
            self.begun = True
            return
        if self.head.name.value == "else":
            raise ParseError(f"!{word} after !else", span=statement.span, hint="!else comes last")
        self.before.append(Branch(self.head, tuple(self.body)))
        self.head, self.body, self.begun = statement, [], False

    def closed(self, end: Command) -> If:
        branches = (*self.before, Branch(self.head, tuple(self.body)))
        return If(branches=branches, span=branches[0].head.span.to(end.span))


def _hint(word: str, before: Sequence[Statement]) -> str | None:
    """What may be wrong when a block was never begun."""
    commands = {statement.name.value for statement in before if isinstance(statement, Command)}
    if any(name.lower() == "if" for name in commands):
        return "commands are written in small letters: !if"
    return "every !fi ends one !if of the same text" if word == "fi" else None


def _check_arguments(statement: Command) -> None:
    word, arguments = statement.name.value, statement.arguments
    if word in ("if", "elif") and not arguments:
        raise ParseError(
            f"!{word} needs a condition",
            span=statement.span,
            hint=f"!{word} '''expression with :variable''';",
        )
    if word not in ("if", "elif") and arguments:
        raise ParseError(f"!{word} stands alone", span=arguments[0].span, hint='is a ";" missing?')
