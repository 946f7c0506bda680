"""Runs one cell: the user's code in a fresh namespace, then its result into files."""

from __future__ import annotations

import sys
from typing import Any, Dict

from pybyzer_worker import cluster, state, tracebacks, wire


def run(session: state.Session, message: wire.Message, arrow: bool) -> wire.Message:
    """Run a cell; the message to send back: ``result`` or ``failed``."""
    cell = state.Cell(session, message)
    cell.cluster = cluster.Cluster(cell)
    state.current = cell
    tracebacks.remember(cell.filename, cell.code)
    try:
        found = dict(_run(cell, arrow), type="result")
    except BaseException as error:
        found = dict(tracebacks.describe(error), type="failed")
        if isinstance(error, SystemExit):
            found["message"] = tracebacks.exit_status(error)
    finally:
        cell.cluster.close()
        cell.close()
        state.current = None
        _flush()
    return dict(found, id=cell.id)


def _run(cell: state.Cell, arrow: bool) -> Dict[str, Any]:
    """The cell's body, then whatever it gave to ``build_result`` (generators run now)."""
    from pyjava.api.context import PythonContext

    context = PythonContext(cell.id, None, cell.conf)
    namespace = {"context": context, "data_manager": context, "__name__": "builtins"}
    code = compile(cell.code, cell.filename, "exec", dont_inherit=True)
    if cell.uses_ray:
        cell.cluster.announce()
    try:
        exec(code, namespace)
    except SystemExit as error:
        if tracebacks.exit_status(error) is not None:
            raise
    return context.result(cell, arrow)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # user code closed it
