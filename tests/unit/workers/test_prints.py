"""What cells print reaches them live, bounded, and from the right process."""

from __future__ import annotations

import time

from pybyzer.events import Event, Printed
from pybyzer.workers.base import PythonJob
from pybyzer.workers.output import Prints
from tests.unit.workers.conftest import Cells


def test_python_c_and_shell_output_arrive(cells: Cells) -> None:
    cells.table(
        "import os, sys\nprint('one')\nos.write(1, b'two\\n')\n"
        "os.system('echo three')\nprint('e', file=sys.stderr)"
    )
    assert cells.printed() == "one\ntwo\nthree\n"
    assert cells.printed("stderr") == "e\n"


def test_a_print_is_seen_while_the_cell_runs(cells: Cells) -> None:
    at: list[float] = []
    job = PythonJob("import time\nprint('now', end='')\ntime.sleep(1)")
    cells.workers.run(job, lambda event: at.append(time.monotonic()))
    assert time.monotonic() - at[0] > 0.5


def test_what_comes_late_is_marked(cells: Cells) -> None:
    late = "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()"
    cells.table(late)
    time.sleep(0.5)
    cells.table("print('now')")
    assert [(e.text, e.source) for e in cells.events if isinstance(e, Printed)] == [
        ("late\n", "an earlier cell"),
        ("now\n", ""),
    ]


def test_a_flood_is_cut_and_whole_in_a_file() -> None:
    events: list[Event] = []
    prints = Prints(events.append, 3)
    prints.text("stdout", "".join(f"line {i}\n" for i in range(100)))
    prints.close()
    texts = [e.text for e in events if isinstance(e, Printed)]
    assert texts[0] == "line 0\nline 1\nline 2\n"
    assert texts[-1].endswith("line 98\nline 99\n")
    path = texts[-2].rpartition(" ")[2].strip()
    with open(path) as file:
        assert len(file.readlines()) == 100


def test_a_line_without_end_counts_by_its_length() -> None:
    events: list[Event] = []
    prints = Prints(events.append, 2)
    prints.text("stdout", "x" * 10_000)
    prints.close()
    assert sum(len(e.text) for e in events if isinstance(e, Printed)) < 3000


def test_what_all_workers_say_is_shown_once() -> None:
    events: list[Event] = []
    prints = Prints(events.append, 100)
    for pid in range(4):
        prints.text("stdout", "epoch 1\n", f"Trainer pid={pid}")
    prints.text("stdout", "done\n", "Trainer pid=0")
    prints.close()
    assert [e.text for e in events if isinstance(e, Printed)] == [
        "epoch 1\n",
        "(the same from 3 more workers)\n",
        "done\n",
    ]


def test_characters_cut_by_a_read_are_whole() -> None:
    events: list[Event] = []
    prints = Prints(events.append, 100)
    data = "é日\n".encode()
    for i in range(len(data)):
        prints.raw("stdout", data[i : i + 1])
    prints.close()
    assert "".join(e.text for e in events if isinstance(e, Printed)) == "é日\n"
