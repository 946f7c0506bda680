"""``!show``, ``!desc`` and ``!help``: what there is, told by the registries and the catalog."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import inspect
import json
import os
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import pybyzer
from pybyzer.arrow import schema_json, type_name
from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named, masked, schema
from pybyzer.context import Context, Parameter
from pybyzer.errors import Span, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.settings import Settings

Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]
"""Column names, and rows of text."""

JOB_COLUMNS = ("owner", "jobType", "jobName", "jobContent", "groupId", "progress", "startTime", "timeout")
VERSION_COLUMNS = ("version", "buildBy", "date", "srcChecksum", "revision", "branch", "url", "core")
ALL = ("help", "-help", "--help")


@COMMANDS.register("show")
class ShowCommand(Command):
    """One path, written with blanks or slashes: ``!show et params X`` is ``!show et/params/X``."""

    name = "show"
    usage = "!show tables|version|et|datasources|functions|commands|jobs|conf ... [named table]"
    description = "what there is: tables, formats, ETs, functions, commands, settings"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        path = [part for word in words for part in word.value.split("/") if part]
        place = (words[0].span.to(words[-1].span)) if words else span
        for pattern, answer in _PATHS.items():
            wanted = pattern.split("/") if pattern else []
            if len(wanted) == len(path) and all(w in ("*", p) for w, p in zip(wanted, path, strict=True)):
                found = [p for w, p in zip(wanted, path, strict=True) if w == "*"]
                return _result(ctx, answer(ctx, Argument("/".join(found), place)), name)
        asked = "/".join(path)
        hint = did_you_mean(asked, _PATHS) or "known: " + ", ".join(p.replace("*", "<name>") for p in _PATHS)
        raise UnknownName(f'!show knows no "{asked}"', span=place, hint=hint)


@COMMANDS.register("help")
class HelpCommand(Command):
    """All commands with their synopsis."""

    name = "help"
    usage = "!help"
    description = "all commands"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 0, 0)
        return _result(ctx, _commands(ctx, Argument("", span)), None)


@COMMANDS.register("desc")
class DescCommand(Command):
    """The columns of a table: ``col_name, data_type, comment``; ``json`` gives Spark's schema JSON."""

    name = "desc"
    usage = "!desc table [json]"
    description = "the columns of a table and their types"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        self.require(words, 1, 2)
        columns = schema(ctx, words[0])
        if len(words) == 2:
            if words[1].value != "json":
                raise self.wrong(f'"{words[1].value}" is not known here', words[1])
            text = json.dumps(schema_json(columns), ensure_ascii=False, separators=(",", ":"))
            return _result(ctx, (("value",), [(text,)]), name)
        found: list[tuple[object, ...]] = [(field.name, type_name(field.type), "") for field in columns]
        return _result(ctx, (("col_name", "data_type", "comment"), found), name)


def _tables(ctx: Context, which: Argument) -> Rows:
    return _table_rows(("", name, True) for name in ctx.catalog.names())


def _tables_from(ctx: Context, which: Argument) -> Rows:
    """The tables of one database of the lake."""
    database = which.value
    directory = os.path.dirname(ctx.lake_directory(f"{database}.x"))
    if not os.path.isdir(directory):
        lake = os.path.dirname(directory)
        known = sorted(os.listdir(lake)) if os.path.isdir(lake) else []
        raise UnknownName(
            f'no database "{database}" in the lake', span=which.span, hint=did_you_mean(database, known)
        )
    return _table_rows((database, name, False) for name in sorted(os.listdir(directory)))


def _table_rows(found: Any) -> Rows:
    return ("database", "tableName", "isTemporary"), list(found)


def _version(ctx: Context, which: Argument) -> Rows:
    try:
        core = (
            f"{ctx.engine.name} {importlib.metadata.version(_PACKAGES.get(ctx.engine.name, ctx.engine.name))}"
        )
    except importlib.metadata.PackageNotFoundError:
        core = ctx.engine.name
    known = {"version": pybyzer.__version__, "buildBy": "pybyzer", "core": core}
    return VERSION_COLUMNS, [tuple(known.get(column, "") for column in VERSION_COLUMNS)]


def _ets(ctx: Context, which: Argument) -> Rows:
    registry = ctx.registries["ET"]
    found: list[tuple[object, ...]] = [
        (name, _kind(registry.get(name)), "", registry.get(name).description, "text")
        for name in registry.names()
    ]
    return ("name", "algType", "sparkCompatibility", "doc", "docType"), found


