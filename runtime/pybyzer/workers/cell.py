"""One cell at work: answers what its process asks, shows its prints, makes a table or an error of its end."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import Stream
from pybyzer.compat.pybyzer_worker import columns, spool, wire
from pybyzer.errors import ByzerError, Interrupted, MissingPackage, WorkerError
from pybyzer.events import Emit
from pybyzer.settings import Settings
from pybyzer.workers import environments, exchange
from pybyzer.workers.base import PythonJob
from pybyzer.workers.cluster import Cluster
from pybyzer.workers.local import Died, Process
from pybyzer.workers.output import TOGETHER, Prints

if TYPE_CHECKING:
    import pyarrow as pa

MODEL = "@model"
"""The name under which a worker asks for the model table."""
TICK = 0.2
NOTICE = 1.0
"""Seconds in which the end of the session's Ray is noticed after what it takes with it."""


class CellRun:
    """One run of a job in a process. ``uses_ray`` is what the text of the code suggests."""

    def __init__(
        self,
        job: PythonJob,
        emit: Emit,
        *,
        settings: Settings,
        tables: exchange.Spool,
        cluster: Cluster,
        cancelled: Callable[[], bool],
    ) -> None:
        self._job = job
        self._settings = settings
        self._cluster = cluster
        self._cancelled = cancelled
        self._emit = emit
        self._prints = Prints(emit, settings.log_lines)
        self._directories = tables.directories()
        self._inputs = itertools.count(1)
        self._error: ByzerError | None = None
        self._on_ray = False
        self._keep = False
        self._held: list[object] = []

    def go(self, process: Process, *, uses_ray: bool, keep: bool = False) -> Stream:
        """Run it to its end. ``keep``: what it started (Ray actors, a service) stays when it has ended."""
        try:
            self._keep = keep
            self._earlier(process)
            process.send(self._message(process, uses_ray, keep))
            result = self._converse(process)
            place = os.path.dirname(self._directories[-1])
            return exchange.receive(result, self._job.schema, (lambda: None) if keep else self._clean, place)
        except Died as died:
            self._clean()
            if self._cancelled():
                raise Interrupted("interrupted") from None
            if self._ray_died():
                raise _ray_is_gone() from None
            raise WorkerError(
                f"the worker process {died.why}",
                hint="the session and its tables are unharmed; run the cell again",
            ) from None
        except BaseException as error:
            self._clean()
            if isinstance(error, columns.BadRow):
                raise WorkerError(str(error)) from None
            raise
        finally:
            self._prints.close()

    def call(self, process: Process, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Hand a batch to the service that the cell left in its process."""
        with spool.Writer(self._directories, "call") as writer:
            writer.write(batch)
        message = {
            "type": "call",
            "pieces": spool.cut(writer.files, 1)[0],
            "schema": spool.encode(batch.schema),
            "directories": self._directories,
        }
        try:
            self._prints = Prints(self._emit, self._settings.log_lines)  # the limit is that of one call
            process.send(message)
            answer = exchange.receive(self._converse(process), None, lambda: None)
            return answer.reader.read_all().combine_chunks().to_batches()[0]
        except Died as died:
            if self._cancelled():
                raise Interrupted("interrupted") from None
            if self._ray_died():
                raise _ray_is_gone() from None
            raise WorkerError(f"the process of the function {died.why}") from None
        finally:
            self._prints.close()

    def close(self) -> None:
        """Remove what is left of its tables."""
        self._clean()

    def _clean(self) -> None:
        for directory in self._directories:
            shutil.rmtree(directory, ignore_errors=True)

    def _message(self, process: Process, uses_ray: bool, keep: bool) -> wire.Message:
        job = self._job
        conf = dict(job.conf)
        conf.setdefault("timezone", self._settings.timezone)
        return {
            "type": "run",
            "id": os.path.basename(self._directories[0]),
            "code": job.code,
            "filename": job.filename,
            "conf": conf,
            "env": dict(process.interpreter.env),
            "inputs": list(job.inputs),
            "model": self._open(MODEL, process) if job.model is not None else None,
            "schema": spool.encode(job.schema) if job.schema is not None and process.has_arrow else None,
            "directories": self._directories,
            "workers": os.cpu_count() or 1,
            "uses_ray": uses_ray,
            "keep": keep,
        }

    def _earlier(self, process: Process) -> None:
        """What came after the end of the cell before is no output of this one, and says so."""
        for kind, content in process.hear(0):
            if kind != "message":
                self._prints.raw(kind, content, "an earlier cell")
            elif content["type"] == "printed":
                self._prints.text(content["stream"], content["text"], f"{content['source']}, an earlier cell")

    def _converse(self, process: Process) -> dict[str, Any]:
        """Serve the process until it has a result."""
        while True:
            if self._on_ray and self._cluster.lost:
                process.close()
                raise _ray_is_gone()
            for kind, content in process.hear(TOGETHER if self._prints.tick() else TICK):
                if kind != "message":
                    self._prints.raw(kind, content)
                elif content["type"] == "result":
                    return dict(content)
                elif content["type"] == "failed":
                    raise self._failure(content, process)
                else:
                    self._answer(content, process)

    def _answer(self, message: wire.Message, process: Process) -> None:
        if message["type"] == "printed":
            self._prints.text(message["stream"], message["text"], message["source"])
            return
        try:
            found = self._cluster.wait(self._listening(process)) if message["type"] == "ray" else None
            self._on_ray = self._on_ray or found is not None
            answer = self._open(message["name"], process) if found is None else found
        except ByzerError as error:
            self._error = error
            answer = {"error": error.message}
        process.send(dict(answer, type="answer"))

    def _open(self, name: str, process: Process) -> dict[str, Any]:
        """An input on its way to the process; what it prints meanwhile is shown."""
        opener = self._job.model if name == MODEL else self._job.inputs[name]
        assert opener is not None
        stem = f"in-{next(self._inputs)}"
        stream = opener()
        if self._keep:
            stream.files = ()  # they may be gone before the service is
        self._held.append(stream.keep)
        return exchange.send(stream, self._directories, stem, process.has_arrow, self._listening(process))

    def _listening(self, process: Process) -> Callable[[], None]:
        """Show prints, and notice the end of the process, while something else takes its time."""

        def listen() -> None:
            for kind, content in process.hear(0):
                if kind != "message":
                    self._prints.raw(kind, content)
                elif content["type"] == "printed":
                    self._prints.text(content["stream"], content["text"], content["source"])

        return listen

    def _ray_died(self) -> bool:
        """Whether the session's Ray has ended under this cell, or is just about to."""
        deadline = time.monotonic() + NOTICE
        while self._on_ray and not self._cluster.lost and time.monotonic() < deadline:
            time.sleep(0.05)
        return self._on_ray and self._cluster.lost

    def _failure(self, message: wire.Message, process: Process) -> ByzerError:
        """The error that stands for an exception of user code."""
        if self._error is not None and self._error.message in message["message"]:
            return self._error
        if message["message"].startswith("ray.exceptions.") and self._ray_died():
            process.close()
            return _ray_is_gone()
        module = message.get("module")
        if module:
            python = process.hello.get("executable", "python")
            return MissingPackage(
                f'the Python of this cell has no package for "{module}" ({python})',
                hint=environments.install_command(python, module),
                notes=tuple(_place(message["traceback"], self._job.filename)),
            )
        return WorkerError(message["message"], traceback=message["traceback"])


def _ray_is_gone() -> WorkerError:
    return WorkerError(
        "the session's Ray has died, and with it what this cell ran there (out of memory, perhaps)",
        hint="the session and its tables are unharmed; the next cell that uses Ray starts it again",
    )


def _place(traceback: str, filename: str) -> list[str]:
    """The line of the cell that a traceback ends in."""
    lines = traceback.splitlines()
    found = [i for i, line in enumerate(lines) if line.strip().startswith(f'File "{filename}", line')]
    if not found:
        return []
    at = found[-1]
    place = lines[at].strip().removeprefix(f'File "{filename}", ').partition(",")[0]
    source = lines[at + 1].strip() if at + 1 < len(lines) else ""
    return [f"{place} of the cell: {source}"]
