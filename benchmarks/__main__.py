"""``python -m benchmarks [name ...]``: each benchmark in a process of its own, one table at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks.measure import Row, show

NAMES = ("start", "parse", "sql_cell", "queries", "python_cell", "foreach", "model", "to_ray")


def run(name: str) -> list[Row]:
    """The rows of one benchmark; none when it failed, which is said."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    )
    if done.returncode:
        print(f"{name} failed", file=sys.stderr)
        return []
    return [Row(**fields) for fields in json.loads(done.stdout.strip().splitlines()[-1])]


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows = [row for name in chosen or NAMES for row in run(name)]
    print(show(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
