"""Opens it all: one session has one engine, one set of workers, and its own names.

The only composition root: nobody below knows ``Session``.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from pybyzer.arrow import Stream
from pybyzer.catalog import COMMAND_TABLE, Catalog
from pybyzer.commands.base import COMMANDS
from pybyzer.concealed import public_text
from pybyzer.connections import Connections
from pybyzer.context import Context, PythonConf
from pybyzer.dates import days, now
from pybyzer.engines.base import ENGINES, Engine, SqlFunction
from pybyzer.errors import BadOption, ByzerError, Interrupted, Span
from pybyzer.estimators.base import ESTIMATORS
from pybyzer.events import Emit, Event, TableReady, ignore
from pybyzer.functions.base import FUNCTIONS
from pybyzer.interpreter import Interpreter, ReadCell, describe
from pybyzer.jobs import Job, Jobs
from pybyzer.lang.ast import Command, Statement
from pybyzer.lang.blocks import nested
from pybyzer.lang.parser import parse
from pybyzer.models.store import ModelStore
from pybyzer.preview import take
from pybyzer.registry import Registry
from pybyzer.settings import Settings
from pybyzer.sources.base import SOURCES
from pybyzer.variables import Variables
from pybyzer.workers.base import WORKERS, Workers

FIXED = ("engine", "lake", "home", "owner", "ray_address")
"""Settings that name what a session is made of; they cannot change while it runs."""
_CANCELS = 50
"""How often ``kill`` cancels what does not end, with a tenth of a second between."""


def _parse_cell(text: str, name: str, language: str | None) -> list[Statement]:
    """Every cell is Byzer-lang for who knows no other language."""
    return parse(text, name)


class Session:
    """Tables, variables, one engine, workers and models. Two sessions share nothing.

    Runs one statement at a time; ``cancel`` may come from any thread. ``read_cell`` reads the cells of
    included notebooks, which may be in other languages than Byzer-lang.
    """

    def __init__(self, settings: Settings | None = None, read_cell: ReadCell = _parse_cell) -> None:
        self.settings = settings or Settings.load()
        self.catalog = Catalog()
        self.variables = Variables(
            {
                "HOME": self.settings.home,
                "OWNER": self.settings.owner,
                **days(lambda: now(self.settings.timezone)),
            }
        )
        self.python = PythonConf()
        self.connections = Connections()
        self.registries: dict[str, Registry[Any]] = {
            "format": SOURCES.child(),
            "command": COMMANDS.child(),
            "ET": ESTIMATORS.child(),
            "function": FUNCTIONS.child(),
        }
        self.engine: Engine = ENGINES.get(self.settings.engine)(self.settings, self._function)  # type: ignore[call-arg]
        self._workers: Workers | None = None
        self.jobs = Jobs()
        self._on_cancel: list[Callable[[], None]] = []
        self._current_emit: Emit = ignore
        self._running = threading.Lock()
        self._cancelled = threading.Event()
        self._interpreter = Interpreter(self._context, self._cancelled.is_set, read_cell)
        self._make_command_table()

    def run(self, statements: Sequence[Statement], emit: Emit = ignore) -> str | None:
        """Run statements in order; the name of the last one's result table.

        Its first rows are emitted as ``TableReady``. Raises ``ByzerError``; what ran before stays.
        """
        statements = nested(statements)
        self._kill_first(statements)
        with self._running:
            self._cancelled.clear()
            try:
                return self._run(statements, emit)
            except KeyboardInterrupt:
                self.cancel()
                raise Interrupted("interrupted") from None
            except Exception as error:
                if self._cancelled.is_set() and not isinstance(error, Interrupted):
                    span = error.span if isinstance(error, ByzerError) else None
                    raise Interrupted("interrupted", span=span) from None
                raise

    def run_text(self, text: str, emit: Emit = ignore, name: str = "cell") -> str | None:
        """Parse a Byzer-lang text and run it."""
        return self.run(parse(text, name), emit)

    @property
    def workers(self) -> Workers:
        """The Python workers, opened when first needed."""
        if self._workers is None:
            self._workers = WORKERS.get("ray")(self.settings)  # type: ignore[call-arg]
        return self._workers

    def table(self, name: str) -> Stream:
        """The rows of a table as Arrow."""
        return self.engine.stream(name)

    def cancel(self) -> None:
        """Stop the running statement, from any thread; tables stay."""
        self._cancelled.set()
        for stop in list(self._on_cancel):
            stop()
        if self._workers is not None:
            self._workers.cancel()
        self.engine.cancel()

    def kill(self, name: str) -> bool:
        """Stop the running job of that id, group or name, from another thread; False when it does not run."""
        job = self.jobs.running
        if job is None or not job.is_called(name):
            return False
        for _ in range(_CANCELS):
            # What has just begun may not be there yet to be cancelled.
            self.cancel()
            if job.ended.wait(0.1):
                break
        return True

    def progress(self) -> float | None:
        """The share of the running query that is done, from any thread; None when nobody knows."""
        ask: Callable[[], float | None] | None = getattr(self.engine, "progress", None)
        return ask() if ask else None

    def close(self) -> None:
        """Stop programs, workers and engine. Calling it twice is fine."""
        for stop in list(self._on_cancel):
            stop()
        if self._workers is not None:
            self._workers.close()
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _kill_first(self, statements: Sequence[Statement]) -> None:
        """A ``!kill`` must not wait for what it is to stop: it acts before its turn comes."""
        for statement in statements:
            if isinstance(statement, Command) and statement.name.value == "kill":
                for word in statement.arguments:
                    with contextlib.suppress(ByzerError):  # a bad template is the command's to complain of
                        self.kill(self.variables.fill(word.value))

    def _run(self, statements: Sequence[Statement], emit: Emit) -> str | None:
        result = None
        self._current_emit = emit
        group = self.jobs.open_group()
        for number, statement in enumerate(statements, 1):
            if self._cancelled.is_set():
                raise Interrupted("interrupted", span=statement.span)
            job = Job(
                *(group, number, len(statements), describe(statement)), public_text(statement), time.time()
            )
            with self.jobs.run(job, emit, self._cancelled.is_set) as watch:
                result = self._interpreter.run(statement, watch)
                if result is not None and number == len(statements) and not self._printed(result):
                    self._show(result, emit)
        return result

    def _emit_to_current(self, event: Event) -> None:
        """What a function says is shown where it is called, not where it was registered."""
        self._current_emit(event)

    def _printed(self, name: str) -> bool:
        """Whether the rows of a result were shown while they came."""
        return name in self.catalog and self.catalog.get(name).printed

    def _show(self, name: str, emit: Emit) -> None:
        try:
            preview = take(self.engine, self._listed(name), self.settings.preview_rows)
        except ByzerError as error:
            raise error.at(self._interpreter.place) from None
        emit(TableReady(name, preview.rows, preview.more, None if preview.more else preview.rows.num_rows))

    def _listed(self, name: str) -> str:
        """The table to show: of a model its files, in place of the pieces of their archive."""
        if not ModelStore.is_model(self.engine.schema(name)):
            return name
        try:
            files = ModelStore(self.engine).files(name)
        except ByzerError:
            return name  # only named like a model: its rows are shown
        listing = self.catalog.fresh("files")
        self.engine.ingest(listing, files)
        return listing

    def _context(self, emit: Emit, span: Span | None) -> Context:
        return Context(
            settings=self.settings,
            engine=self.engine,
            open_workers=lambda: self.workers,
            catalog=self.catalog,
            variables=self.variables,
            python=self.python,
            registries=self.registries,
            emit=emit,
            run=lambda text: self._interpreter.run_text(text, emit),
            change_settings=self._change_settings,
            jobs=self.jobs,
            span=span,
            on_cancel=self._on_cancel,
            emit_later=self._emit_to_current,
            connections=self.connections,
        )

    def _change_settings(self, key: str, value: str) -> None:
        if key in FIXED:
            raise BadOption(
                f'setting "{key}" cannot change while the session runs', hint="set it in pybyzer.toml"
            )
        self.settings = self.settings.changed(key, value)

    def _function(self, name: str) -> SqlFunction | None:
        return self.registries["function"].find(name)

    def _make_command_table(self) -> None:
        # By a query: making an Arrow array from Python values would import pandas.
        self.engine.query("select 1 as a", COMMAND_TABLE)
