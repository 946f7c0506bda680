"""The conditions of ``!if`` and ``!elif``, and the values they give names to.

What ``select ... as :x`` assigns is known until the ``!fi``: as ``:x`` with its type in later conditions of
the block and of blocks in it, as ``${x}`` in all their statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pybyzer.arrow import type_name
from pybyzer.context import Context
from pybyzer.errors import BadOption
from pybyzer.lang.ast import Command, Text
from pybyzer.variables import Variables

if TYPE_CHECKING:
    import pyarrow as pa


class Branches:
    """The blocks that are open, the outermost first."""

    def __init__(self) -> None:
        self._open: list[tuple[dict[str, str], dict[str, pa.ChunkedArray]]] = []

    @contextmanager
    def block(self, variables: Variables) -> Iterator[None]:
        """A block, from its ``!if`` to its ``!fi``."""
        with variables.block() as texts:
            self._open.append((texts, {}))
            try:
                yield
            finally:
                self._open.pop()

    def holds(self, head: Command, ctx: Context) -> bool:
        """Whether the condition of an ``!if`` or ``!elif`` is true (NULL is not)."""
        from pybyzer.expressions import evaluate, read_filled

        condition = _condition(head)
        value = evaluate(ctx, read_filled(ctx, condition), self._known(ctx.variables))
        texts, values = self._open[-1]
        texts.update(value.texts)
        values.update(value.assigned)
        answer = value.value[0].as_py()
        if answer is not None and not isinstance(answer, bool):
            raise BadOption(
                f"the condition is a {type_name(value.value.type)}, neither true nor false",
                span=condition.span,
                hint=f"compare it with something: !{head.name.value} ''':x == 1''';",
            )
        return answer is True

    def _known(self, variables: Variables) -> dict[str, pa.ChunkedArray]:
        """What was assigned and still holds: a later ``set`` of the name counts instead."""
        return {
            name: column
            for texts, values in self._open
            for name, column in values.items()
            if name in texts and variables.get(name) == texts[name]
        }


def _condition(head: Command) -> Text:
    """The words of a condition as one text."""
    if len(head.arguments) == 1:
        return head.arguments[0]
    span = head.arguments[0].span.to(head.arguments[-1].span)
    return Text(" ".join(argument.value for argument in head.arguments), span)
