"""Runs one cell: the user's code in a fresh namespace, then its result into files."""

from __future__ import annotations

import contextlib
import sys
import traceback
from typing import Any, Dict

from pybyzer_worker import cluster, outputs, parts, service, spool, state, tracebacks, wire


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
        message["keep"] = False
        traceback.clear_frames(error.__traceback__)  # they hold the cell's actors and data
    finally:
        if not message.get("keep"):
            cell.cluster.close()
            cell.close()
        state.current = None
        _flush()
    return dict(found, id=cell.id)


def call(message: wire.Message) -> wire.Message:
    """One call of the service that a cell offered."""
    try:
        schema = spool.decode(message["schema"])
        part = parts.Part([tuple(piece) for piece in message["pieces"]])
        batch = next(part.batches(), None)
        if batch is None:
            batch = schema.empty_table().to_batches()[0]
        found = service.call(batch)
        return dict(outputs.write(found, message["directories"], "answer", None, True), type="result")
    except BaseException as error:
        return dict(tracebacks.describe(error), type="failed")
    finally:
        _flush()


def _run(cell: state.Cell, arrow: bool) -> Dict[str, Any]:
    """The cell's body, then whatever it gave to ``build_result`` (generators run now)."""
    from pyjava.api.context import PythonContext

    context = PythonContext(cell.id, None, cell.conf)
    namespace = {"context": context, "data_manager": context, "__name__": "builtins"}
    code = compile(cell.code, cell.filename, "exec", dont_inherit=True)
    if cell.uses_ray:
        cell.cluster.announce("ray.init(" in cell.code)
    try:
        exec(code, namespace)
    except SystemExit as error:
        if tracebacks.exit_status(error) is not None:
            raise
    return context.result(cell, arrow)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # user code closed it
            stream.flush()
