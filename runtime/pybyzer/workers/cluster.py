"""The session's own Ray: started in the background by a process that ends it when the session is gone."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from pybyzer.errors import MissingPackage, WorkerError
from pybyzer.settings import Settings
from pybyzer.workers.environments import QUIET
from pybyzer.workers.local import COMPAT

PATIENCE = 120.0
"""Seconds for Ray to start."""
KEEPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper.py")
CLIENT_PORT = ":10001"


class Cluster:
    """A Ray of our own on this machine, or the one that ``ray_address`` names."""

    def __init__(self, settings: Settings) -> None:
        self._address = settings.ray_address
        self.credentials = {} if self._address else _credentials()
        self._process: subprocess.Popen[bytes] | None = None
        self._told: dict[str, Any] | None = None
        self._said = bytearray()
        self._lock = threading.Lock()

    @property
    def started(self) -> bool:
        """Whether it is there or on its way."""
        return self._told is not None or self._process is not None

    @property
    def lost(self) -> bool:
        """Whether a Ray of our own was there and has died."""
        return self._told is not None and self._process is not None and self._process.poll() is not None

    @property
    def address(self) -> str:
        """Where it is; empty when it is not there (yet)."""
        return str(self._told["address"]) if self._told is not None and not self.lost else ""

    def start(self) -> None:
        """Start it in the background, once; returns at once."""
        with self._lock:
            if self._told is not None or (self._process is not None and self._process.poll() is None):
                return
            if self._address:
                self._told = {"address": _as_address(self._address), "local": False}
                return
            self._said.clear()
            self._process = subprocess.Popen(
                [sys.executable, KEEPER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | self._environment(),
            )

    def wait(self, between: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Start it if need be and wait until it is there: ``address``, ``local`` and the versions.

        ``between`` is called while waiting.
        """
        self.start()
        if self._told is not None and (self._address or self._alive()):
            return self._told
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while time.monotonic() < deadline:
                between()
                if not selector.select(0.1):
                    continue
                data = os.read(self._process.stdout.fileno(), 1 << 16)
                self._said += data
                found = self._answer()
                if found is not None:
                    self._told = found
                    return found
                if not data:
                    break
        said = self._said.decode("utf-8", "replace").strip()
        self.close()
        if "No module named 'ray'" in said:
            raise MissingPackage(
                "this cell needs Ray", hint=f'{sys.executable} -m pip install "ray[default]"'
            )
        raise WorkerError(f"Ray did not start: {said[-2000:] or 'no answer'}")

    def close(self) -> None:
        """Stop it. Calling it twice is fine."""
        with self._lock:
            process, self._process, self._told = self._process, None, None
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def _alive(self) -> bool:
        if self._process is not None and self._process.poll() is None:
            return True
        self.close()
        self.start()
        return False

    def _answer(self) -> dict[str, Any] | None:
        for line in bytes(self._said).split(b"\n")[:-1]:
            if line.startswith(b"{"):
                found = json.loads(line)
                return dict(found, local=True)
        return None

    def _environment(self) -> dict[str, str]:
        """What the processes of the cluster inherit: workers find ``pyjava`` and nothing else of ours."""
        path = os.pathsep.join(filter(None, [COMPAT, os.environ.get("PYTHONPATH", "")]))
        quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", **QUIET}
        return {"PYTHONPATH": path, **quiet, **self.credentials}


def _credentials() -> dict[str, str]:
    """A token of this session's own, unless the user has chosen how Ray is guarded.

    Ray reads it when it is imported: it has to be in the environment of every process from the start.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return {}
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _as_address(text: str) -> str:
    """What ``ray.init`` takes: ``host:10001`` is the client's port."""
    return f"ray://{text}" if text.endswith(CLIENT_PORT) and "://" not in text else text
