"""``$name.step(...)[...]``: a name and what is asked of its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pybyzer.errors import ByzerError
from pybyzer.velocity.methods import at, call, item
from pybyzer.velocity.scope import Lacking, Scope
from pybyzer.velocity.values import Value, text


@dataclass(frozen=True, slots=True)
class Step:
    """``.name(arguments)``, ``.name`` (arguments None) or ``[argument]`` (no name)."""

    name: str
    arguments: Sequence[Callable[[Scope], Value]] | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference from ``start`` to ``end``. ``quiet`` is ``$!``, ``braced`` is ``${}``."""

    name: str
    steps: tuple[Step, ...]
    start: int
    name_end: int
    end: int
    quiet: bool = False
    braced: bool = False

    def value(self, scope: Scope) -> Value:
        """Its value in an expression; None when the name is not set, or its value has no such part.

        A name that is not set but is asked for something is an error, and so is an unknown method.
        """
        value, used = self.reach(scope)
        if value is None:
            scope.lacking[self.name] = (self.start, self.name_end - self.start)
            if self.steps:
                raise Lacking(self.name, self.start, self.name_end - self.start)
        return value if used == len(self.steps) else None

    def reach(self, scope: Scope) -> tuple[Value, int]:
        """The value after as many steps as there is one, and their number; None if the name is not set."""
        value, used = scope.look_up(self.name), 0
        if value is None:
            value, used = self._dotted(scope)
        while value is not None and used < len(self.steps):
            found = _step(value, self.steps[used], scope)
            if found is None:
                break
            value, used = found, used + 1
        return value, used

    def written(self, scope: Scope) -> tuple[str | None, int]:
        """Its text, and the place up to which it stands for the reference; None when it stays as written.

        Without braces what has no value is text again: ``.id`` after the name of a table.
        """
        value, used = self.reach(scope)
        if value is None or (self.braced and used < len(self.steps)):
            if self.quiet:
                return "", self.end
            scope.missing.add(self.name)
            return None, self.end
        if used == len(self.steps):
            return text(value), self.end
        return text(value), self.steps[used - 1].end if used else self.name_end

    def _dotted(self, scope: Scope) -> tuple[Value, int]:
        """A variable with dots in its name, and the number of steps that are part of it."""
        name = self.name
        for used, step in enumerate(self.steps, 1):
            if not step.name or step.arguments is not None:
                break
            name += "." + step.name
            value = scope.look_up(name)
            if value is not None:
                return value, used
        return None, 0


def _step(value: Value, step: Step, scope: Scope) -> Value:
    try:
        if not step.name:
            assert step.arguments
            return at(value, step.arguments[0](scope))
        if step.arguments is None:
            return item(value, step.name)
        return call(value, step.name, [argument(scope) for argument in step.arguments])
    except ByzerError as error:
        if error.offset is None:
            error.offset, error.length = step.start, max(1, step.end - step.start)
        raise
