"""Jupyter kernels for the benchmarks: ours and ipykernel's, driven over the same wire."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

OURS = "pybyzer_kernel"
THEIRS = "ipykernel_launcher"


class Kernel:
    """One kernel process. ``run`` gives the seconds until its reply, which follows all its output."""

    def __init__(self, module: str) -> None:
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import KernelManager

        from pybyzer_kernel.launch import environment

        self._manager = KernelManager(transport="ipc" if os.name == "posix" else "tcp")
        spec = KernelSpec(argv=[sys.executable, "-m", module, "-f", "{connection_file}"])
        spec.language = "python"
        self._manager._kernel_spec = spec
        self._env = {**os.environ, **environment()}
        self.started = self.sent = 0.0

    def __enter__(self) -> Self:
        self.started = time.perf_counter()
        self._manager.start_kernel(env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = self._manager.client()
        self._client.start_channels()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=False)

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.pid)

    def wait(self) -> None:
        """Wait until the kernel has answered who it is, as every front end does before the first cell."""
        self._client.wait_for_ready(timeout=60)

    def run(self, code: str, timeout: float = 600) -> float:
        """Seconds from sending a cell to its reply; ``RuntimeError`` if it failed."""
        self.sent = begin = time.perf_counter()
        self._reply(self._client.execute(code, store_history=False), timeout)
        return time.perf_counter() - begin

    def text(self, code: str, timeout: float = 60) -> str:
        """What a cell prints."""
        found: list[str] = []
        reply = self._client.execute_interactive(
            code, timeout=timeout, store_history=False, output_hook=lambda msg: found.append(_printed(msg))
        )
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"]["evalue"])
        return "".join(found)

    def _reply(self, request: str, timeout: float) -> None:
        end = time.monotonic() + timeout
        while True:
            reply = self._client.get_shell_msg(timeout=max(0.0, end - time.monotonic()))
            if reply["parent_header"].get("msg_id") == request:
                content = reply["content"]
                if content["status"] != "ok":
                    raise RuntimeError(f"{content.get('ename')}: {content.get('evalue')}")
                return


def _printed(message: dict[str, Any]) -> str:
    return str(message["content"]["text"]) if message["msg_type"] == "stream" else ""
