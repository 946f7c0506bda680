"""!sh: real programs, live output, exit status, and nothing left after a stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pybyzer import ByzerError, Session
from pybyzer.errors import BadOption, CommandError, Interrupted, UnknownName
from pybyzer.events import Event, Printed
from tests.unit.commands.conftest import Notebook


def test_words_are_passed_as_they_are(notebook: Notebook) -> None:
    assert notebook.run('!sh echo "a  b" "*" "$HOME";') == [{"content": "a  b * $HOME"}]


def test_lines_of_stderr_come_first_in_the_result(notebook: Notebook) -> None:
    rows = notebook.run('!sh bash "-c" "echo out; echo err >&2; printf last";')
    assert [row["content"] for row in rows] == ["err", "out", "last"]


def test_what_was_printed_is_not_shown_again(notebook: Notebook) -> None:
    notebook.run("!sh echo hi;")
    assert notebook.printed == "hi\n"
    assert notebook.shown is None
    notebook.run("!lastCommand named t;")
    assert notebook.shown is not None
    assert notebook.shown.to_pylist() == [{"content": "hi"}]


def test_script_is_a_real_shell_and_one_row(notebook: Notebook) -> None:
    rows = notebook.run("!sh script '''\nfor i in 1 2; do echo $i; done | sort -r\n''';")
    assert rows == [{"content": "2\n1\n"}]


def test_variables_are_filled_in_quoted_words_only(notebook: Notebook) -> None:
    notebook.session.variables.set("x", "value")
    assert notebook.run('!sh echo "${x}" x;') == [{"content": "value x"}]


def test_exit_status_is_an_error(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="the script ended with exit status 3") as caught:
        notebook.run("!sh script '''echo a; echo reason >&2; exit 3''';")
    assert notebook.printed == "a\nreason\n"
    assert caught.value.notes == ("it said: reason",)


def test_death_by_signal_is_an_error_that_names_it(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="killed by SIGKILL"):
        notebook.run("!sh script '''kill -9 $$''';")


def test_error_does_not_repeat_the_words(notebook: Notebook) -> None:
    notebook.session.variables.set("password", "hunter2")
    with pytest.raises(ByzerError) as caught:
        notebook.run('!sh false "${password}";')
    assert "hunter2" not in caught.value.render()


def test_unknown_program(notebook: Notebook) -> None:
    with pytest.raises(UnknownName, match='no program "wgett"'):
        notebook.run('!sh wgett "http://x";')


def test_nothing_to_run(notebook: Notebook) -> None:
    with pytest.raises(BadOption) as caught:
        notebook.run("!sh;")
    assert "usage: !sh program" in str(caught.value.hint)


def test_bytes_that_are_no_text_are_replaced(notebook: Notebook) -> None:
    rows = notebook.run(r"""!sh script '''printf 'a\377b\000c\n' ''';""")
    assert rows == [{"content": "a\ufffdb\ufffdc\n"}]


def test_long_output_is_cut_and_kept_in_a_file(notebook: Notebook) -> None:
    notebook.session.run_text('set log_lines="10" where type="conf";')
    rows = notebook.run("!sh seq 1 100000;")
    assert [row["content"] for row in rows[:10]] == [str(i) for i in range(1, 11)]
    assert len(rows) == 11
    notice = str(rows[-1]["content"])
    assert notice.startswith("... 99990 more lines; all of it is in ")
    path = Path(notice.rpartition(" ")[2])
    try:
        assert path.read_text().splitlines() == [str(i) for i in range(1, 100001)]
    finally:
        path.unlink()
    assert notebook.printed.count("\n") < 50
    assert notebook.printed.endswith("\n99999\n100000\n")


def test_output_without_line_ends_is_bounded(notebook: Notebook) -> None:
    notebook.session.run_text('set log_lines="10" where type="conf";')
    rows = notebook.run("!sh script '''head -c 20000000 /dev/zero | tr \"\\\\0\" x''';")
    text = str(rows[0]["content"])
    Path(text.rpartition(" ")[2]).unlink()
    assert len(text) < 200_000


def test_output_comes_while_the_program_runs(session: Session, tmp_path: Path) -> None:
    """The program waits for a file that is written when its first output has come."""
    flag = tmp_path / "seen"
    printed: list[str] = []

    def emit(event: Event) -> None:
        if isinstance(event, Printed):
            printed.append(event.text)
            flag.touch()

    session.run_text(
        f"!sh script '''printf begun; until [ -e {flag} ]; do sleep 0.05; done; echo end''';", emit
    )
    assert printed[0] == "begun"


def test_children_in_the_background_do_not_hold_the_cell(notebook: Notebook, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    notebook.run(f"!sh script '''sleep 300 & echo $! > {pid}; echo started''';")
    child = int(pid.read_text())
    try:
        os.kill(child, 0)  # it still runs
        assert notebook.printed.startswith("started\n")
        assert "in the background" in notebook.printed
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("trap", ["", 'trap "" TERM;'], ids=["obeys", "ignores SIGTERM"])
def test_stop_ends_the_whole_group(session: Session, tmp_path: Path, trap: str) -> None:
    ready = tmp_path / "ready"
    script = f"{trap} (sleep 300 & echo $! > {ready}; wait) & sleep 300; sleep 300"
    stopper = threading.Thread(target=_cancel_when, args=(session, ready))
    stopper.start()
    with pytest.raises(Interrupted):
        session.run_text(f"!sh script '''{script}''';")
    stopper.join()
    assert _gone(int(ready.read_text()))
    assert session.run_text("!sh echo next;") is not None
    assert session._on_cancel == []


def test_keyboard_interrupt_in_the_waiting_thread(session: Session, tmp_path: Path) -> None:
    ready = tmp_path / "ready"

    def emit(event: Event) -> None:
        if isinstance(event, Printed):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        session.run_text(f"!sh script '''sleep 300 & echo $! > {ready}; echo go; wait''';", emit)
    assert _gone(int(ready.read_text()))


@pytest.mark.parametrize("end", ["session.close()", "sys.exit()"])
def test_programs_do_not_outlive_the_session(tmp_path: Path, end: str) -> None:
    ready = tmp_path / "ready"
    code = f"""
import sys, threading, time
sys.path[:0] = {sys.path}
from pathlib import Path
from pybyzer import Session, Settings
session = Session(Settings(lake={str(tmp_path)!r}))
script = "!sh script '''sleep 300 & echo $! > {ready}; wait''';"
threading.Thread(target=session.run_text, args=(script,), daemon=True).start()
ready = Path({str(ready)!r})
while not (ready.exists() and ready.read_text().strip()):
    time.sleep(0.02)
{end}
"""
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
    assert _gone(int(ready.read_text()))


def _cancel_when(session: Session, ready: Path) -> None:
    while not (ready.exists() and ready.read_text().strip()):
        time.sleep(0.02)
    session.cancel()


def _gone(pid: int) -> bool:
    """Whether a process ends (or has ended, but nobody has asked for its status) within 5 s."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
