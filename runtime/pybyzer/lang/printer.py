"""Statements back to text: ``parse(to_text(s))`` is ``s`` again, apart from the places."""

from __future__ import annotations

import re
from functools import singledispatch

from pybyzer.lang import ast
from pybyzer.lang.ast import Options, Quote, Statement, Text
from pybyzer.lang.blocks import If
from pybyzer.lang.tokens import RESERVED

_BARE_KEY = re.compile(r"\w+(\.\w+)*\Z")


def to_text(statement: Statement) -> str:
    """The text of a statement, without its ``;``. A Python cell is its code."""
    return " ".join(part for part in _parts(statement) if part)


@singledispatch
def _parts(statement: Statement) -> list[str]:
    """A statement's text in pieces; empty ones are left out."""
    raise TypeError(f"no text for {type(statement).__name__}")


@_parts.register
def _load(s: ast.Load) -> list[str]:
    return [f"load {_target(s.format, s.path)}", _options(s.options), f"as {_text(s.table)}"]


@_parts.register
def _select(s: ast.Select) -> list[str]:
    return [s.sql.value, _as(s.table)]


@_parts.register
def _save(s: ast.Save) -> list[str]:
    columns = ", ".join(_text(column) for column in s.partition_by)
    return [
        "save",
        _text(s.mode) if s.mode else "",
        f"{_text(s.table)} as {_target(s.format, s.path)}",
        _options(s.options),
        f"partitionBy {columns}" if columns else "",
    ]


@_parts.register
def _estimate(s: ast.Estimate) -> list[str]:
    verb = type(s).__name__.lower()
    call = f"{verb} {_text(s.table)} as {_target(s.algorithm, s.path)}"
    return [call, _options(s.options), _as(s.output)]


@_parts.register
def _register(s: ast.Register) -> list[str]:
    return [f"register {_target(s.algorithm, s.path)} as {_text(s.function)}", _options(s.options)]


@_parts.register
def _unregister(s: ast.Unregister) -> list[str]:
    return [f"unregister {_target(s.algorithm, s.path)}", _options(s.options)]


@_parts.register
def _include(s: ast.Include) -> list[str]:
    return [f"include {_target(s.format, s.path)}", _options(s.options)]


@_parts.register
def _set(s: ast.Set) -> list[str]:
    return [f"set {_text(s.key)} = {_text(s.value)}", _options(s.options)]


@_parts.register
def _connect(s: ast.Connect) -> list[str]:
    return [f"connect {_text(s.format)}", _options(s.options), _as(s.name)]


@_parts.register
def _execute(s: ast.Execute) -> list[str]:
    return [s.sql.value]


@_parts.register
def _command(s: ast.Command) -> list[str]:
    return [f"!{s.name.value}", *(_text(argument) for argument in s.arguments)]


@_parts.register
def _if(s: If) -> list[str]:
    inner = (part for branch in s.branches for part in (branch.head, *branch.body))
    return ["; ".join([*(to_text(part) for part in inner), "!fi"])]


@_parts.register
def _python(s: ast.RunPython) -> list[str]:
    return [s.code.value]


def _as(name: Text | None) -> str:
    return f"as {_text(name)}" if name else ""


def _target(format_: Text, path: Text) -> str:
    return f"{_text(format_)}.{_text(path)}"


def _text(text: Text) -> str:
    value = text.value.replace("`", "``") if text.quote is Quote.BACK else text.value
    return f"{text.quote.value}{value}{text.quote.value}"


def _options(options: Options) -> str:
    """``where a="1" and b="2"``"""
    pairs = [f"{_key(option.key)}={_text(option.value)}" for option in options]
    return "where " + " and ".join(pairs) if pairs else ""


def _key(key: str) -> str:
    """A key bare where that is possible, else in back quotes."""
    bare = _BARE_KEY.match(key) and not any(part.lower() in RESERVED for part in key.split("."))
    return key if bare else f"`{key.replace('`', '``')}`"
