"""``pybyzer shell``: a terminal console with our kernel, whether it is installed or not."""

from __future__ import annotations

import os
from collections.abc import Sequence


def shell(rest: Sequence[str]) -> int:
    """Run ``jupyter console`` in this process; further options are its own."""
    from jupyter_console.app import ZMQTerminalIPythonApp

    from pybyzer_kernel.launch import environment, spec_directory

    with spec_directory() as directory:
        os.environ.update(environment())
        path = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = os.pathsep.join([directory, path] if path else [directory])
        ZMQTerminalIPythonApp.launch_instance(argv=["--kernel", "pybyzer", *rest])
    return 0
