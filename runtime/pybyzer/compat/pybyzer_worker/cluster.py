"""A cell's connection to Ray, made when something needs it.

The process is the driver of a Ray job of its own, which is kept for the next cell: Ray's workers stay warm.
When a cell leaves tasks or actors behind (other than detached ones) the job is ended, and they with it. On
the session's own cluster, tables are read from shared memory directly; elsewhere they travel as objects.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import logging
import os
import platform
import re
import socket
import sys
import time
from typing import Any, Callable, Dict, List, Optional

from pybyzer_worker import mapping, outputs, parts, spool, state, tracebacks

_BY_HAND = re.compile(r"\bray\b(?!_context)|\bremote\b|Actor")
"""What code writes that uses Ray by itself: its tasks and output are watched until they have ended."""
LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "")
CLIENT_PORT = 10001
QUIET = 0.25
"""Seconds without a line from Ray workers after which a cell's output is complete."""
GRACE = 0.5
"""Seconds for what a cell started to end, before its job is ended."""


class Unreachable(ConnectionError):
    """No Ray at an address that the user named."""


class Connection:
    """What this process is connected to; it outlives the cell."""

    address = ""
    local = True
    heard = 0.0


class Cluster:
    """Ray, as one cell sees it."""

    def __init__(self, cell: Optional[state.Cell]) -> None:
        self._cell = cell
        self._told: Optional[Dict[str, Any]] = None
        self._used = False
        self._quiet = cell is not None and not _BY_HAND.search(cell.code)

    @property
    def connected(self) -> bool:
        """Whether this process is connected, by us or by user code."""
        ray = sys.modules.get("ray")
        return ray is not None and hasattr(ray, "is_initialized") and ray.is_initialized()

    @property
    def local(self) -> bool:
        """Whether the cluster reads this machine's shared memory."""
        return Connection.local

    @staticmethod
    def installed() -> bool:
        """Whether this Python has Ray at all."""
        return "ray" in sys.modules or importlib.util.find_spec("ray") is not None

    def usable(self) -> bool:
        """Whether functions can go to workers: Ray is here and is the session's own release."""
        if self.connected and not Connection.local:
            return True
        if not self.installed() or self._cell is None:
            return False
        return not self._mismatch(self._own())

    def announce(self, own_init: bool) -> None:
        """Let code that uses Ray by itself find the session's cluster.

        ``own_init``: it calls ``ray.init``, which must find no connection and is told where to go.
        """
        self._used = True
        if own_init:
            self.disconnect()
        if self.usable():
            os.environ["RAY_ADDRESS"] = self._own()["address"]
            if not own_init:
                self.connect()

    def join(self, url: str, options: Dict[str, Any]) -> None:
        """What user code's ``connect(url)`` asks for: a cluster of that address, or the session's own.

        The session's own is reached later, when something needs it; code that imports Ray is connected.
        """
        address = self._reachable(url)
        if address is not None:
            self._used = True
            self.disconnect()
            Connection.local = False
            self._init(address, options)

    def connect(self) -> None:
        """Be connected: to the session's own cluster, unless user code chose another."""
        self._used = True
        if self.connected and not Connection.local:
            return
        if self._cell is None:
            raise RuntimeError("no Ray here: call RayContext.connect with the address of a cluster")
        told = self._own()
        problem = self._mismatch(told)
        if problem:
            raise ImportError(problem)
        if self.connected and Connection.address == told["address"]:
            return
        self.disconnect()
        Connection.local = told["local"]
        self._init(told["address"], {})

    def _own(self) -> Dict[str, Any]:
        """The session's cluster, started if need be: ``address``, ``python``, ``ray``, ``local``."""
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
        if self._cell is not None and self._cell.env:
            options["runtime_env"] = dict(options.get("runtime_env", {}), env_vars=self._cell.env)
        if not self.local:
            modules = [os.path.dirname(os.path.abspath(mapping.__file__)), _pyjava()]
            options["runtime_env"] = dict({"py_modules": modules}, **options.get("runtime_env", {}))
        ray.init(address=address, logging_level=logging.ERROR, **options)
        Connection.address = address
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
        dispatcher.add_handler("pybyzer", _printed)

    def settle(self) -> None:
        """Wait for the last lines of Ray workers."""
        Connection.heard = time.monotonic()
        while time.monotonic() - Connection.heard < QUIET:
            time.sleep(0.02)

    # -- the end of a cell -------------------------------------------------------------------------

    def close(self) -> None:
        """Leave nothing of the cell running; the connection stays when nothing was."""
        os.environ.pop("RAY_ADDRESS", None)
        if not self._used or not self.connected:
            return
        own = bool(Connection.address) and Connection.local
        if own and self._quiet:
            return  # only functions of ours ran, and all of them have ended without a word
        self.settle()
        if not own or not self._idle():
            self.disconnect()

    def disconnect(self) -> None:
        """End the job: its tasks and actors end with it."""
        if self.connected:
            import ray

            ray.shutdown()
        Connection.address, Connection.local = "", True

    def _idle(self) -> bool:
        """Whether the cell's tasks and actors are gone, now that nothing of it refers to them."""
        deadline = time.monotonic() + GRACE
        while True:
            gc.collect()
            if not _left_behind():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)

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

        function_of = _run if self.local else _run_far
        if function_of not in _remote:
            _remote[function_of] = ray.remote(max_retries=0)(function_of)
        run = _remote[function_of]
        try:
            shipped = ray.put(function)
        except TypeError as error:
            raise TypeError("the function cannot be sent to Ray workers: %s" % _reason(error)) from None
        references = []
        for item in work:
            item.part = self.shared(item.part)
            references.append(run.options(name=item.kind).remote(item, shipped))
        return references

    def results(self, references: List[Any]) -> List[outputs.Result]:
        """Wait for results in order; the first failure stops the others and is raised."""
        import ray

        found: List[outputs.Result] = []
        try:
            for reference in references:
                result = ray.get(reference)
                self._quiet = self._quiet and not result.pop("printed")
                if "failed" in result:
                    self._quiet = False
                    failed = result["failed"]
                    raise tracebacks.RemoteFailure(failed["message"], failed["traceback"], failed["module"])
                found.append(_fetched(result, self._cell) if "table" in result else result)
        finally:
            del references
        return found


