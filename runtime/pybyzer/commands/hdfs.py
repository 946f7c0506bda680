"""``!hdfs`` (``!fs``): Hadoop's file shell on local paths and every URL fsspec knows; and relatives."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pybyzer.commands.base import COMMANDS, Argument, Arguments, Command, cancelling, column, encodable, rows
from pybyzer.context import Context
from pybyzer.errors import ByzerError, CommandError, Interrupted, Span, UnknownName, Unsupported
from pybyzer.filesystem import change, look
from pybyzer.filesystem.places import Status, children, existing, merge, status
from pybyzer.filesystem.rename import rename
from pybyzer.filesystem.shell import Shell
from pybyzer.registry import did_you_mean
from pybyzer.stores import storage

OPERATIONS: Mapping[str, Callable[[Shell, Sequence[str]], str]] = {
    "-appendToFile": change.append_to_file,
    "-cat": look.cat,
    "-copyFromLocal": change.put,
    "-copyToLocal": change.get,
    "-count": look.count,
    "-cp": change.cp,
    "-du": look.du,
    "-get": change.get,
    "-getmerge": change.getmerge,
    "-head": look.head,
    "-ls": look.ls,
    "-lsr": look.lsr,
    "-mkdir": change.mkdir,
    "-moveFromLocal": change.move_from_local,
    "-mv": change.mv,
    "-put": change.put,
    "-rm": change.rm,
    "-rmdir": change.rmdir,
    "-rmr": change.rmr,
    "-stat": look.stat,
    "-tail": look.tail,
    "-test": look.test,
    "-text": look.text,
    "-touchz": change.touchz,
}
PERMISSIONS = ("-chmod", "-chown", "-chgrp", "-setrep")


_UTILS: Mapping[str, Mapping[str, str]] = {
    "getmerge": {"source": "a pattern", "target": "a file", "skipNLines": "a number"},
    "rename": {
        "source": "a pattern",
        "target": "a directory",
        "pattern": "a regular expression",
        "replace": "a text",
    },
}
"""The words of each tool, in their order."""


@COMMANDS.register("hdfs", "fs")
class HdfsCommand(Command):
    """One row, column ``fileSystem``, with the text Hadoop's shell prints; ``-ls -F`` gives columns.

    What fails is an error (the original returns its text as the result).
    """

    name = "hdfs"
    usage = (
        "!hdfs -ls|-mkdir|-put|-get|-cp|-mv|-rm|-cat|-du|... path ...   or   !hdfs utils getmerge|rename ..."
    )
    description = "list, copy, move, remove and show files; paths or URLs"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1)
        first, rest = arguments[0], arguments[1:]
        words = [word.value for word in rest]
        if first.value in ("-help", "-usage"):
            return column(ctx, "fileSystem", [f"{self.usage}\noperations: {' '.join(OPERATIONS)}"])
        if first.value == "utils":
            return self._run_utils(ctx, rest)
        operation = OPERATIONS.get(first.value)
        if operation is None:
            raise _unknown(first)
        with _shell(ctx, first.value, arguments) as shell:
            if "-F" in words and operation in (look.ls, look.lsr):
                recursive = ["-R"] if operation is look.lsr else []
                found = look.entries(shell, [*recursive, *words])
                return rows(ctx, look.COLUMNS, [[entry[key] for key in look.COLUMNS] for entry in found])
            text = operation(shell, words)
        return column(ctx, "fileSystem", [text])

    def _run_utils(self, ctx: Context, arguments: Arguments) -> str:
        tool = arguments[0].value if arguments else ""
        if tool not in _UTILS:
            raise self.wrong("utils knows getmerge and rename", arguments[0] if arguments else None)
        meanings = _UTILS[tool]
        words = arguments[1:]
        if words and words[0].value == "_":
            needed = [key for key in meanings if key != "skipNLines"]
            named = self.keyed(words, meanings, *needed)
        else:
            self.require(words, len(meanings) - ("skipNLines" in meanings), len(meanings))
            named = dict(zip(meanings, words, strict=False))
        source, to = named["source"].value, named["target"].value
        if not source or not to:
            raise self.wrong(f"{tool} needs a source and a target")
        with _shell(ctx, tool, (named["source"],)) as shell:
            if tool == "rename":
                rename(shell, source, to, self._pattern(named["pattern"]), named["replace"].value)
            else:
                skip = self.whole(named["skipNLines"], "skipNLines", 0) if "skipNLines" in named else 0
                found = [place for place in shell.find(source) if not place.fs.isdir(place.path)]
                merge(found, shell.place(to), skip, shell.stopped.is_set)
        return column(ctx, "message", ["SUCCESS"])

    def _pattern(self, word: Argument) -> re.Pattern[str]:
        """A regular expression; the backslash is doubled in many scripts."""
        try:
            return re.compile(word.value.replace("\\\\", "\\"))
        except re.error as error:
            raise self.wrong(f"{word.value} is no regular expression: {error}", word) from None


@COMMANDS.register("copyFromLocal")
class CopyFromLocalCommand(Command):
    """Copy a file or directory of this machine below the home prefix.

    A target that does not exist *is* the copy; into a directory that exists, the copy goes under its
    own name. Without a home prefix an empty directory counts as one that does not exist. Files are
    replaced. The result is ``content``, without rows.
    """

    name = "copyFromLocal"
    usage = "!copyFromLocal source target"
    description = "copy a local file or directory into the home directory"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2, 2)
        with _shell(ctx, "copyFromLocal", arguments) as shell:
            change.copy_from_local(shell, arguments[0].value, arguments[1].value)
        return column(ctx, "content", [])


@COMMANDS.register("saveUploadFileToHome")
class SaveUploadFileToHomeCommand(Command):
    """In a notebook an uploaded file lies beside it: its copy goes into a directory of the home."""

    name = "saveUploadFileToHome"
    usage = "!saveUploadFileToHome file directory"
    description = "copy an uploaded file into a directory below the home directory"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 2, 2)
        source, to = (word.value for word in arguments)
        name = source.rstrip("/").rpartition("/")[2]
        with _shell(ctx, "saveUploadFileToHome", arguments) as shell:
            change.copy_from_local(shell, source, f"{to.rstrip('/')}/{name}")
        return column(ctx, "content", [])


@COMMANDS.register("ls")
class LsCommand(Command):
    """What a directory holds, as a table. Paths are real ones, without the home prefix."""

    name = "ls"
    usage = "!ls path"
    description = "list a directory as a table"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 1)
        with _shell(ctx, "ls", arguments, raw=True) as shell:
            found = existing(shell.place(arguments[0].value))
            return _table(ctx, children(found.place) if found.directory else [found])


@COMMANDS.register("fileStatus")
class FileStatusCommand(Command):
    """What the file system says of one path, as a row like those of ``!ls``."""

    name = "fileStatus"
    usage = "!fileStatus path"
    description = "one file or directory as a row"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 1)
        with _shell(ctx, "fileStatus", arguments, raw=True) as shell:
            return _table(ctx, [existing(shell.place(arguments[0].value))])


@COMMANDS.register("exists")
class ExistsCommand(Command):
    """Whether there is something at a real path: ``isExists``, ``true`` or ``false``."""

    name = "exists"
    usage = "!exists path"
    description = "whether a path exists"

    def run(self, ctx: Context, arguments: Arguments, span: Span) -> str | None:
        self.require(arguments, 1, 1)
        with _shell(ctx, "exists", arguments, raw=True) as shell:
            found = status(shell.place(arguments[0].value))
        return column(ctx, "isExists", ["false" if found is None else "true"])


@contextlib.contextmanager
def _shell(ctx: Context, label: str, arguments: Arguments, *, raw: bool = False) -> Iterator[Shell]:
    """A shell whose errors are placed at the first path, and which stops with the session.

    ``raw`` paths do not get the home prefix.
    """
    shell = Shell(
        resolve=(lambda path: path) if raw else ctx.resolve,
        home="/" if ctx.settings.home and not raw else ".",
        timezone=ctx.settings.timezone,
        storage=lambda url: storage(ctx, url).fsspec,
    )
    label = label.removeprefix("-")
    paths = [word for word in arguments if not word.value.startswith("-") and word.value != "utils"]
    span = (paths or arguments)[0].span
    try:
        with cancelling(ctx, shell.stopped.set):
            yield shell
    except CommandError as error:
        raise CommandError(f"{label}: {error.message}", span=span, hint=error.hint) from None
    except ByzerError as error:
        raise error.at(span) from None
    except OSError as error:
        what = error.strerror or str(error) or type(error).__name__
        name = f"`{error.filename}': " if error.filename else ""
        raise CommandError(f"{label}: {name}{what}", span=span) from None
    if shell.stopped.is_set():
        raise Interrupted(f"{label} was stopped", span=span)


def _unknown(word: Argument) -> ByzerError:
    if word.value in PERMISSIONS:
        hint = f"!sh {word.value[1:]} does it for local files"
        return Unsupported(f"!hdfs {word.value} is not offered here", span=word.span, hint=hint)
    hint = did_you_mean(word.value, OPERATIONS) or "known: " + " ".join(OPERATIONS)
    return UnknownName(f'!hdfs has no "{word.value}"', span=word.span, hint=hint)


def _table(ctx: Context, found: Sequence[Status]) -> str:
    import pyarrow as pa

    times = [int(s.modified.timestamp() * 1000) if s.modified else None for s in found]
    table = {
        "name": pa.array([encodable(s.place.name) for s in found], pa.string()),
        "path": pa.array([encodable(s.place.path) for s in found], pa.string()),
        "owner": pa.array([s.owner for s in found], pa.string()),
        "group": pa.array([s.group for s in found], pa.string()),
        "permission": pa.array([s.permission for s in found], pa.string()),
        "isDir": pa.array([s.directory for s in found], pa.bool_()),
        "byteLength": pa.array([s.size for s in found], pa.int64()),
        "modificationTime": pa.array(times, pa.int64()),
    }
    return ctx.result(pa.table(table))
