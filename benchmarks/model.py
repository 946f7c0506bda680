"""A model directory of 1 GB: into a table in the lake and out again, against ``cp -r`` twice."""

from __future__ import annotations

import os
import shutil
import tempfile

from benchmarks.measure import PeakMemory, Row, alternate, in_seconds, main, timed
from pybyzer import Session, Settings

SIZE = 2**30
FILES = 8


def fill(folder: str) -> None:
    """Files of bytes that do not compress, as weights do not."""
    os.makedirs(os.path.join(folder, "variables"))
    for number in range(FILES):
        with open(os.path.join(folder, "variables", f"part-{number}.bin"), "wb") as file:
            for _ in range(SIZE // FILES // 2**20):
                file.write(os.urandom(2**20))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        model, restored = os.path.join(folder, "model"), os.path.join(folder, "restored")
        fill(model)
        with Session(Settings(lake=os.path.join(folder, "lake"))) as session:
            session.run_text("select 1 as a as warm;")

            def ours() -> None:
                shutil.rmtree(restored, ignore_errors=True)
                session.run_text(
                    f"load unStructured.`{model}` as model;"
                    "save overwrite model as delta.`bench.model`;"
                    "load delta.`bench.model` as again;"
                    f"save overwrite again as unStructured.`{restored}`;"
                )

            def theirs() -> None:
                shutil.rmtree(restored, ignore_errors=True)
                shutil.copytree(model, restored)

            with PeakMemory() as memory:
                ours()
            taken, copied = alternate(timed(ours), timed(theirs), warm=0)
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
