"""A cell's own connection to Ray: made when it is needed, ended with the cell, so that nothing of it stays.

The cell's process is the driver of a job of its own. Ray ends its tasks and actors (all but detached ones) with it.
On the session's own cluster, tables are read from shared memory directly; elsewhere they go as objects.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import platform
import socket
import sys
import time
from typing import Any, Callable, Dict, List, Optional

from pybyzer_worker import mapping, outputs, parts, spool, state, tracebacks

LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "")
CLIENT_PORT = 10001
QUIET = 0.25
"""Seconds without a line from Ray workers after which a cell's output is complete."""


class Unreachable(ConnectionError):
    """No Ray at an address that the user named."""


class Cluster:
    """Ray, as one cell sees it."""

    def __init__(self, cell: Optional[state.Cell]) -> None:
        self._cell = cell
        self._told: Optional[Dict[str, Any]] = None
        self.local = True
        self.connected = False
        self._heard = 0.0
        self._last = ("", "")

    @staticmethod
    def installed() -> bool:
        """Whether this Python has Ray at all."""
        return "ray" in sys.modules or importlib.util.find_spec("ray") is not None

    def usable(self) -> bool:
        """Whether functions can go to workers: Ray is here and is the session's own release."""
        if self.connected:
            return True
        if not self.installed() or self._cell is None:
            return False
        return not self._mismatch(self._own())

    def announce(self) -> None:
        """Let ``ray.init()``, and the first ``.remote()`` without it, find the session's cluster."""
        if self.usable():
            told = self._own()
            os.environ.update(told["env"])
            os.environ["RAY_ADDRESS"] = told["address"]

    def join(self, url: str, options: Dict[str, Any]) -> None:
        """What user code's ``connect(url)`` asks for: a cluster of that address, or the session's own.

        The session's own is reached later, when something needs it; code that imports Ray finds it.
        """
        address = self._reachable(url)
        if address is not None:
            self.local = False
            self._init(address, options)
        elif self._cell is not None and self._cell.uses_ray and self.usable():
            self.connect()

    def connect(self) -> None:
        """Be connected: to the session's own cluster, unless user code chose another."""
        if self.connected:
            return
        if self._cell is None:
            raise RuntimeError("no Ray here: call RayContext.connect with the address of a cluster")
        told = self._own()
        problem = self._mismatch(told)
        if problem:
            raise ImportError(problem)
        os.environ.update(told["env"])
        self.local = told["local"]
        self._init(told["address"], {})

    def _own(self) -> Dict[str, Any]:
        """The session's cluster, started if need be: ``address``, ``env``, ``python``, ``ray``, ``local``."""
        assert self._cell is not None
        if self._told is None:
            self._told = self._cell.session.ask("ray")
        return self._told

    def _mismatch(self, told: Dict[str, Any]) -> str:
        """Why this Python cannot join the session's cluster; empty when it can."""
        if not told["local"]:
            return ""
        import ray

        mine = (platform.python_version(), ray.__version__)
        theirs = (told["python"], told["ray"])
        if mine == theirs:
            return ""
        return "this Python %s with Ray %s cannot join the session's Ray (Python %s, Ray %s)" % (
            *mine,
            *theirs,
        )

    def _reachable(self, url: str) -> Optional[str]:
        """The address for ``ray.init``; None for a loopback address where nothing listens."""
        plain = url[len("ray://") :] if url.startswith("ray://") else url
        host, _, port = plain.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError('"%s" is not the address of a Ray cluster; write host:10001' % url)
        own = host.strip("[]") in LOOPBACK or host == socket.gethostname()
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=0.5 if own else 5).close()
        except OSError as error:
            if own and self._cell is not None:
                return None
            raise Unreachable("cannot reach Ray at %s: %s" % (url, error)) from None
        return "ray://" + plain

    def _init(self, address: str, options: Dict[str, Any]) -> None:
        import ray

        options = dict({"namespace": "default", "ignore_reinit_error": True}, **options)
        if not self.local:
            modules = [os.path.dirname(os.path.abspath(mapping.__file__)), _pyjava()]
            options.setdefault("runtime_env", {"py_modules": modules})
        ray.init(address=address, logging_level=logging.ERROR, **options)
        self.connected = True
        self._listen()

    # -- what Ray's workers print ----------------------------------------------------------------

    def _listen(self) -> None:
        """Send the lines of Ray workers to the cell, each with the worker that wrote it."""
        if self._cell is None:
            return
        try:
            from ray._private.ray_logging import global_worker_stdstream_dispatcher as dispatcher
        except ImportError:
            return  # another release of Ray: its own printing, to our stderr, stays
        dispatcher.remove_handler("ray_print_logs")
        dispatcher.remove_handler("pybyzer")
        dispatcher.add_handler("pybyzer", self._printed)

    def _printed(self, data: Dict[str, Any]) -> None:
        if data.get("pid") in ("autoscaler", "raylet") or self._cell is None:
            return
        name = data.get("actor_name") or data.get("task_name") or "worker"
        lines = [line for line in data["lines"] if not line.startswith("\x1b[2m")]
        self._heard = time.monotonic()
        self._cell.session.channel.send(
            {
                "type": "printed",
                "text": "".join(line.rstrip("\n") + "\n" for line in lines),
                "stream": "stderr" if data.get("is_err") else "stdout",
                "source": "%s pid=%s" % (name, data.get("pid")),
            }
        )

    def settle(self) -> None:
        """Wait for the last lines of Ray workers."""
        self._heard = time.monotonic()
        while time.monotonic() - self._heard < QUIET:
            time.sleep(0.02)

    def close(self) -> None:
        """End the cell's job: its tasks and actors end with it. Also when user code called ``ray.init``."""
        os.environ.pop("RAY_ADDRESS", None)
        ray = sys.modules.get("ray")
        if ray is not None and hasattr(ray, "is_initialized") and ray.is_initialized():
            self.settle()
            ray.shutdown()
        self.connected = False

    # -- data --------------------------------------------------------------------------------------

    def shared(self, part: parts.Part) -> parts.Part:
        """A part that workers of this cluster can read: as it is on this machine, else as objects."""
        if self.local or not self.connected or part.refs or not part.pieces:
            return part
        import pyarrow as pa
        import ray

        refs = [ray.put(pa.Table.from_batches([batch])) for batch in spool.read(part.pieces)]
        return parts.Part(refs=refs, names=part.names)

    def submit(self, work: List[mapping.Work], function: Callable[[Any], Any]) -> List[Any]:
        """Start the function on all parts in Ray workers; the references of their results, in order."""
        import ray

        run = ray.remote(max_retries=0)(_run if self.local else _run_far)
        try:
            shipped = ray.put(function)
        except TypeError as error:
            raise TypeError("the function cannot be sent to Ray workers: %s" % _reason(error)) from None
        references = []
        for item in work:
            item.part = self.shared(item.part)
            references.append(run.options(name=item.kind).remote(item, shipped))
        return references

    def results(self, references: List[Any], path: Callable[[], str]) -> List[outputs.Result]:
        """Wait for results in order; the first failure stops the others and is raised."""
        import ray

        found: List[outputs.Result] = []
        try:
            for reference in references:
                result = ray.get(reference)
                if "failed" in result:
                    failed = result["failed"]
                    raise tracebacks.RemoteFailure(failed["message"], failed["traceback"], failed["module"])
                found.append(_fetched(result, path()) if "table" in result else result)
        except BaseException:
            for reference in references[len(found) :]:
                ray.cancel(reference, force=True)
            raise
        return found


