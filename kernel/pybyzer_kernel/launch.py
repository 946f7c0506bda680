"""Starting our own kernel from this installation (or checkout): no kernelspec needs to be installed."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pybyzer
import pybyzer_kernel
import pybyzer_magics
from pybyzer_kernel.install import NAME, SPEC, write_spec

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager


def environment() -> dict[str, str]:
    """Environment variables with which this interpreter finds our packages, wherever it runs."""
    folders = [
        os.path.dirname(os.path.dirname(os.path.abspath(str(package.__file__))))
        for package in (pybyzer, pybyzer_magics, pybyzer_kernel)
    ]
    given = os.environ.get("PYTHONPATH", "")
    known = [os.path.abspath(entry) for entry in given.split(os.pathsep) if entry]
    own = [folder for folder in dict.fromkeys(folders) if "site-packages" not in folder]
    path = list(dict.fromkeys([*known, *own]))
    return {"PYTHONPATH": os.pathsep.join(path)} if path else {}


@contextmanager
def spec_directory() -> Iterator[str]:
    """A Jupyter data directory that holds our kernelspec and nothing else."""
    with tempfile.TemporaryDirectory(prefix="pybyzer-") as directory:
        place = os.path.join(directory, "kernels", NAME)
        os.makedirs(place)
        write_spec(Path(place))
        yield directory


def manager() -> AsyncKernelManager:
    """A manager of one kernel of ours."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    fields = json.loads((SPEC / "kernel.json").read_text(encoding="utf-8"))
    fields["argv"][0] = sys.executable
    made = AsyncKernelManager(kernel_name=NAME, **_connection())
    # jupyter_client asks its spec manager only when there is no spec yet.
    made._kernel_spec = KernelSpec(resource_dir=str(SPEC), **fields)
    return made


def _connection() -> dict[str, str]:
    """Sockets of this machine that only this user can open, where the system has them."""
    from jupyter_core.paths import jupyter_runtime_dir

    directory = jupyter_runtime_dir()
    # The path of a socket may have about 100 characters, some for the name of its file.
    if os.name != "posix" or len(directory) >= 50:
        return {"transport": "tcp"}
    os.makedirs(directory, mode=0o700, exist_ok=True)
    # The sockets stand beside the connection file; without one they would be looked for in the working
    # directory, which is another one for the kernel.
    name = f"kernel-{secrets.token_hex(6)}.json"
    return {"transport": "ipc", "connection_file": os.path.join(directory, name)}
