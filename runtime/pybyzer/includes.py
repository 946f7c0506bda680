"""``include``: where the text that is to run stands, and the text.

``project`` and ``hdfs`` are files below the working directory or the home, ``lib`` a git repository,
``local`` a file in one, ``http`` a URL, or a notebook of the project by its dotted name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pybyzer import cells, libraries
from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption, ByzerError, CommandError, UnknownName, Unsupported
from pybyzer.filesystem.places import Place, Status, locate, open_to_read, status
from pybyzer.registry import did_you_mean
from pybyzer.web import OK, Call, Web, checked, shown

MOST_BYTES = 16 << 20
"""Of an included text; more is no script."""
CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
"""How long a web server may take to accept, and to send the next bytes."""

SERVICES = ("plugin", "store", "function", "view", "table", "job")
"""What the original includes from its market and services."""

LIB_OPTIONS = (
    Parameter("alias", "a short name for include local"),
    Parameter("commit", "a commit, a tag or a branch; else the default branch"),
    Parameter("libMirror", "a site (or URL) that stands for the library's own"),
    Parameter("force", "clone it again", "false", choices=BOOLEAN),
    Parameter("onlyForCurrentInstance", "accepted, without effect", choices=BOOLEAN),
)

_ONE_CELL = re.compile(r"(.+)#(\d+)")


@dataclass(frozen=True, slots=True)
class Included:
    """A text to run. ``name`` tells one place from another, and is what errors call it."""

    name: str
    cells: tuple[cells.Cell, ...]
    variables: dict[str, str]


def check(kind: str) -> None:
    """Refuse what cannot be included; ``UnknownName`` or ``Unsupported``."""
    if kind in SERVICES:
        raise Unsupported(f"include {kind} needs a service of the original", hint="include project.`path`")
    if kind != "lib" and kind not in _READERS:
        raise UnknownName(f'include knows no "{kind}"', hint=did_you_mean(kind, ("lib", *_READERS)))


def find(ctx: Context, kind: str, path: str, options: dict[str, str], beside: str | None) -> Included | None:
    """The text of an include statement, templates filled in; None when it runs nothing (``lib``).

    ``beside`` is the file the statement stands in, if it is one. Errors are about the path or an option.
    """
    if kind == "lib":
        _install(ctx, path, options)
        return None
    try:
        name, found = _READERS[kind](ctx, path, beside)
    except ByzerError as error:
        raise error.about("path") from None
    return Included(name, tuple(found), options)


def _install(ctx: Context, path: str, options: dict[str, str]) -> None:
    checked = ctx.check("include lib", LIB_OPTIONS, options)
    commit, mirror = checked.get("commit", ""), checked.get("libMirror", "")
    force = checked["force"].lower() == "true"
    key = libraries.install(ctx, path, commit=commit, mirror=mirror, force=force)
    for name in {checked.get("alias", ""), key.partition("@")[0]} - {""}:
        ctx.variables.set_plain(libraries.ALIAS + name, key)


# -- kinds -------------------------------------------------------------------------------------

Found = tuple[str, list[cells.Cell]]


def _project(ctx: Context, path: str, beside: str | None) -> Found:
    """A file of the project: as written, without its suffix, or with dots for its folders."""
    if "://" in path:
        raise Unsupported(f"include project reads files, not URLs: {path}", hint="include http or hdfs")
    written, number = path, None
    one = _ONE_CELL.fullmatch(path)
    if one:
        written, number = one[1], int(one[2])
    for candidate in _candidates(ctx, written, beside):
        place = locate(candidate, written)
        found = _status(place)
        if found is not None and not found.directory:
            return _cells(candidate, _read_file(place), number)
    raise _missing(locate(next(_candidates(ctx, written, None)), written))


def _candidates(ctx: Context, written: str, beside: str | None) -> Iterator[str]:
    """Where a path of a project may lead: from the project's directory, then from the file itself."""
    root = ctx.resolve(written)
    bases = [root if "://" in root else os.path.abspath(root)]
    if beside is not None and not written.startswith(("/", "~")):
        bases.append(os.path.abspath(os.path.join(os.path.dirname(beside), written)))
    for base in bases:
        folder, _, name = base.rpartition("/")
        dotted = f"{folder}/{name.replace('.', '/')}"
        yield base
        for stem in dict.fromkeys((base, dotted)):
            yield from (f"{stem}.{suffix}" for suffix in cells.SUFFIXES)


def _hdfs(ctx: Context, path: str, beside: str | None) -> Found:
    resolved = ctx.resolve(path)
    place = locate(resolved, path)
    found = _status(place)
    if found is None or found.directory:
        raise _missing(place)
    return _cells(resolved, _read_file(place), None)


def _local(ctx: Context, path: str, beside: str | None) -> Found:
    file = libraries.find(ctx, path)
    if file.endswith(".py"):
        raise Unsupported(f"{file} is Python", hint=f"!pyInclude local '{path}.py' named code;")
    return _cells(file, _read_file(locate(file, path)), None)


def _http(ctx: Context, path: str, beside: str | None) -> Found:
    """A URL; anything else is a notebook of the project, as the original's web notebook has it."""
    if "://" not in path:
        return _project(ctx, path, beside)
    checked(path)
    with Web(CONNECT_SECONDS, READ_SECONDS) as web:
        ctx.on_cancel.append(web.stop)
        try:
            answer = web.ask(Call("get", path, {"Accept": "text/plain, */*"}))
        finally:
            ctx.on_cancel.remove(web.stop)
    if answer.status == 0:
        raise CommandError(f"cannot include it: {answer.content.decode()}")
    if answer.status != OK:
        raise CommandError(f"cannot include it: {shown(path)} answered with status {answer.status}")
    return _cells(shown(path), answer.content, None)


_READERS: dict[str, Callable[[Context, str, str | None], Found]] = {
    "project": _project,
    "hdfs": _hdfs,
    "local": _local,
    "http": _http,
    "https": _http,
}


# -- texts -------------------------------------------------------------------------------------


def _missing(place: Place) -> BadOption:
    if _status(place) is not None:
        return BadOption(f"{place.path} is a directory")
    return BadOption(f"there is no {place.path} to include", hint=place.missing().hint)


def _status(place: Place) -> Status | None:
    try:
        return status(place)
    except NotADirectoryError:
        return None
    except (OSError, ValueError) as error:
        raise BadOption(f"cannot read {place.path}: {getattr(error, 'strerror', None) or error}") from None


def _read_file(place: Place) -> bytes:
    try:
        with open_to_read(place) as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadOption(f"cannot read {place.path}: {error.strerror or error}") from None


def _cells(name: str, data: bytes, number: int | None) -> Found:
    """The cells of a text, or the one of that number."""
    if len(data) > MOST_BYTES:
        raise BadOption(f"{name} is larger than {MOST_BYTES >> 20} MB, which is no script")
    try:
        found = cells.read(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        raise BadOption(f"{name} is not UTF-8 text") from None
    if number is None:
        return name, found
    chosen = [cell for cell in found if cell.number == number]
    if not chosen:
        numbers = ", ".join(str(cell.number) for cell in found)
        raise BadOption(f"{name} has no cell of code {number}", hint=f"those of code are {numbers}")
    return f"{name}#{number}", [replace(cell, number=0) for cell in chosen]