def _run(work: mapping.Work, function: Callable[[Any], Any]) -> Dict[str, Any]:
    return work.run(function)


def _run_far(work: mapping.Work, function: Callable[[Any], Any]) -> Dict[str, Any]:
    """On another machine: the rows come back as one object."""
    import tempfile

    import pyarrow as pa

    with tempfile.TemporaryDirectory(prefix="pybyzer-") as directory:
        work.path = os.path.join(directory, "part")
        result = work.run(function)
        if "failed" in result or result["schema"] is None:
            return result
        schema = spool.decode(result["schema"])
        pieces = spool.cut(result["files"], 1)[0]
        from pybyzer_worker import columns

        batches = [columns.cast(batch, schema) for batch in spool.read(pieces)]
        return {"schema": result["schema"], "table": pa.Table.from_batches(batches, schema)}


def _fetched(result: Dict[str, Any], path: str) -> outputs.Result:
    """A result that came as an object, in files of this machine."""
    sink = outputs.Sink(path, spool.decode(result["schema"]))
    for batch in result["table"].to_batches():
        sink.write(batch)
    return sink.close()


def _pyjava() -> str:
    import pyjava

    return os.path.dirname(os.path.abspath(pyjava.__file__))


def _reason(error: BaseException) -> str:
    """Ray's explanation of what cannot be pickled, without its banner."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(("=", "Checking", "!!!"))]
    return said[0] if said else type(error).__name__
