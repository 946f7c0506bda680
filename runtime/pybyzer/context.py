"""The waist: all that a plug-in may know about the session that runs it."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import Stream
from pybyzer.catalog import Catalog, Entry
from pybyzer.connections import Connections
from pybyzer.engines.base import Engine, SqlFunction
from pybyzer.errors import BadOption, MissingPackage, Span
from pybyzer.events import Emit
from pybyzer.jobs import Jobs
from pybyzer.registry import Registry, did_you_mean
from pybyzer.settings import Settings
from pybyzer.variables import Variables
from pybyzer.workers.base import Workers

if TYPE_CHECKING:
    import pyarrow as pa


BOOLEAN = ("true", "false")
"""The choices of an option that is on or off; like all choices in any case, as in Spark."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared option. ``name`` may end in ``*`` (``header.*``: any key with that prefix)."""

    name: str
    description: str
    default: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()

    def accepts(self, key: str) -> bool:
        if self.name.endswith("*"):
            return key.lower().startswith(self.name[:-1].lower())
        return key.lower() == self.name.lower()


@dataclass(slots=True)
class PythonConf:
    """What ``!python conf`` and ``!python env`` set: sticky, as in the original."""

    conf: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """What a plug-in is handed. One for each statement; the parts live as long as the session.

    ``registries`` are the session's families by word: ``format``, ``command``, ``ET``, ``function``.
    ``run`` runs Byzer-lang text as a sub script and gives back its last table's name.
    ``connections`` are what ``connect`` has named in this session.
    ``on_cancel`` is the session's list of what ``Session.cancel`` calls, besides engine and workers.
    """

    settings: Settings
    engine: Engine
    open_workers: Callable[[], Workers]
    catalog: Catalog
    variables: Variables
    python: PythonConf
    registries: Mapping[str, Registry[Any]]
    emit: Emit
    run: Callable[[str], str | None]
    change_settings: Callable[[str, str], None]
    jobs: Jobs = field(default_factory=Jobs)
    span: Span | None = None
    on_cancel: list[Callable[[], None]] = field(default_factory=list)
    rows_written: int | None = None
    emit_later: Emit | None = None
    connections: Connections = field(default_factory=Connections)

    @property
    def lasting_emit(self) -> Emit:
        """For what outlives this statement: tells the statement that runs when it has something to say."""
        return self.emit_later or self.emit

    @property
    def workers(self) -> Workers:
        """The session's Python workers, opened when first needed."""
        return self.open_workers()

    # -- names and paths -------------------------------------------------------------------

    def resolve(self, path: str, owner: str | None = None) -> str:
        """The real path of a user's path: below ``home`` when that is set; URLs as given.

        ``..`` is refused when there is a home to escape from.
        """
        home = self.settings.home
        if not home or "://" in path:
            return os.path.expanduser(path)
        if ".." in path.split("/"):
            raise BadOption(f"path must not contain ..: {path}", option="path")
        user = owner or self.settings.owner
        return os.path.join(home, user, path.lstrip("/"))

    def lake_directory(self, name: str) -> str:
        """The directory of the lake table ``db.table`` (``table`` alone is in ``default``)."""
        parts = name.split(".")
        if len(parts) > 2 or not all(parts) or any(p in (".", "..") or "/" in p for p in parts):
            raise BadOption(
                f'"{name}" is not a table of the lake',
                option="path",
                hint="write db.table, or a path that contains a slash",
            )
        database, table = parts if len(parts) == 2 else ("default", parts[0])
        return os.path.join(os.path.abspath(os.path.expanduser(self.settings.lake)), database, table)

    def require(self, module: str, why: str, install: str) -> ModuleType:
        """Import an optional library; ``MissingPackage`` with the command that installs it."""
        try:
            return importlib.import_module(module)
        except ImportError:
            raise MissingPackage(
                f"{why} needs the package {module.partition('.')[0]}",
                span=self.span,
                hint=f"pip install {install}",
            ) from None

    # -- tables ----------------------------------------------------------------------------

    def table(self, name: str) -> Stream:
        """The rows of a table as Arrow, in order; ``UnknownName`` if there is none."""
        return self.engine.stream(name)

    def named(
        self, name: str, origin: str = "", sources: Sequence[str] = (), *, temporary: bool = False
    ) -> str:
        """Remember that the engine now has a table of that name; returns the name."""
        self.catalog.add(Entry(name, origin, tuple(sources), temporary))
        return name

    def job_row(self, name: str) -> str:
        """The result table of a statement that only has an effect: one row about the job."""
        import pyarrow as pa

        running = self.jobs.running
        job = {
            "owner": self.settings.owner,
            "jobType": "script",
            "jobName": name,
            "jobContent": running.content if running else "",
            "groupId": str(running.group) if running else "",
            "progress": {"totalJob": 1, "currentJobIndex": 1, "script": name},
            "startTime": int(time.time() * 1000),
            "timeout": -1,
        }
        # It answers !lastCommand; the summary line of the statement says more to a reader.
        return self.result(pa.Table.from_pylist([job]), printed=True)

    def result(self, rows: pa.Table, name: str | None = None, *, printed: bool = False) -> str:
        """Make a small table (a command's answer); unnamed unless ``name`` is given.

        ``printed`` when the user has seen its rows already: the cell does not show it again.
        """
        chosen = name or self.catalog.fresh()
        self.engine.ingest(chosen, rows)
        self.catalog.add(Entry(chosen, temporary=name is None, printed=printed))
        return chosen

    def define(self, function: SqlFunction) -> None:
        """Make a function callable from SQL in this session (replacing one of that name)."""
        self.registries["function"].register(function.name)(function)

    # -- options ---------------------------------------------------------------------------

    def check(
        self,
        owner: str,
        parameters: Sequence[Parameter],
        options: Mapping[str, str],
        *,
        strict: bool = True,
    ) -> dict[str, str]:
        """Options with defaults filled in; ``BadOption`` for a missing, unknown or impossible one.

        Keys come back spelt as declared. ``strict=False`` lets unknown keys through.
        """
        checked = {p.name: p.default for p in parameters if p.default is not None}
        for key, value in options.items():
            parameter = next((p for p in parameters if p.accepts(key)), None)
            if parameter is None:
                if strict:
                    names = [p.name for p in parameters]
                    hint = did_you_mean(key, names)
                    raise BadOption(f'{owner} has no option "{key}"', option=key, hint=hint)
                checked[key] = value
                continue
            if parameter.choices and value.lower() not in [c.lower() for c in parameter.choices]:
                raise BadOption(
                    f'{owner}: {key} cannot be "{value}"',
                    option=key,
                    hint="one of " + ", ".join(parameter.choices),
                )
            checked[key if parameter.name.endswith("*") else parameter.name] = value
        for parameter in parameters:
            if parameter.required and not checked.get(parameter.name):
                unknown = {k.lower(): k for k in options if not any(p.accepts(k) for p in parameters)}
                for close in get_close_matches(parameter.name.lower(), unknown, 1):
                    key = unknown[close]
                    hint = f'did you mean "{parameter.name}"?'
                    raise BadOption(f'{owner} has no option "{key}"', option=key, hint=hint)
                raise BadOption(f"{owner}: {parameter.name} is required", hint=parameter.description)
        return checked
