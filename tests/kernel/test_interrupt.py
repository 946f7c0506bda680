"""The stop button: the cell ends with one clear error, tables stay, and the next cell runs."""

from __future__ import annotations

import pytest

from tests.kernel.conftest import Kernel

NUMBERS = "(select explode(sequence(1, 1000000)) as x)"
LONG_SQL = f"select count(*) as n from {NUMBERS} a cross join {NUMBERS} b where a.x < b.x as t;"

BUSY = {
    "a query": ("select 1 as a as warm;", LONG_SQL),
    "a shell command": ('!sh echo "x";', "!sh sleep 100;"),
    "python in the kernel": ("#%ipython\n1", "#%ipython\nimport time\ntime.sleep(100)"),
    "an await in the kernel": ("#%ipython\n1", "#%ipython\nimport asyncio\nawait asyncio.sleep(100)"),
    "python in a worker": ("#%python\ncontext.build_result([])", "#%python\nimport time\ntime.sleep(100)"),
}


@pytest.mark.parametrize("what", BUSY)
def test_stop(kernel: Kernel, what: str) -> None:
    before, busy = BUSY[what]
    kernel.run(before)
    kernel.run("select 42 as a as kept;")
    request = kernel.send(busy)
    kernel.wait_for(request, "execute_input")
    _let_it_begin(kernel)
    kernel.manager.interrupt_kernel()
    reply = kernel.receive(request)
    assert reply.status == "error"
    assert len(reply.errors) == 1
    assert reply.content["ename"] in ("Interrupted", "KeyboardInterrupt", "CancelledError")
    assert "42" in kernel.run("select a from kept as again;").shown()[0]


def test_stop_when_nothing_runs(kernel: Kernel) -> None:
    kernel.manager.interrupt_kernel()
    assert kernel.run("select 1 as a as t;").status == "ok"


def _let_it_begin(kernel: Kernel) -> None:
    """Wait until the engine or the program is at work: a stop before that would prove less."""
    import time

    time.sleep(0.5)
