"""``!pyInclude``: a Python file as a table, for ``code="py.name"`` of Ray, ``!python`` and ScriptUDF."""

from __future__ import annotations

import json
import os

from pybyzer import libraries
from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named, placed
from pybyzer.context import Context
from pybyzer.declared import Rows
from pybyzer.errors import CommandError, Span


@COMMANDS.register("pyInclude")
class PyIncludeCommand(Command):
    """One row, ``value``: JSON with the text as ``content``.

    ``project`` is a path as in ``include project``, ``local`` a file of a library that was included, with
    dots for its folders; without either, a path of the project with dots.
    """

    name = "pyInclude"
    usage = "!pyInclude project 'path.py' named table   or   local 'library.folder.file.py' named table"
    description = "a Python file as a table, to be run by name"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, name = cut_named(arguments)
        if name is None:
            raise self.wrong("the name of the table is missing: named table")
        self.require(words, 1, 2)
        path = words[-1]
        kind = words[0].value if len(words) == 2 else "dotted"
        if kind not in ("project", "local", "dotted"):
            raise self.wrong(f'"{kind}" is not project or local', words[0])
        with placed(path.span):
            file = libraries.find(ctx, path.value) if kind == "local" else _in_project(ctx, path.value, kind)
        content = json.dumps({"content": _text(file, path)}, ensure_ascii=False)
        return ctx.result(Rows(("value",), [(content,)]).table(), name)


def _in_project(ctx: Context, path: str, kind: str) -> str:
    """A file as written; or, where there is none, with dots for folders."""
    file = ctx.resolve(path)
    if kind == "project" or os.path.isfile(file):
        return file
    stem, dot, suffix = path.rpartition(".")
    return ctx.resolve(stem.replace(".", "/") + dot + suffix)


def _text(file: str, word: Argument) -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}", span=word.span) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text", span=word.span) from None
