"""What the runtime asks of Python workers: run a cell, serve a function, stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pybyzer.arrow import Stream
from pybyzer.events import Emit
from pybyzer.registry import Registry

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = {b"pybyzer": b"nothing"}
"""Schema metadata of a result that the code never built: a table needs a column, though there is none."""


@dataclass(frozen=True, slots=True)
class PythonJob:
    """One run of user code.

    ``inputs`` are opened only when the code asks for them, each name at most once per run.
    ``conf`` is what user code sees as ``context.conf``; ``env`` are environment variables, of which
    ``PYTHON_ENV`` is a shell prefix (``source /x/bin/activate name``). ``schema`` is the declared
    result schema, None when it is to be inferred. ``model`` is the table behind ``modelServers``.
    ``filename`` and ``code`` are what a traceback shows.
    """

    code: str
    filename: str = "cell"
    inputs: Mapping[str, Callable[[], Stream]] = field(default_factory=dict)
    model: Callable[[], Stream] | None = None
    conf: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    schema: pa.Schema | None = None


@dataclass(frozen=True, slots=True)
class FunctionJob:
    """A function served by a pool of model-holding workers (``register Ray``).

    ``job`` runs once, with ``conf["UDF_CLIENT"]`` = ``name``; it must call ``UDFBuilder.build``.
    ``workers`` is the size of the pool; ``source`` and ``result`` are the Arrow types of one SQL
    argument and of one SQL result.
    """

    name: str
    job: PythonJob
    predict_code: str = ""
    workers: int = 3
    source: pa.DataType | None = None
    result: pa.DataType | None = None
    reconnect: bool = False


class Workers(Protocol):
    """Python processes that belong to a session."""

    def run(self, job: PythonJob, emit: Emit) -> Stream:
        """Run user code; the result rows, in order. ``WorkerError`` with the user's traceback.

        The schema of a result that the code never built has ``NOTHING`` as its metadata.
        """

    def serve(self, function: FunctionJob, emit: Emit) -> Callable[[pa.Array], pa.Array]:
        """Start a pool and give back a batch function: one Arrow array in, one out, same length."""

    def prepare(self) -> None:
        """Start what is slow to start, in the background; returns at once."""

    def cancel(self) -> None:
        """Stop what is running, from any thread, within a second."""

    def close(self) -> None:
        """Stop all processes. Calling it twice is fine."""


WORKERS: Registry[type[Workers]] = Registry("worker kind", "pybyzer.workers")
