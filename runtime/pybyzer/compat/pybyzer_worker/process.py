"""The life of a worker process: says what it is, runs cells, ends when the session is gone."""

from __future__ import annotations

import os
import platform
import queue
import shutil
import signal
import socket
import sys
import threading
import time
from typing import Any, Dict, List, Optional

from pybyzer_worker import parts, runner, state, wire

FLUSH = 0.1
"""Seconds until an unfinished line of output is shown."""


def main(handle: int) -> None:
    """Serve the session at the other end of the socket."""
    # A program that user code starts must not keep the socket open when this process is gone.
    os.set_inheritable(handle, False)
    channel = wire.Channel(socket.socket(fileno=handle))
    arrow = _version("pyarrow")
    if arrow is not None:
        import pyarrow  # noqa: F401  (so that the first cell does not wait for it)
    session = state.session = state.Session(channel)
    jobs: queue.Queue[wire.Message] = queue.Queue()
    hello: Dict[str, Any] = {"python": platform.python_version(), "executable": sys.executable}
    channel.send(dict(hello, type="hello", pid=os.getpid(), pyarrow=arrow, ray=_version("ray")))
    sys.argv = [""]
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    threading.Thread(target=_listen, args=(channel, session, jobs), daemon=True).start()
    threading.Thread(target=_flush, daemon=True).start()
    parts.sweep()
    while True:
        message = jobs.get()
        if message["type"] == "run":
            _answer(channel, runner.run(session, message, arrow is not None))
        elif message["type"] == "call":
            _answer(channel, runner.call(message))


def _answer(channel: wire.Channel, message: wire.Message) -> None:
    try:
        channel.send(message)
    except OSError:
        os._exit(1)  # the session is gone; _listen ends the rest


def _listen(channel: wire.Channel, session: state.Session, jobs: queue.Queue[wire.Message]) -> None:
    roots: List[str] = []
    while True:
        message = channel.receive()
        if message is None:
            break
        roots = message.get("roots", roots)
        if message["type"] == "answer":
            session.answers.put(message)
        else:
            jobs.put(message)
    for root in roots:
        shutil.rmtree(root, ignore_errors=True)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _flush() -> None:
    while True:
        time.sleep(FLUSH)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, RuntimeError):
                continue  # user code closed it, or is writing right now


def _version(module: str) -> Optional[str]:
    """The version of an installed package, without importing it."""
    from importlib import metadata

    try:
        return metadata.version(module)
    except metadata.PackageNotFoundError:
        return None