def _et(ctx: Context, which: Argument) -> Rows:
    thing = _find(ctx, "ET", which)
    required = " and ".join(f'{p.name}="..."' for p in thing.parameters if p.required)
    example = f"run table as {which.value}.`path`{f' where {required}' if required else ''} as result;"
    doc = inspect.cleandoc(thing.__doc__ or thing.description)
    found: list[tuple[object, ...]] = [
        ("name", which.value),
        ("codeExample", example),
        ("codeType", "sql"),
        ("doc", doc),
        ("docType", "text"),
    ]
    return ("name", "value"), found


def _et_parameters(ctx: Context, which: Argument) -> Rows:
    return _parameters(_find(ctx, "ET", which).parameters)


def _sources(ctx: Context, which: Argument) -> Rows:
    return ("name",), [(name,) for name in ctx.registries["format"].names()]


def _source_parameters(ctx: Context, which: Argument) -> Rows:
    return _parameters(_find(ctx, "format", which).parameters)


def _functions(ctx: Context, which: Argument) -> Rows:
    return ("function",), [(name,) for name in ctx.registries["function"].names()]


def _function(ctx: Context, which: Argument) -> Rows:
    thing = _find(ctx, "function", which)
    usage = f"{thing.name}({', '.join(thing.parameters) or '...'})"
    found: list[tuple[object, ...]] = [(f"Function: {thing.name}",), (f"Usage: {usage}",)]
    return ("function_desc",), found + ([(thing.description,)] if thing.description else [])


def _commands(ctx: Context, which: Argument) -> Rows:
    registry = ctx.registries["command"]
    return ("command", "description"), [
        (
            registry.get(name).usage.replace(f"!{registry.get(name).name}", f"!{name}"),
            registry.get(name).description,
        )
        for name in registry.names()
    ]


def _jobs(ctx: Context, which: Argument) -> Rows:
    return JOB_COLUMNS, [tuple(job.get(column) for column in JOB_COLUMNS) for job in ctx.jobs]


def _job(ctx: Context, which: Argument) -> Rows:
    columns, found = _jobs(ctx, which)
    return columns, [row for row in found if which.value in (row[2], row[4])]


def _conf(ctx: Context, which: Argument) -> Rows:
    documents = _field_documents()
    found: list[tuple[object, ...]] = []
    for item in dataclasses.fields(ctx.settings):
        value = getattr(ctx.settings, item.name)
        if item.name != "conf":
            text = ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, Mapping) else value
            found.append((item.name, masked(item.name, str(text)), documents.get(item.name, "")))
    found += [(key, masked(key, value), "engine setting") for key, value in sorted(ctx.settings.conf.items())]
    return ("name", "value", "doc"), found


_PATHS: Mapping[str, Callable[[Context, Argument], Rows]] = {
    "": _commands,
    **dict.fromkeys(ALL, _commands),
    "commands": _commands,
    "conf": _conf,
    "conf/list": _conf,
    "datasources": _sources,
    "datasources/params/*": _source_parameters,
    "et": _ets,
    "et/*": _et,
    "et/params/*": _et_parameters,
    "function/*": _function,
    "functions": _functions,
    "jobs": _jobs,
    "jobs/get/*": _job,
    "tables": _tables,
    "tables/from/*": _tables_from,
    "version": _version,
}
_PACKAGES = {"spark": "pyspark"}


def _parameters(parameters: tuple[Parameter, ...]) -> Rows:
    return ("param", "description"), [(p.name, _described(p)) for p in parameters]


def _described(parameter: Parameter) -> str:
    extras = []
    if parameter.required:
        extras.append("required")
    if parameter.default is not None:
        extras.append(f"default {parameter.default or 'empty'}")
    if parameter.choices:
        extras.append("one of " + ", ".join(parameter.choices))
    return parameter.description + (f" ({'; '.join(extras)})" if extras else "")


def _find(ctx: Context, family: str, which: Argument) -> Any:
    try:
        return ctx.registries[family].get(which.value)
    except UnknownName as error:
        raise error.at(which.span) from None


def _kind(thing: Any) -> str:
    """``algorithm`` for what learns a model, ``feature engineer`` for what only changes tables."""
    methods = (thing.predict, thing.register)
    learns = all(not method.__qualname__.startswith("Estimator.") for method in methods)
    return "algorithm" if learns else "feature engineer"


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
            documents[field.target.id] = str(ast.literal_eval(below.value))
    return documents


def _result(ctx: Context, answer: Rows, name: str | None) -> str:
    import pyarrow as pa

    columns, found = answer
    values = list(zip(*found, strict=True)) if found else [()] * len(columns)
    arrays = {
        column: pa.array(cells, None if cells and column in _TYPED else pa.string())
        for column, cells in zip(columns, values, strict=True)
    }
    return ctx.result(pa.table(arrays), name)


_TYPED = ("isTemporary", "progress", "startTime", "timeout")
"""Columns that are no text."""
