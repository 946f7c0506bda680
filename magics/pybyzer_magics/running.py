"""Runs the session's work in a thread, so that the stop button is heard at once.

The main thread only waits: a signal becomes ``KeyboardInterrupt`` there, whatever the engine is doing.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from pybyzer.errors import Interrupted

T = TypeVar("T")

TICK = 0.05
"""Seconds between two calls of ``tick``; the end of the work is noticed at once."""

GRACE = 2.0
"""Seconds that cancelled work gets to come to its end."""


class Waiter:
    """The thread that waits for another. One piece of work at a time.

    ``cancel`` stops the work, from any thread; ``tick`` is called while waiting.
    """

    def __init__(self, cancel: Callable[[], None], tick: Callable[[], None] = lambda: None) -> None:
        self._cancel = cancel
        self._tick = tick
        self._left_behind: _Task[object] | None = None

    def call(self, work: Callable[[], T]) -> T:
        """The result of ``work``, run in a thread; its exception is raised here.

        ``Interrupted`` when the user pressed stop; pressed again, the work is left behind.
        """
        self._wait_for_left_behind()
        task = _Task(work)
        task.start()
        try:
            while not task.done.wait(TICK):
                self._tick()
        except KeyboardInterrupt:
            self._stop(task)
            if isinstance(task.error, Interrupted):
                raise task.error from None
            if task.done.is_set() and task.error is None:
                raise Interrupted("interrupted, after the work was already done") from None
            raise Interrupted("interrupted", hint=None if task.done.is_set() else _STILL) from None
        return task.result()

    def _stop(self, task: _Task[T]) -> None:
        try:
            self._cancel()
            ended = task.done.wait(GRACE)
        except KeyboardInterrupt:
            ended = task.done.is_set()
        if not ended:
            self._left_behind = task  # type: ignore[assignment]  # only waited for

    def _wait_for_left_behind(self) -> None:
        """Work that did not stop in time must end before other work may begin."""
        if self._left_behind is None:
            return
        if not self._left_behind.done.is_set():
            self._cancel()
            if not self._left_behind.done.wait(GRACE):
                raise Interrupted("the interrupted work is still running", hint=_STILL)
        self._left_behind = None


_STILL = "it has been told to stop and will end by itself; try again, or restart the kernel"


class _Task(Generic[T]):
    """A piece of work in its own thread, in the caller's context (so prints stay with their cell)."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._value: T | None = None
        self.error: BaseException | None = None
        self.done = threading.Event()

    def start(self) -> None:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="byzer", daemon=True).start()

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return self._value  # type: ignore[return-value]  # set when there is no error

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # whatever it is, it belongs to the caller
            self.error = error
        finally:
            self.done.set()
