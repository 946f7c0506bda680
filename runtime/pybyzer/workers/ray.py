"""The workers of a session: each cell in a process of its own, Ray beside it when the code asks for it.

A cell's process is started ahead, so that a cell waits for nothing, and used again after a cell that ended
well. Its own Ray (``cluster.Cluster``) starts in the background when a cell's code mentions it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import Stream
from pybyzer.errors import MissingPackage, WorkerError
from pybyzer.events import Emit
from pybyzer.settings import Settings
from pybyzer.workers import environments, exchange
from pybyzer.workers.base import WORKERS, FunctionJob, PythonJob
from pybyzer.workers.cell import CellRun
from pybyzer.workers.cluster import Cluster
from pybyzer.workers.environments import Interpreter
from pybyzer.workers.local import Process

if TYPE_CHECKING:
    import pyarrow as pa

_MENTIONS_RAY = re.compile(
    r"^\s*(import|from)\s+ray\b|\.\s*(foreach|map_iter|map_batches|setup|to_dataset)\s*\(|UDFBuilder", re.M
)


def mentions_ray(code: str) -> bool:
    """Whether code will need Ray, judging by its text; only decides what is started early."""
    return bool(_MENTIONS_RAY.search(code))


@WORKERS.register("ray", "local")
class RayWorkers:
    """Python processes that belong to one session, and its Ray."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spool = exchange.Spool()
        self._idle: list[Process] = []
        self._running: Process | None = None
        self._services: list[Service] = []
        self._lock = threading.Lock()
        self._cancelled = False
        self._closed = False
        self.cluster = Cluster(settings)

    # -- the interface -----------------------------------------------------------------------

    def run(self, job: PythonJob, emit: Emit) -> Stream:
        """Run user code; the result rows, in order. ``WorkerError`` with the user's traceback."""
        process = self._process(self._interpreter(job))
        well = False
        try:
            result = self._cell(job, emit).go(process, uses_ray=self._uses_ray(job, process))
            well = True
            return result
        except (WorkerError, MissingPackage):
            well = True  # the process lives on unless it died, or was killed
            raise
        finally:
            self._release(process, well and not self._cancelled)
            self._spare()

    def serve(self, function: FunctionJob, emit: Emit) -> Callable[[pa.Array], pa.Array]:
        """Start a pool and give back a batch function: one Arrow array in, one out, same length."""
        from pybyzer.workers.pool import serve

        return serve(self, function, emit)

    def prepare(self) -> None:
        """Start a worker process and, in the background, Ray; returns at once."""
        self._spare()
        self.cluster.start()

    def cancel(self) -> None:
        """Stop what is running, from any thread, within a second."""
        with self._lock:
            self._cancelled = True
            running = self._running
        if running is not None:
            running.kill()

    def close(self) -> None:
        """Stop all processes. Calling it twice is fine."""
        self.cancel()
        self._closed = True
        with self._lock:
            idle, self._idle = self._idle, []
        for service in list(self._services):
            service.close()
        for process in idle:
            process.close()
        self.cluster.close()
        self._spool.close()

    # -- processes ---------------------------------------------------------------------------

    def _interpreter(self, job: PythonJob) -> Interpreter:
        return environments.interpreter(job.env, job.conf, self._settings.env_aliases)

    def _process(self, interpreter: Interpreter) -> Process:
        """A process of that environment that is ready to run a cell."""
        if self._closed:
            raise WorkerError("the session is closed")
        with self._lock:
            self._cancelled = False
            found = next((p for p in self._idle if p.interpreter == interpreter and p.alive), None)
            if found is not None:
                self._idle.remove(found)
        process = found or self._start(interpreter)
        with self._lock:
            self._running = process
        try:
            process.greet()
        except BaseException:
            self._release(process, well=False)
            raise
        return process

    def _start(self, interpreter: Interpreter) -> Process:
        return Process(interpreter, self._spool.roots(), self.cluster.credentials)

    def _release(self, process: Process, well: bool) -> None:
        """Keep a process for the next cell, or end it."""
        with self._lock:
            self._running = None
            keep = well and process.alive and not self._closed
            if keep:
                # One process for each environment is enough; the last one used is warm.
                others = [p for p in self._idle if p.interpreter == process.interpreter]
                self._idle = [p for p in self._idle if p not in others] + [process]
            else:
                others = [process]
        for each in others:
            each.close()

    def _spare(self) -> None:
        """Have a process of the session's own Python ready."""
        own = environments.interpreter({}, {}, {})
        with self._lock:
            dead = [p for p in self._idle if not p.alive]
            self._idle = [p for p in self._idle if p.alive]
            needed = not self._closed and not any(p.interpreter == own for p in self._idle)
            if needed:
                self._idle.append(self._start(own))
        for process in dead:
            process.close()

    def _cell(self, job: PythonJob, emit: Emit) -> CellRun:
        return CellRun(
            job,
            emit,
            settings=self._settings,
            tables=self._spool,
            cluster=self.cluster,
            cancelled=lambda: self._cancelled,
        )

    def _uses_ray(self, job: PythonJob, process: Process) -> bool:
        """Whether the cell will want Ray; if so it starts now, beside the cell."""
        wanted = mentions_ray(job.code) and process.hello.get("ray") is not None
        if wanted:
            self.cluster.start()
        return wanted

    # -- for function pools --------------------------------------------------------------------

    def ensure_ray(self) -> dict[str, Any]:
        """Start Ray if need be: ``address`` for ``ray.init``, in a process with ``cluster.credentials``."""
        return self.cluster.wait()

    def ray_now(self) -> str:
        """The address of the Ray that runs; empty when there is none."""
        return self.cluster.address

    def service(self, job: PythonJob, emit: Emit) -> Service:
        """Run a cell and keep its process, so that the service it offered can be called."""
        interpreter = self._interpreter(job)
        process = self._process(interpreter)
        cell = self._cell(job, emit)
        try:
            cell.go(process, uses_ray=self._uses_ray(job, process), keep=True).reader.read_all()
        except BaseException:
            self._release(process, well=False)
            raise
        finally:
            with self._lock:
                self._running = None
            self._spare()
        service = Service(self, cell, process)
        self._services.append(service)
        return service

    def forget(self, service: Service) -> None:
        """A service has ended."""
        if service in self._services:
            self._services.remove(service)


class Service:
    """A cell's process that stays and answers calls: what ``pybyzer_worker.service.offer`` was given."""

    def __init__(self, owner: RayWorkers, cell: CellRun, process: Process) -> None:
        self._owner = owner
        self._cell = cell
        self._process = process
        self._lock = threading.Lock()

    def call(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One batch in, one out. From any thread; calls wait for each other."""
        with self._lock:
            return self._cell.call(self._process, batch)

    def close(self) -> None:
        """End the process, and with it its Ray actors."""
        self._owner.forget(self)
        self._process.close()
        self._cell.close()
