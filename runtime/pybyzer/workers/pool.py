"""A function served by a pool of actors that hold a model: ``register Ray`` starts it, SQL calls it."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import threading
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from pybyzer.errors import Interrupted, WorkerError
from pybyzer.events import Emit
from pybyzer.workers.base import FunctionJob, PythonJob

if TYPE_CHECKING:
    import pyarrow as pa


_OFFER = "\nimport ray\nfrom pyjava.udf.pool import offer\n"


class Service(Protocol):
    """A cell's process that stays and answers calls."""

    def call(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One batch in, one out."""

    def close(self) -> None:
        """End the process."""


class Host(Protocol):
    """Who runs registerCode and keeps its process."""

    def service(self, job: PythonJob, emit: Emit) -> Service:
        """Run a cell and keep its process, so that the service it offered can be called."""

    def ray_now(self) -> str:
        """The address of the Ray that runs; empty when there is none."""


def serve(host: Host, function: FunctionJob, emit: Emit) -> ServedFunction:
    """Run registerCode (unless reconnecting) and give back the pool as a batch function."""
    return ServedFunction(host, function, emit)


class ServedFunction:
    """One Arrow array in, one out. Callable from any thread; ``stop`` interrupts a call."""

    def __init__(self, host: Host, function: FunctionJob, emit: Emit) -> None:
        self._host = host
        self._function = function
        self._emit = emit
        self._lock = threading.Lock()
        self._token = ""
        self._stopped = False
        self._ray = ""
        self._service: Service | None = None
        self._holder: list[Service] = []
        weakref.finalize(self, _close, self._holder)
        self._start("" if function.reconnect else function.job.code)

    def __call__(self, array: pa.Array) -> pa.Array:
        import pyarrow as pa

        function = self._function
        if not len(array):
            return pa.array([], function.result)
        if function.source is not None and array.type != function.source:
            array = array.cast(function.source)
        with self._lock:
            self._stopped = False
            if self._service is None:
                # Pools end with their Ray: in a new one, registerCode makes the pool again.
                gone = self._ray != self._host.ray_now() and not function.reconnect
                self._start(function.job.code if gone else "")
            assert self._service is not None
            # The second column is empty: its type is the one wanted.
            batch = pa.record_batch([array, pa.nulls(len(array), function.result)], names=["value", "result"])
            try:
                answer = self._service.call(batch).column(0)
            except BaseException as error:
                if self._stopped:
                    self._drop()
                    raise Interrupted(f"{function.name} was stopped") from None
                if isinstance(error, WorkerError) and not error.traceback:
                    self._drop()
                raise
        return answer if answer.type == function.result else answer.cast(function.result)

    def stop(self) -> None:
        """Give up the running call, from any thread. The pool stays; the next call finds it again."""
        service = self._service
        if self._lock.locked() and service is not None:
            self._stopped = True
            with contextlib.suppress(OSError):
                service.close()

    def _drop(self) -> None:
        service, self._service = self._service, None
        self._holder.clear()
        if service is not None:
            service.close()

    def _start(self, code: str) -> None:
        """Start the process that talks to the pool; with ``code``, the pool is made first."""
        function, earlier = self._function, self._token
        self._token = secrets.token_hex(8)
        offered: dict[str, Any] = {"token": self._token, "stop": earlier}
        if function.predict_code.strip():
            offered["predict"] = function.predict_code
        if function.job.conf.get("debugMode"):
            offered["debug"] = True
        # After the user's code, so that its lines keep their numbers in a traceback.
        offer = f"offer(context, {function.name!r}, **{offered!r})\n"
        job = dataclasses.replace(function.job, code=code + _OFFER + offer)
        self._service = self._host.service(job, self._emit)
        self._holder[:] = [self._service]
        self._ray = self._host.ray_now()


def _close(holder: list[Service]) -> None:
    for service in holder:
        service.close()
