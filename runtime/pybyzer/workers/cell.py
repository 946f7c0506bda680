"""One cell at work: answers what its process asks, shows its prints, makes a table or an error of its end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.compat.pybyzer_worker import columns, spool, wire
from pybyzer.arrow import Stream
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
        self._prints = Prints(emit, settings.log_lines)
        self.directory = tables.directory()
        self._error: ByzerError | None = None

    def go(self, process: Process, *, uses_ray: bool, keep: bool = False) -> Stream:
        """Run it to its end. ``keep``: what it started (Ray actors, a service) stays when it has ended."""
        try:
            process.send(self._message(process, uses_ray, keep))
            result = self._converse(process)
            return exchange.receive(result, self._job.schema, self._clean)
        except Died as died:
            self._clean()
            if self._cancelled():
                raise Interrupted("interrupted") from None
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
        os.makedirs(self.directory, exist_ok=True)
        path = os.path.join(self.directory, "call.arrow")
        with spool.Writer(path, batch.schema) as writer:
            writer.write(batch)
        try:
            files = [{"path": path, "batches": writer.batches}]
            process.send(
                {"type": "call", "pieces": spool.cut(files, 1)[0], "schema": spool.encode(batch.schema)}
            )
            result = self._converse(process)
            return (
                exchange.receive(result, None, lambda: None)
                .reader.read_all()
                .combine_chunks()
                .to_batches()[0]
            )
        except Died as died:
            if self._cancelled():
                raise Interrupted("interrupted") from None
            raise WorkerError(f"the process of the function {died.why}") from None

    def _clean(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def _message(self, process: Process, uses_ray: bool, keep: bool) -> wire.Message:
        job = self._job
        conf = dict(job.conf)
        conf.setdefault("timezone", self._settings.timezone)
        return {
            "type": "run",
            "id": os.path.basename(self.directory),
            "code": job.code,
            "filename": job.filename,
            "conf": conf,
            "inputs": list(job.inputs),
            "model": self._open(MODEL, process) if job.model is not None else None,
            "schema": spool.encode(job.schema) if job.schema is not None and process.has_arrow else None,
            "directory": self.directory,
            "workers": os.cpu_count() or 1,
            "uses_ray": uses_ray,
            "keep": keep,
        }

    def _converse(self, process: Process) -> dict[str, Any]:
        """Serve the process until it has a result."""
        while True:
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
            answer = self._open(message["name"], process) if found is None else found
        except ByzerError as error:
            self._error = error
            answer = {"error": error.message}
        process.send(dict(answer, type="answer"))

    def _open(self, name: str, process: Process) -> dict[str, Any]:
        """An input on its way to the process; what it prints meanwhile is shown."""
        opener = self._job.model if name == MODEL else self._job.inputs[name]
        assert opener is not None
        number = len(os.listdir(self.directory))
        path = os.path.join(self.directory, f"in-{number}")
        return exchange.send(opener(), path, process.has_arrow, self._listening(process))

    def _listening(self, process: Process) -> Callable[[], None]:
        """Show prints, and notice the end of the process, while something else takes its time."""

        def listen() -> None:
            for kind, content in process.hear(0):
                if kind != "message":
                    self._prints.raw(kind, content)
                elif content["type"] == "printed":
                    self._prints.text(content["stream"], content["text"], content["source"])

        return listen

    def _failure(self, message: wire.Message, process: Process) -> ByzerError:
        """The error that stands for an exception of user code."""
        if self._error is not None and self._error.message in message["message"]:
            return self._error
        module = message.get("module")
        if module:
            python = process.hello.get("executable", "python")
            return MissingPackage(
                f'the Python of this cell has no package for "{module}" ({python})',
                hint=environments.install_command(python, module),
                notes=tuple(_place(message["traceback"], self._job.filename)),
            )
        return WorkerError(message["message"], traceback=message["traceback"])


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
