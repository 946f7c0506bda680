"""Where in a statement an error belongs: the option, path or directive it is about."""

from __future__ import annotations

import re

from pybyzer.errors import ByzerError, Span
from pybyzer.lang.ast import Options, RunPython, Save, Statement, Text


def placed(error: ByzerError, statement: Statement) -> ByzerError:
    """The error at the option it names, else at the statement."""
    key = error.option
    options: Options = getattr(statement, "options", Options())
    if key is not None:
        found = next((o for o in reversed(options.items) if o.key.lower() == key.lower()), None)
        if found is not None:
            return error.at(found.span)
        if isinstance(statement, RunPython):
            return error.at(_line_of(statement.code, key) or statement.span)
        return error.at(_part_of(statement, key) or statement.span)
    return error.at(statement.span)


def _part_of(statement: Statement, key: str) -> Span | None:
    """The path or a partition column of a statement, as an error calls them."""
    path: Text | None = getattr(statement, "path", None)
    if key == "path" and path is not None:
        # An empty path is pointed at together with its quotes.
        return path.span if path.value else None
    if isinstance(statement, Save):
        columns = statement.partition_by
        return next((c.span for c in columns if f"partitionBy.{c.value}" == key), None)
    return None


def _line_of(code: Text, key: str) -> Span | None:
    """The last ``#%key=value`` line of a cell."""
    lines = list(
        re.finditer(rf"^[ \t]*((?:#|--)%[ \t]*{re.escape(key)}[ \t]*=.*)$", code.value, re.MULTILINE)
    )
    return code.span.inside(lines[-1].start(1), len(lines[-1][1].rstrip())) if lines else None
