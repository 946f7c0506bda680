"""A kernel for tests: its spec in a directory of its own, nothing installed, nothing of the user's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

import pybyzer
import pybyzer_kernel
import pybyzer_magics
from pybyzer_kernel.install import NAME, write_spec

WAIT = 60
"""Seconds after which a test gives up; no test measures time with it."""


@pytest.fixture(scope="session", autouse=True)
def kernelspec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kernel's spec for this interpreter, found by Jupyter; histories go to a directory of their own."""
    root = tmp_path_factory.mktemp("jupyter")
    directory = root / "kernels" / NAME
    directory.mkdir(parents=True)
    sources = [str(Path(p.__file__ or "").parent.parent) for p in (pybyzer, pybyzer_magics, pybyzer_kernel)]
    path = os.pathsep.join([*sources, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    write_spec(directory, env={"PYTHONPATH": path})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root))
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        patch.setenv("PYBYZER_LAKE", str(root / "lake"))
        yield


@dataclass
class Reply:
    """What one execute request led to: its reply, and the messages of its cell in order."""

    content: dict[str, Any]
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.content["status"])

    def text(self, stream: str = "stdout") -> str:
        """All text of a stream."""
        return "".join(c["text"] for kind, c in self.messages if kind == "stream" and c["name"] == stream)

    def shown(self, mime: str = "text/plain") -> list[Any]:
        """What was displayed or resulted, in one form; without progress, which slow machines show more of."""
        return [
            content["data"].get(mime)
            for kind, content in self.messages
            if kind in ("display_data", "execute_result")
            and not content.get("transient", {}).get("display_id")
        ]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [content for kind, content in self.messages if kind == "error"]


class Kernel:
    """A running kernel and a client of it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def send(self, code: str, **options: Any) -> str:
        """Ask for a cell to be run; the id of the request."""
        return str(self.client.execute(code, **options))

    def receive(self, request: str) -> Reply:
        """Everything that comes back for a request."""
        messages = []
        deadline = time.monotonic() + WAIT
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            if message["msg_type"] not in ("status", "execute_input"):
                messages.append((message["msg_type"], message["content"]))
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.0, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == request:
                return Reply(reply["content"], messages)

    def run(self, code: str, **options: Any) -> Reply:
        """Run a cell to its end."""
        return self.receive(self.send(code, **options))

    def wait_for(self, request: str, kind: str) -> dict[str, Any]:
        """The first message of a kind that a request leads to."""
        while True:
            message = self.client.get_iopub_msg(timeout=WAIT)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return dict(message["content"])


@pytest.fixture(scope="module")
def kernel(kernelspec: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for the tests of a file."""
    directory = tmp_path_factory.mktemp("work")
    manager, client = start_new_kernel(kernel_name=NAME, cwd=str(directory))
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel()
