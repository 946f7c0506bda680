"""``!plugin``: what other installations load at run time is part of the package here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cut_named, rows
from pybyzer.context import Context
from pybyzer.errors import Span, UnknownName, Unsupported
from pybyzer.registry import did_you_mean

KINDS = ("app", "ds", "et", "script")
COLUMNS = ("name", "status")
PROXY = ("id", "name", "value", "dictType")

_PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "mlsql-shell": (("command", "sh"), ("command", "copyFromLocal")),
    "mlsql-assert": (("command", "assert"), ("command", "throw"), ("command", "assertNotNull")),
    "mlsql-mllib": (
        ("ET", "SampleDatasetExt"),
        ("ET", "TakeRandomSampleExt"),
        ("ET", "ColumnsExt"),
        ("ET", "ClassificationEvaluator"),
        ("ET", "RegressionEvaluator"),
        ("command", "columns"),
    ),
    "mlsql-excel": (("format", "excel"),),
    "mlsql-ds": (("format", "csv"), ("format", "json")),
    "mlsql-ext-ets": (("ET", "JsonExpandExt"), ("ET", "SyntaxAnalyzeExt")),
    "mlsql-language-server": (("ET", "SyntaxAnalyzeExt"),),
    "mlsql-analysis-toolkit": (("command", "approxQuantile"), ("command", "dataframe")),
    "byzer-execute-sql": (("command", "conn"), ("command", "exec_sql")),
    "delta-enhancer": (("command", "deltaTable"),),
    "save-then-load": (("command", "saveThenLoad"),),
}
"""What each well-known plug-in adds: the family and name of its parts."""

_VERSION = re.compile(r"(?:[-_](?:\d+(?:\.(?:\d+|x))*|2\.1[123]))*(?::.*)?$")


@COMMANDS.register("plugin")
class PluginCommand(Command):
    """``add`` and ``remove`` answer for names whose work is built in: nothing is installed or removed.

    The result tells, for each name, what of it is here. Any other name is unknown: programs for the
    Java virtual machine cannot be loaded.
    """

    name = "plugin"
    usage = (
        '!plugin [app|ds|et|script] add - "name" [named x] | remove "name" | list | proxy "url" | show proxy'
    )
    description = "says which plug-ins are built in"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        words, _ = cut_named(arguments)
        self.require(words, 1)
        first = words[0]
        if first.value == "list":
            # The kinds are one here: each name tells what it brings.
            self.require(words, 1, 2)
            if len(words) == 2 and words[1].value not in KINDS:
                raise self.wrong(f'"{words[1].value}" is no kind of plug-in', words[1])
            return rows(ctx, COLUMNS, [[name, _status(ctx, name)] for name in _PARTS])
        if first.value == "proxy":
            raise Unsupported(
                "!plugin proxy: nothing is downloaded from a market",
                span=first.span,
                hint="other plug-ins are Python packages: pip install them; see docs/extending.md",
            )
        if [word.value for word in words] == ["show", "proxy"]:
            return rows(ctx, PROXY, [])
        if first.value not in (*KINDS, "add", "remove"):
            raise self.wrong(f'"{first.value}" is no kind of plug-in', first)
        words = words[1:] if first.value in KINDS else words
        self.require(words, 1, 3)
        action = words[0].value
        if action == "list":
            self.require(words, 1, 1)
            return rows(ctx, COLUMNS, [[name, _status(ctx, name)] for name in _PARTS])
        if action not in ("add", "remove"):
            raise self.wrong(f'"{action}" is not add, remove or list', words[0])
        self.require(words, 2, 3 if action == "add" else 2)
        return self._answer(ctx, action, words[-1])

    def _answer(self, ctx: Context, action: str, word: Argument) -> str:
        name = _VERSION.sub("", word.value)
        if name not in _PARTS:
            raise UnknownName(
                f'no plug-in "{word.value}" is built in',
                span=word.span,
                hint=did_you_mean(name, _PARTS) or "plug-ins for the Java virtual machine cannot be loaded",
            )
        have, missing = _parts(ctx, name)
        if not have:
            raise Unsupported(
                f'"{word.value}" is known, but nothing of it is here yet',
                span=word.span,
                hint=", ".join(missing),
            )
        stays = "; it stays" if action == "remove" else "; nothing to install"
        return rows(ctx, COLUMNS, [[word.value, _status(ctx, name) + stays]])


def _parts(ctx: Context, name: str) -> tuple[list[str], list[str]]:
    """What of a plug-in is here, and what is not."""
    have: list[str] = []
    missing: list[str] = []
    for family, part in _PARTS[name]:
        shown = f"!{part}" if family == "command" else part
        (missing if ctx.registries[family].find(part) is None else have).append(shown)
    return have, missing


def _status(ctx: Context, name: str) -> str:
    have, missing = _parts(ctx, name)
    if not have:
        return "not here yet"
    status = f"built in: {', '.join(have)}"
    return f"{status}; not here yet: {', '.join(missing)}" if missing else status
