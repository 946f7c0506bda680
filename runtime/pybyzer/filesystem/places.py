"""Files by path or URL, on any file system fsspec knows, with Hadoop's rules for copies."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, cast

from pybyzer.errors import BadOption, CommandError, MissingPackage
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

CHUNK = 4 << 20
IN_KERNEL = 64 << 20
"""Bytes the system copies at once, before it is asked whether to stop."""
COPYING = "._COPYING_"
"""Suffix of a local file while it is being copied; it gets its name when it is whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is or could be. ``shown`` is how the user wrote it."""

    fs: AbstractFileSystem
    path: str
    shown: str

    @property
    def name(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def local(self) -> bool:
        return "file" in _protocols(self.fs)

    def child(self, name: str) -> Place:
        return Place(self.fs, f"{self.path.rstrip('/')}/{name}", f"{self.shown.rstrip('/')}/{name}")

    def parent(self) -> Place:
        return Place(
            self.fs, self.fs._parent(self.path.rstrip("/")), self.shown.rstrip("/").rpartition("/")[0]
        )

    def missing(self) -> CommandError:
        """The error for what is not there; the hint names the closest that is."""
        return CommandError(f"`{self.shown}': No such file or directory", hint=self._closest())

    def _closest(self) -> str | None:
        try:
            names = [
                path.rstrip("/").rpartition("/")[2] for path in self.fs.ls(self.parent().path, detail=False)
            ]
        except (OSError, NotImplementedError):
            return None
        hint = did_you_mean(self.name, names) if len(names) < 1000 else None
        return hint if hint and hint.startswith("did") else None


@dataclass(frozen=True, slots=True)
class Status:
    """What a file system says of a file or directory; ``modified`` None where it does not say."""

    place: Place
    directory: bool
    size: int
    modified: datetime | None
    owner: str
    group: str
    permission: str


def locate(path: str, shown: str | None = None, storage: Mapping[str, Any] | None = None) -> Place:
    """The place of a path or URL; an unknown or uninstalled protocol is an error that says so.

    ``storage`` are arguments of its file system.
    """
    import fsspec

    try:
        fs, inner = fsspec.core.url_to_fs(path, **(storage or {}))
    except ImportError as error:
        protocol = path.partition("://")[0]
        raise MissingPackage(
            f"{protocol}:// paths need a package: {error}", hint=_install(protocol)
        ) from None
    except ValueError as error:
        raise BadOption(f"{path}: {error}") from None
    except OSError as error:
        raise CommandError(f"`{shown or path}': {error}") from None
    return Place(fs, inner, shown or path)


def status(place: Place) -> Status | None:
    """What is at a place; None when nothing is."""
    try:
        info = place.fs.info(place.path)
    except FileNotFoundError:
        return None
    return _status(place, info)


def existing(place: Place) -> Status:
    """What is at a place that must have something."""
    found = status(place)
    if found is None:
        raise place.missing()
    return found


def children(place: Place) -> list[Status]:
    """What a directory holds, by name."""
    found = []
    for info in place.fs.ls(place.path, detail=True):
        name = info["name"].rstrip("/").rpartition("/")[2]
        if name and info["name"].rstrip("/") != place.path.rstrip("/"):
            found.append(_status(place.child(name), info))
    return sorted(found, key=lambda item: item.place.name)


def matches(place: Place) -> list[Place]:
    """The places a pattern (``*``, ``?``, ``[a-z]``) names; the place itself when it is none."""
    if not any(mark in place.path for mark in "*?[") or place.fs.exists(place.path):
        return [place]
    head = place.path[: len(place.path) - len(place.shown)] if place.path.endswith(place.shown) else None
    found = sorted(str(path) for path in place.fs.glob(place.path))
    if not found:
        raise place.missing()
    return [Place(place.fs, path, path[len(head) :] if head is not None else path) for path in found]


def walk(top: Status, stopped: Callable[[], bool] = lambda: False) -> Iterator[Status]:
    """Everything below a directory, depth first, each directory before what it holds."""
    for item in children(top.place):
        if stopped():
            return
        yield item
        if item.directory and not _is_link(item.place):
            yield from walk(item, stopped)


def target(source: Place, to: Place) -> Place:
    """Hadoop's rule: a copy goes into a directory that exists; otherwise the target is the copy."""
    found = status(to)
    return to.child(source.name) if found is not None and found.directory else to


def copy(source: Place, to: Place, *, replace: bool, stopped: Callable[[], bool] = lambda: False) -> None:
    """Copy a file, or a directory with all it holds, to ``to`` (see ``target``).

    A file is there whole or not at all. ``replace`` decides about files that exist.
    """
    found = existing(source)
    if not found.directory:
        _copy_file(source, to, replace, stopped)
        return
    if _is_link(source) and _inside(source.path, os.path.realpath(source.path)):
        raise CommandError(f"`{source.shown}': a link to a directory around it")
    same = _protocols(source.fs) == _protocols(to.fs)
    if same and _inside(to.path, source.path):
        raise CommandError(f"`{source.shown}': cannot be copied into itself (`{to.shown}')")
    there = status(to)
    if there is not None and not there.directory:
        raise CommandError(f"`{to.shown}': Is not a directory")
    to.fs.makedirs(to.path, exist_ok=True)
    for item in children(source):
        if stopped():
            return
        copy(item.place, to.child(item.place.name), replace=replace, stopped=stopped)