def _left_behind() -> bool:
    """Whether this job still has tasks, or actors that are not detached."""
    try:
        from ray._private.state import state as ray_state
        from ray._private.worker import global_worker

        core = global_worker.core_worker
        if core.get_pending_children_task_ids(global_worker.current_task_id):
            return True
        actors = ray_state.actor_table(None, job_id=global_worker.current_job_id)
    except (AttributeError, ImportError, TypeError):
        return True  # another release of Ray, which cannot be asked: the job is ended
    return any(actor["State"] != "DEAD" and not actor["IsDetached"] for actor in actors.values())


def _printed(data: Dict[str, Any]) -> None:
    """Lines of a Ray worker, on their way into the cell."""
    session = state.session
    if data.get("pid") in ("autoscaler", "raylet") or session is None:
        return
    name = data.get("actor_name") or data.get("task_name") or "worker"
    Connection.heard = time.monotonic()
    session.channel.send(
        {
            "type": "printed",
            "text": "".join(line.rstrip("\n") + "\n" for line in data["lines"]),
            "stream": "stderr" if data.get("is_err") else "stdout",
            "source": "%s pid=%s" % (name, data.get("pid")),
        }
    )


_remote: Dict[Any, Any] = {}


class _Heard:
    """A stream that notices that something was written."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.used = False

    def write(self, text: str) -> Any:
        """Pass it on."""
        self.used = True
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _run(work: mapping.Work, function: Callable[[Any], Any]) -> Dict[str, Any]:
    out, err = _Heard(sys.stdout), _Heard(sys.stderr)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):  # type: ignore[type-var]
        result = work.run(function)
    return dict(result, printed=out.used or err.used)


def _run_far(work: mapping.Work, function: Callable[[Any], Any]) -> Dict[str, Any]:
    """On another machine: the rows come back as one object."""
    import tempfile

    import pyarrow as pa

    with tempfile.TemporaryDirectory(prefix="pybyzer-") as directory:
        work.directories = [directory]
        result = _run(work, function)
        if "failed" in result or result["schema"] is None:
            return result
        schema = spool.decode(result["schema"])
        pieces = spool.cut(result["files"], 1)[0]
        from pybyzer_worker import columns

        batches = [columns.cast(batch, schema) for batch in spool.read(pieces)]
        return dict(result, table=pa.Table.from_batches(batches, schema))


def _fetched(result: Dict[str, Any], cell: Optional[state.Cell]) -> outputs.Result:
    """A result that came as an object, in files of this machine."""
    assert cell is not None
    sink = outputs.Sink(cell.directories, cell.stem(), spool.decode(result["schema"]))
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
