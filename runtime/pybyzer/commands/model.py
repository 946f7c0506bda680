"""``!model history``: the versions of a saved model, each with the fits it is made of."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named
from pybyzer.context import Context
from pybyzer.errors import CommandError, Span

if TYPE_CHECKING:
    import pyarrow as pa

_VERSION = re.compile(r"_model_(\d+)\Z")
_COLUMNS = (
    *("modelPath", "algIndex", "alg", "metrics", "status"),
    *("message", "startTime", "endTime", "trainParams"),
)


@COMMANDS.register("model")
class ModelCommand(Command):
    """A row for each fit of each version that was kept, the newest version first."""

    name = "model"
    usage = "!model history /path [named table]"
    description = "the versions of a saved model"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        import pyarrow as pa

        words, name = cut_named(arguments)
        self.require(words, 2, 2)
        if words[0].value != "history":
            raise self.wrong(f'"{words[0].value}" is not history', words[0])
        path = ctx.resolve(words[1].value)
        found = [_read(directory, words[1]) for directory in _versions(path)]
        if not found:
            raise CommandError(
                f"{words[1].value} is not a validate model path: it keeps no versions",
                span=words[1].span,
                hint="training with keepVersion makes them, as _model_0",
            )
        table = pa.concat_tables(found, promote_options="permissive")
        wanted = [column for column in _COLUMNS if column in table.column_names]
        return ctx.result(table.select(wanted), name)


def _versions(path: str) -> list[str]:
    """The directories of ``meta/0``, newest version first; the only one of a model without versions last."""
    try:
        names = os.listdir(path)
    except OSError:
        return []
    numbers = sorted((int(found[1]) for name in names if (found := _VERSION.match(name))), reverse=True)
    places = [os.path.join(path, f"_model_{number}") for number in numbers] + [path]
    metas = [os.path.join(place, "meta", "0") for place in places]
    return [meta for meta in metas if os.path.isdir(meta)]


def _read(directory: str, word: Argument) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table: pa.Table = pq.read_table(directory)
    except (pa.ArrowException, OSError) as error:
        raise CommandError(f"{directory} cannot be read: {error}", span=word.span) from None
    return table
