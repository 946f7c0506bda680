"""The system's own tables by path (``et/params/X``, ``jobs``), for ``!show`` and ``_mlsql_``."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import inspect
import json
import os
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping

import pybyzer
from pybyzer import declared
from pybyzer.concealed import masked
from pybyzer.context import Context
from pybyzer.declared import Rows
from pybyzer.errors import UnknownName
from pybyzer.jobs import Job, State
from pybyzer.lang.tokens import STATEMENTS
from pybyzer.registry import did_you_mean
from pybyzer.settings import Settings

VERSION_COLUMNS = ("version", "buildBy", "date", "srcChecksum", "revision", "branch", "url", "core")
JOB_COLUMNS = (
    *("owner", "jobType", "jobName", "jobContent", "groupId", "progress", "startTime", "timeout"),
    *("id", "state", "seconds", "rows", "error"),
)
"""Those of the original, and what more is known here."""
JOB_TYPES = {
    "progress": "struct<totalJob:int,currentJobIndex:int,script:string>",
    "startTime": "bigint",
    "timeout": "bigint",
    "seconds": "double",
    "rows": "bigint",
}
_PACKAGES = {"spark": "pyspark"}


def answer(ctx: Context, path: str) -> Rows:
    """The table of a path; ``UnknownName`` when there is no such path, or nothing of the name in it."""
    make, names = look_up(path)
    return make(ctx, *names)


def look_up(path: str) -> tuple[Callable[..., Rows], list[str]]:
    """What answers a path, and the names in it; ``UnknownName`` with the closest path that exists."""
    parts = [part for part in path.split("/") if part]
    for pattern, make in PATHS.items():
        wanted = pattern.split("/") if pattern else []
        if len(wanted) == len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=True)):
            return make, [p for w, p in zip(wanted, parts, strict=True) if w == "*"]
    known = [pattern.replace("*", "<name>") for pattern in PATHS if pattern]
    asked = "/".join(parts)
    hint = did_you_mean(asked, known) or "known: " + ", ".join(known)
    raise UnknownName(f'there is nothing called "{asked}" to show', hint=hint)


# -- tables ------------------------------------------------------------------------------------


def _tables(ctx: Context) -> Rows:
    return _table_rows(("", name, True) for name in ctx.catalog.names())


def _tables_from(ctx: Context, database: str) -> Rows:
    """The tables of one database of the lake."""
    directory = os.path.dirname(ctx.lake_directory(f"{database}.x"))
    if not os.path.isdir(directory):
        lake = os.path.dirname(directory)
        known = sorted(os.listdir(lake)) if os.path.isdir(lake) else []
        raise UnknownName(f'no database "{database}" in the lake', hint=did_you_mean(database, known))
    return _table_rows((database, name, False) for name in sorted(os.listdir(directory)))


def _table_rows(found: Iterable[tuple[str, str, bool]]) -> Rows:
    return Rows(("database", "tableName", "isTemporary"), list(found), {"isTemporary": "boolean"})


def _table_types(ctx: Context) -> Rows:
    kinds = {
        "TEMP": "a table of the session, made by load, select, run or a command",
        "DELTA": "a table of the lake, delta.`db.table`",
        "FILE": "files and directories, by their format",
        "SYSTEM": "what the session tells of itself: modelList, _mlsql_",
    }
    return Rows(("name", "description"), list(kinds.items()))


def _operations(ctx: Context) -> Rows:
    return Rows(("name",), [(word,) for word in sorted(STATEMENTS)])


# -- the session -------------------------------------------------------------------------------


def _version(ctx: Context) -> Rows:
    try:
        core = (
            f"{ctx.engine.name} {importlib.metadata.version(_PACKAGES.get(ctx.engine.name, ctx.engine.name))}"
        )
    except importlib.metadata.PackageNotFoundError:
        core = ctx.engine.name
    known = {"version": pybyzer.__version__, "buildBy": "pybyzer", "core": core}
    return Rows(VERSION_COLUMNS, [tuple(known.get(column, "") for column in VERSION_COLUMNS)])


def _conf(ctx: Context) -> Rows:
    documents = _field_documents()
    found: list[tuple[str, str, str]] = []
    for item in dataclasses.fields(ctx.settings):
        value = getattr(ctx.settings, item.name)
        if item.name != "conf":
            text = ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, Mapping) else value
            found.append((item.name, masked(item.name, str(text)), documents.get(item.name, "")))
    found += [(key, masked(key, value), "engine setting") for key, value in sorted(ctx.settings.conf.items())]
    return Rows(("name", "value", "doc"), found)


def _field_documents() -> dict[str, str]:
    """What the source says below each field of the settings."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body[0]
    assert isinstance(body, ast.ClassDef)
    documents = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
        ):
            documents[field.target.id] = str(ast.literal_eval(below.value)).replace("``", "`")
    return documents


