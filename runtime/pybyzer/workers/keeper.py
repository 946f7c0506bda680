"""Keeps a Ray cluster running: ``python keeper.py`` says where it is, and ends it at the end of its input."""

from __future__ import annotations

import json
import platform
import sys

# This file's own folder must not be searched: it has a ray.py.
sys.path[:] = [entry for entry in sys.path if entry != (__file__.rpartition("/")[0] or ".")]


def main() -> None:
    """Start, say where, wait, stop."""
    import logging

    import ray

    context = ray.init(
        address="local",
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        namespace="default",
    )
    answer = {
        "address": context.address_info["gcs_address"],
        "ray": ray.__version__,
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    ray.shutdown()


if __name__ == "__main__":
    main()