def open_to_read(place: Place) -> IO[bytes]:
    """The content of a file. A pipe or socket is refused: reading it would wait for ever."""
    if not place.local:
        return cast("IO[bytes]", place.fs.open(place.path, "rb"))
    mode = os.stat(place.path).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise CommandError(f"`{place.shown}': Is a pipe or socket")
    return open(place.path, "rb")


def move(source: Place, to: Place, stopped: Callable[[], bool] = lambda: False) -> None:
    """Move to ``to``, which must not exist."""
    existing(source)
    if status(to) is not None:
        raise CommandError(f"`{to.shown}': File exists")
    if source.local and to.local:
        os.rename(source.path, to.path)
        return
    copy(source, to, replace=False, stopped=stopped)
    if not stopped():
        source.fs.rm(source.path, recursive=True)


def remove(place: Place) -> None:
    """Remove a file, or a directory with all it holds; of a link, the link."""
    if _is_link(place):
        os.unlink(place.path)
    else:
        place.fs.rm(place.path, recursive=place.fs.isdir(place.path))


def merge(sources: list[Place], to: Place, skip: int, stopped: Callable[[], bool], mode: str = "wb") -> None:
    """Write files one after the other into one; ``skip`` lines are left out of all but the first."""
    with to.fs.open(to.path, mode) as out:
        for number, source in enumerate(sources):
            with open_to_read(source) as file:
                for _ in range(skip if number else 0):
                    file.readline()
                while not stopped() and (data := file.read(CHUNK)):
                    out.write(data)


def _copy_file(source: Place, to: Place, replace: bool, stopped: Callable[[], bool]) -> None:
    there = status(to)
    if there is not None:
        if there.directory:
            raise CommandError(f"`{to.shown}': Is a directory")
        if there.place.path == source.path and _protocols(source.fs) == _protocols(to.fs):
            raise CommandError(f"`{source.shown}': source and target are the same file")
        if not replace:
            raise CommandError(f"`{to.shown}': File exists", hint="-f replaces it")
    unfinished = to.path + COPYING if to.local else to.path
    with open_to_read(source) as file:
        try:
            with to.fs.open(unfinished, "wb") as out:
                if source.local and to.local:
                    _copy_in_kernel(file, out, stopped)
                while not stopped() and (data := file.read(CHUNK)):
                    out.write(data)
            if to.local and not stopped():
                os.replace(unfinished, to.path)
        finally:
            if to.local and os.path.exists(unfinished):
                os.unlink(unfinished)


def _copy_in_kernel(file: IO[bytes], out: IO[bytes], stopped: Callable[[], bool]) -> None:
    """Let the system copy between two local files, where it can; whatever it leaves is read and written."""
    if not hasattr(os, "copy_file_range"):
        return
    with contextlib.suppress(OSError):  # other devices, other kinds of files: read and write them
        while not stopped() and os.copy_file_range(file.fileno(), out.fileno(), IN_KERNEL):
            pass


def _status(place: Place, info: dict[str, Any]) -> Status:
    directory = info.get("type") == "directory"
    mode = info.get("mode")
    if isinstance(mode, int):
        permission = stat.filemode(mode)[1:]
    else:
        permission = "rwxr-xr-x" if directory else "rw-r--r--"
    owner, group = _owners(info)
    size = 0 if directory else int(info.get("size") or 0)
    return Status(place, directory, size, _modified(info), owner, group, permission)


def _modified(info: dict[str, Any]) -> datetime | None:
    for key in ("mtime", "LastModified", "last_modified", "modified", "updated", "created"):
        value = info.get(key)
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def _owners(info: dict[str, Any]) -> tuple[str, str]:
    """Names of owner and group; the numbers where they have none, ``-`` where there are none."""
    owner, group = info.get("owner", info.get("uid")), info.get("group", info.get("gid"))
    if isinstance(owner, int) and isinstance(group, int):
        import grp
        import pwd

        try:
            owner = pwd.getpwuid(owner).pw_name
        except KeyError:
            owner = str(owner)
        try:
            group = grp.getgrgid(group).gr_name
        except KeyError:
            group = str(group)
    return str(owner or "-"), str(group or "-")


def _protocols(fs: AbstractFileSystem) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _inside(path: str, directory: str) -> bool:
    """Whether a path is a directory or lies below it."""
    return f"{path.rstrip('/')}/".startswith(f"{directory.rstrip('/')}/")


def _is_link(place: Place) -> bool:
    return place.local and os.path.islink(place.path)


def _install(protocol: str) -> str | None:
    from fsspec.registry import known_implementations

    known: dict[str, str] = known_implementations.get(protocol, {})
    return known.get("err")