def _api(ctx: Context) -> Rows:
    """No address answers HTTP requests in a session."""
    return Rows(("path", "method", "description"), [])


def _resource(ctx: Context, name: str = "") -> Rows:
    """What the process and its engine use of the machine, in bytes; ``name`` is a job: they share it all."""
    if name:
        _wanted(ctx, name)
    measure: Callable[[], Mapping[str, int]] = getattr(ctx.engine, "resources", dict)
    own = {"cores": os.cpu_count() or 1, "processMemory": _memory()}
    return Rows(("name", "value"), list({**own, **measure()}.items()), {"value": "bigint"})


def _memory() -> int:
    """Bytes of memory this process has now (Linux; elsewhere the most it ever had)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# -- jobs --------------------------------------------------------------------------------------


def _jobs(ctx: Context) -> Rows:
    return _job_rows(ctx, reversed(list(ctx.jobs)))


def _job(ctx: Context, name: str) -> Rows:
    return _job_rows(ctx, _wanted(ctx, name))


def _wanted(ctx: Context, name: str) -> list[Job]:
    found = ctx.jobs.find(name)
    if not found:
        raise UnknownName(f'no job "{name}"', hint="!show jobs lists them: by id, groupId or name")
    return found


def _job_rows(ctx: Context, jobs: Iterable[Job]) -> Rows:
    return Rows(JOB_COLUMNS, [_job_row(ctx, job) for job in jobs], JOB_TYPES)


def _job_row(ctx: Context, job: Job) -> tuple[object, ...]:
    progress = {"totalJob": job.total, "currentJobIndex": job.index, "script": job.step or job.name}
    started = int(job.started * 1000)
    seconds = job.seconds if job.seconds is not None else time.time() - job.started
    state, error = str(job.state), job.error or None
    first = (ctx.settings.owner, "script", job.name, job.content, str(job.group), progress, started, -1)
    return (*first, job.id, state, round(seconds, 3), job.rows, error)


def _progress(ctx: Context, name: str) -> Rows:
    """How far a job is, as JSON: ``done`` is the share of its query, where the engine knows it."""
    ask: Callable[[], float | None] = getattr(ctx.engine, "progress", lambda: None)
    found = []
    for job in _wanted(ctx, name):
        done = ask() if job.state is State.RUNNING else 1.0 if job.state is State.DONE else None
        about = {"id": job.id, "name": job.name, "step": job.step, "state": str(job.state), "done": done}
        found.append((json.dumps(about, ensure_ascii=False),))
    return Rows(("value",), found)


def _log(ctx: Context, offset: str = "0") -> Rows:
    """What began and ended in this session, a line for each; from line ``offset`` on."""
    if not offset.isdigit():
        raise UnknownName(f'the log has lines from 0, no "{offset}"', hint="!show log/0")
    lines: list[tuple[float, str]] = []
    for job in ctx.jobs:
        lines.append((job.started, f"{job.id} {job.name}: started"))
        if job.seconds is not None:
            error = f" ({job.error})" if job.error else ""
            text = f"{job.id} {job.name}: {job.state}{error} after {job.seconds:.3f} s"
            lines.append((job.started + job.seconds, text))
    lines.sort(key=lambda line: line[0])
    stamped = [(number, f"{_stamp(at)} {text}") for number, (at, text) in enumerate(lines)]
    return Rows(("offset", "value"), stamped[int(offset) :], {"offset": "bigint"})


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


PATHS: Mapping[str, Callable[..., Rows]] = {
    "": declared.commands,
    **dict.fromkeys(("help", "-help", "--help", "commands"), declared.commands),
    "api/list": _api,
    "conf": _conf,
    "conf/list": _conf,
    "datasources": declared.formats,
    "datasources/params/*": declared.format_parameters,
    "et": declared.ets,
    "et/params/*": declared.et_parameters,
    "et/*": declared.et_example,
    "function/*": declared.function,
    "functions": declared.functions,
    "jobs": _jobs,
    "jobs/*": _job,
    "jobs/get/*": _job,
    "jobs/v2/*": _job,
    "log": _log,
    "log/*": _log,
    "progress/*": _progress,
    "resource": _resource,
    "resource/*": _resource,
    "tables": _tables,
    "tables/from/*": _tables_from,
    "tables/operateTypes": _operations,
    "tables/sourceTypes": declared.formats,
    "tables/tableTypes": _table_types,
    "version": _version,
}
"""Each path and what answers it; a ``*`` is handed over."""
