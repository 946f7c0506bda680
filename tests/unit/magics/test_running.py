"""Waiting for work in a thread: results, errors, and the stop button."""

from __future__ import annotations

import contextvars
import signal
import threading
from collections.abc import Callable

import pytest

from pybyzer.errors import Interrupted, SourceText, Span
from pybyzer_magics.running import Waiter


class Work:
    """Work that goes on until it is cancelled, or until it is let go when it does not listen."""

    def __init__(self, listens: bool = True) -> None:
        self.listens = listens
        self.cancelled = 0
        self.let_go = threading.Event()

    def cancel(self) -> None:
        self.cancelled += 1
        if self.listens:
            self.let_go.set()

    def __call__(self) -> None:
        self.let_go.wait(60)
        raise ValueError("cancelled")


def stop_button(times: int = 1) -> Callable[[], None]:
    """A tick that presses the stop button."""
    left = [times]

    def tick() -> None:
        if left[0]:
            left[0] -= 1
            signal.raise_signal(signal.SIGINT)

    return tick


def test_the_result_comes_back() -> None:
    assert Waiter(lambda: None).call(lambda: threading.current_thread().name) == "byzer"


def test_errors_are_raised_where_they_are_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        Waiter(lambda: None).call(lambda: 1 // 0)


def test_work_runs_in_the_context_of_the_caller() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(5)
    assert Waiter(lambda: None).call(variable.get) == 5


def test_stop_cancels_the_work_and_the_next_work_runs() -> None:
    work = Work()
    waiter = Waiter(work.cancel, stop_button())
    with pytest.raises(Interrupted) as caught:
        waiter.call(work)
    assert work.cancelled == 1
    assert caught.value.hint is None
    assert waiter.call(lambda: 7) == 7


def test_what_was_interrupted_keeps_its_place() -> None:
    work = Work()
    span = Span(SourceText("select 1"), 0, 6)

    def places() -> None:
        work.let_go.wait(60)
        raise Interrupted("interrupted", span=span)

    with pytest.raises(Interrupted) as caught:
        Waiter(work.cancel, stop_button()).call(places)
    assert caught.value.span == span


def test_work_that_does_not_listen_is_left_behind_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pybyzer_magics.running.GRACE", 0.01)
    work = Work(listens=False)
    waiter = Waiter(work.cancel, stop_button())
    with pytest.raises(Interrupted) as caught:
        waiter.call(work)
    assert caught.value.hint is not None
    with pytest.raises(Interrupted, match="still running"):
        waiter.call(lambda: 7)
    work.let_go.set()
    monkeypatch.setattr("pybyzer_magics.running.GRACE", 60)
    assert waiter.call(lambda: 7) == 7


def test_stop_pressed_again_gives_up_waiting() -> None:
    work = Work(listens=False)

    def cancel() -> None:
        signal.raise_signal(signal.SIGINT)

    waiter = Waiter(cancel, stop_button())
    with pytest.raises(Interrupted) as caught:
        waiter.call(work)
    assert caught.value.hint is not None
    work.let_go.set()
