"""A save becomes visible whole or not at all: written aside, then put in place by a rename.

Results are written to a hidden directory beside the target. Replacing a local directory is one atomic
exchange where the system has it, else two renames; what was there stays readable until the new one is
in place. Appending moves the new files in one by one and takes them out again when that fails.
"""

from __future__ import annotations

import os
import posixpath
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pybyzer.context import Context
from pybyzer.errors import BadOption
from pybyzer.sources.base import Mode
from pybyzer.sources.paths import Place, explained

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

REPLACE_OR_ADD = "save overwrite replaces it, save append adds to it"
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


def skipped(target: Place, mode: Mode) -> bool:
    """Whether there is nothing to do (``ignore``); ``BadOption`` when the target must not exist."""
    with explained("write", target):
        if mode in (Mode.OVERWRITE, Mode.APPEND) or not target.exists():
            return False
    if mode is Mode.IGNORE:
        return True
    raise BadOption(
        f"{target.shown} exists already",
        option="path",
        hint="save overwrite replaces it, save append adds to it",
    )


@contextmanager
def written_aside(ctx: Context, target: Place, mode: Mode, *, replace_files: bool = False) -> Iterator[str]:
    """A hidden path, not there yet; what the block writes becomes the target when it ends well.

    Appended to a directory, files of the same name are an error unless ``replace_files``.
    """
    fs = target.fs
    path = os.path.realpath(target.path) if target.local else target.path
    aside = posixpath.join(posixpath.dirname(path), f".{posixpath.basename(path)}.{uuid.uuid4().hex[:12]}")
    with explained("write", target):
        try:
            fs.makedirs(posixpath.dirname(path), exist_ok=True)
            yield aside
            if fs.exists(path) and mode is not Mode.APPEND:
                ctx.engine.settle([path])
            _put_in_place(Place(fs, path, target.shown, target.zone), aside, mode, replace_files)
        finally:
            if fs.exists(aside):
                fs.rm(aside, recursive=True)


def _put_in_place(target: Place, aside: str, mode: Mode, replace_files: bool) -> None:
    fs, path = target.fs, target.path
    if not fs.exists(path):
        if target.local:
            os.rename(aside, path)
        else:
            _move_all(fs, aside, path)
    elif mode is Mode.APPEND:
        _move_in(target, aside, replace_files)
    elif mode is Mode.OVERWRITE:
        if target.local:
            _exchange(aside, path)
        else:
            _exchange_remote(fs, aside, path)
    else:
        raise BadOption(
            f"{target.shown} exists already (somebody made it while this was being written)", option="path"
        )


def _move_in(target: Place, aside: str, replace_files: bool) -> None:
    """Move every file of ``aside`` to the same place below the target."""
    fs, path = target.fs, target.path
    if not fs.isdir(path):
        raise BadOption(f"cannot append to {target.shown}: it is a file, not a directory", option="path")
    moved: list[str] = []
    try:
        for source in sorted(fs.find(aside)):
            goal = posixpath.join(path, posixpath.relpath(source, aside))
            there = fs.exists(goal)
            if there and posixpath.basename(goal) == "_SUCCESS":
                continue
            if there and not replace_files:
                raise BadOption(f"cannot append to {target.shown}: {goal} is there already", option="path")
            fs.makedirs(posixpath.dirname(goal), exist_ok=True)
            fs.mv(source, goal)
            if not there:
                moved.append(goal)
    except BaseException:
        for goal in moved:
            fs.rm(goal)
        raise


def _exchange(aside: str, path: str) -> None:
    """Swap two local paths; afterwards ``aside`` holds what was at ``path``."""
    if _exchanged_atomically(aside, path):
        return
    old = f"{aside}.old"
    os.rename(path, old)
    try:
        os.rename(aside, path)
    except BaseException:
        os.rename(old, path)
        raise
    os.rename(old, aside)


def _exchanged_atomically(aside: str, path: str) -> bool:
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_HERE, os.fsencode(aside), _HERE, os.fsencode(path), _EXCHANGE) == 0)


def _exchange_remote(fs: AbstractFileSystem, aside: str, path: str) -> None:
    old = f"{aside}.old"
    try:
        _move_all(fs, path, old)
        try:
            _move_all(fs, aside, path)
        except BaseException:
            if fs.exists(path):
                fs.rm(path, recursive=True)
            raise
    except BaseException:
        _move_all(fs, old, path)
        raise
    fs.rm(old, recursive=True)


def _move_all(fs: AbstractFileSystem, source: str, goal: str) -> None:
    """Move a file or a directory: in an object store file by file, ``_SUCCESS`` last."""
    files = sorted(fs.find(source), key=lambda path: (posixpath.basename(path) == "_SUCCESS", path))
    for path in files:
        there = f"{goal}{path[len(source) :]}"
        fs.makedirs(posixpath.dirname(there), exist_ok=True)
        fs.mv(path, there)
    fs.invalidate_cache()
    if fs.exists(source):
        fs.rm(source, recursive=True)  # what is left are directories
