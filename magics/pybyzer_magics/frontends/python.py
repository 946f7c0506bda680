"""``#%python`` cells: one statement that runs the cell in a worker."""

from __future__ import annotations

from pybyzer.errors import BadOption, SourceText, Span
from pybyzer.lang.ast import RunPython, Statement, Text
from pybyzer.registry import did_you_mean
from pybyzer_magics.cell import Cell
from pybyzer_magics.frontends.base import FRONTENDS, FrontEnd

STICKY = {
    "schema": "columns of the result: st(field(a,string)), a DDL text, JSON, or file; inferred when absent",
    "env": "a shell prefix that chooses the Python: source /path/bin/activate name",
    "dataMode": "data or model, which the original had to be told; accepted, without effect here",
    "runIn": "driver or executor, where the original started Python; accepted, without effect here",
    "pythonExec": "the interpreter that runs the cell",
    "pythonOutputEncoding": "the encoding of what the cell prints",
    "cacheStr": "accepted, without effect, as in the original",
}
"""Directives that stay in force for later cells of the session, as ``!python conf`` and ``env`` do."""

OWN = {
    "input": "tables that the cell reads, separated by commas; without it, the one-row table command",
    "output": "the name of the result table",
    "cache": "true or false: whether the original kept the result as files; it is always run once here",
    "model": "a table of file rows, read with streaming_tar",
    "confTable": "a table of two text columns, merged into context.conf for this cell",
}
"""Directives of one cell only."""

DIRECTIVES = {**OWN, **STICKY}

TEST_HINTS = frozenset({"comparator", "exception", "msg"})
"""Hints for the original's test tools: they say nothing to a runtime."""


@FRONTENDS.register("python")
class PythonFrontEnd(FrontEnd):
    """Python in a worker process: a fresh namespace, tables in, one table out."""

    comment = "#%"

    def statements(self, cell: Cell) -> list[Statement]:
        directives = {key: value for key, value in cell.directives.items() if key not in TEST_HINTS}
        for key in directives:
            if key not in DIRECTIVES:
                hint = did_you_mean(key, DIRECTIVES)
                raise BadOption(f'#%python has no directive "{key}"', span=cell.at(key), hint=hint)
        body = cell.body(self.comment)
        source = SourceText(body, cell.source.name)
        inputs = directives.pop("input", "")
        output = directives.pop("output", "")
        return [
            RunPython(
                span=cell.kind_span or _first_line(source),
                code=Text(body, Span(source, 0, len(body))),
                inputs=tuple(name.strip() for name in inputs.split(",") if name.strip()),
                output=output or None,
                directives=directives,
            )
        ]


def _first_line(source: SourceText) -> Span:
    end = source.text.find("\n")
    return Span(source, 0, end if end >= 0 else len(source.text))
