"""A model directory of 1 GB: into a table in the lake and out again, against ``cp -r`` twice."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable

from benchmarks.measure import PeakMemory, Row, alternate, in_seconds, main, seconds
from pybyzer import Session, Settings

SIZE = 2**30
FILES = 8
SAVE = """#%python
#%output=model
#%schema=file
context.build_result_from_dir("{model}")
"""
LOAD = """#%python
#%input=again
#%schema=st(field(files,long))
import os
from pyjava.api.mlsql import RayContext

RayContext.connect(globals(), None).fetch_as_dir("{restored}")
context.build_result([{{"files": sum(len(names) for _, _, names in os.walk("{restored}"))}}])
"""


def fill(folder: str) -> None:
    """Files of bytes that do not compress, as weights do not."""
    os.makedirs(os.path.join(folder, "variables"))
    for number in range(FILES):
        with open(os.path.join(folder, "variables", f"part-{number}.bin"), "wb") as file:
            for _ in range(SIZE // FILES // 2**20):
                file.write(os.urandom(2**20))


def run(session: Session, text: str) -> None:
    """Run one Python cell."""
    from pybyzer_magics.router import route

    cell, front_end = route(text)
    session.run(front_end.statements(cell))


def same(one: str, other: str) -> bool:
    """Whether two directories hold the same bytes."""
    compared = filecmp.dircmp(one, other)
    alike = not (compared.left_only or compared.right_only or compared.diff_files or compared.funny_files)
    return alike and all(same(os.path.join(one, d), os.path.join(other, d)) for d in compared.common_dirs)


def afresh(work: Callable[[], None], target: str) -> Callable[[], float]:
    """A side that neither removes nor waits for the disk to take what the turn before has written."""

    def side() -> float:
        shutil.rmtree(target, ignore_errors=True)
        os.sync()
        return seconds(work)

    return side


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        model, restored = os.path.join(folder, "model"), os.path.join(folder, "restored")
        fill(model)
        with Session(Settings(lake=os.path.join(folder, "lake"))) as session:
            session.run_text("select 1 as a as warm;")

            def ours() -> None:
                run(session, SAVE.format(model=model))
                session.run_text(
                    "save overwrite model as delta.`bench.model`; load delta.`bench.model` as again;"
                )
                run(session, LOAD.format(restored=restored))

            def theirs() -> None:
                shutil.copytree(model, restored)

            with PeakMemory() as memory:
                ours()
            if not same(model, restored):
                raise RuntimeError("the model came back different")
            taken, copied = alternate(afresh(ours, restored), afresh(theirs, restored), warm=0)
    above = memory.above / 2**20
    return [
        Row(
            "model of 1 GB, save + load, vs cp -r",
            in_seconds(taken),
            in_seconds(copied),
            taken / copied,
            "x",
            4,
        ),
        Row("  peak memory above idle", f"{above:.0f} MB", "-", above, "MB", 600),
    ]


if __name__ == "__main__":
    main(measure)
