"""Keeps a Ray cluster running: ``python keeper.py`` says where it is, and ends it at the end of its input.

When a part of the cluster dies, all of it ends, and this process too: the session notices and starts another.
"""

from __future__ import annotations

import json
import os
import platform
import select
import signal
import sys
from typing import Any

# This file's own folder must not be searched: it has a ray.py.
sys.path[:] = [entry for entry in sys.path if entry != (__file__.rpartition("/")[0] or ".")]


VITAL = ("gcs_server", "raylet")
"""The processes without which a cluster answers nobody."""
TICK = 0.25
ATTEMPTS = 3


def main() -> None:
    """Start, say where, wait, stop."""
    import ray

    context = start()
    answer = {
        "address": context.address_info["gcs_address"],
        "ray": ray.__version__,
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    node = getattr(ray._private.worker, "_global_node", None)
    while not select.select([sys.stdin], [], [], TICK)[0]:
        if broken(node):
            # A shutdown in good order would ask the dead part; the others end with their parent.
            os.killpg(os.getpgrp(), signal.SIGKILL)
    ray.shutdown()


def start() -> Any:
    """Start Ray; once more when a busy machine let Ray's own patience (30 s) run out."""
    import logging

    import ray

    for attempt in range(ATTEMPTS):
        try:
            return ray.init(
                address="local",
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                namespace="default",
            )
        except Exception as error:
            if attempt + 1 == ATTEMPTS or "timed out during startup" not in str(error):
                raise
            ray.shutdown()
    raise AssertionError("unreachable")


def broken(node: Any) -> bool:
    """Whether a vital process of the node has ended."""
    dead: list[tuple[str, Any]] = getattr(node, "dead_processes", list)()
    return any(kind in VITAL for kind, _ in dead)


if __name__ == "__main__":
    main()
