"""What a session runs and has run: one job for each statement, without what may be secret."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from pybyzer.errors import Interrupted
from pybyzer.events import Emit, Event, Finished, Started

KEPT = 1000
"""Jobs that are remembered."""


class State(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(slots=True)
class Job:
    """A statement of a cell. ``group`` numbers the cells, ``index`` the statements in one, from 1.

    ``step`` is the statement inside it that runs (of an include, a branch); ``error`` is the class of
    what ended it. ``started`` is in seconds since 1970.
    """

    group: int
    index: int
    total: int
    name: str
    content: str
    started: float
    step: str = ""
    state: State = State.RUNNING
    seconds: float | None = None
    rows: int | None = None
    error: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> str:
        """``3.2`` is the second statement of the third cell."""
        return f"{self.group}.{self.index}"

    def is_called(self, name: str) -> bool:
        """Whether a user who writes ``name`` means it: its id, its cell's number, or its name."""
        return name in (self.id, str(self.group), self.name)


class Jobs:
    """The last jobs of a session, oldest first. Read from any thread, written by the one that runs."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque(maxlen=KEPT)
        self._groups = 0
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Job]:
        with self._lock:
            return iter(list(self._jobs))

    def open_group(self) -> int:
        """The number of a new cell."""
        self._groups += 1
        return self._groups

    def find(self, name: str) -> list[Job]:
        """The jobs somebody calls ``name``."""
        return [job for job in self if job.is_called(name)]

    @property
    def running(self) -> Job | None:
        """The job that runs, if any does."""
        return next((job for job in self if job.state is State.RUNNING), None)

    @contextmanager
    def run(self, job: Job, emit: Emit, stopped: Callable[[], bool]) -> Iterator[Emit]:
        """Follow a job to its end, through the events that pass ``emit``."""

        def watch(event: Event) -> None:
            match event:
                case Started():
                    job.step = event.label
                case Finished() if event.rows is not None:
                    job.rows = event.rows
            emit(event)

        with self._lock:
            self._jobs.append(job)
        begin = time.perf_counter()
        state = State.DONE
        try:
            yield watch
        except BaseException as error:
            stop = stopped() or isinstance(error, Interrupted | KeyboardInterrupt)
            state, job.error = (State.STOPPED if stop else State.FAILED), type(error).__name__
            raise
        finally:
            job.seconds = time.perf_counter() - begin
            job.state = state
            job.ended.set()
