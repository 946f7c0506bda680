"""Where data is: a user's path as a place in a file system, and the files found there.

Listing follows Spark: files whose name starts with ``_`` or ``.`` are not data, a directory gives its own
files, directories named ``key=value`` are partitions, globs may use ``{a,b}``.
"""

from __future__ import annotations

import datetime
import errno
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption, ByzerError, MissingPackage, TooLarge
from pybyzer.stores import PACKAGES, storage

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

FILE_PARAMETERS = (
    Parameter("pathGlobFilter", "only files whose name matches this glob"),
    Parameter(
        "recursiveFileLookup",
        "look into all directories below (partitions are ignored)",
        "false",
        choices=BOOLEAN,
    ),
    Parameter("modifiedBefore", "only files last modified before this time (2020-06-01T13:00:00, UTC)"),
    Parameter("modifiedAfter", "only files last modified after this time"),
    Parameter("owner", "the user below whose home the path is"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)
"""Options of every format that reads files."""

_GLOB = re.compile(r"[*?\[{]")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_URL_SAFE = "/:!$&'()*+,;=@~"
_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a file system. ``shown`` is how it is called in messages.

    ``zone`` is the session's: that of times in the names of partition directories.
    """

    fs: AbstractFileSystem
    path: str
    shown: str
    zone: str = "UTC"

    @property
    def local(self) -> bool:
        """Whether it is a file or directory of this machine."""
        return _is_local(self.fs)

    def exists(self) -> bool:
        return bool(self.fs.exists(self.path))

    def uri(self, path: str | None = None) -> str:
        """The place (or a path beside or below it) as Spark writes it: ``file:/a/b``, ``s3://a/b``."""
        own = self.path if path is None else path
        return f"file:{own}" if self.local else str(self.fs.unstrip_protocol(own))


@dataclass(frozen=True, slots=True)
class File:
    """A data file. ``partition`` are the ``key=value`` directories it is in; value None is NULL."""

    path: str
    size: int
    modified: datetime.datetime
    partition: tuple[tuple[str, str | None], ...] = ()
    zone: str = "UTC"


def place(ctx: Context, path: str, options: Mapping[str, str] | None = None) -> Place:
    """The place of a user's path, below their home when there is one."""
    if not path.strip():
        raise BadOption("a path is needed", option="path", hint="load csv.`/some/file.csv` as t")
    resolved = ctx.resolve(path, (options or {}).get("owner"))
    if resolved.startswith("file:"):
        resolved = "/" + resolved.removeprefix("file:").lstrip("/")
    if "://" not in resolved:
        from fsspec.implementations.local import LocalFileSystem

        return Place(LocalFileSystem(), os.path.abspath(resolved), path, ctx.settings.timezone)
    return _remote(ctx, resolved)


def _remote(ctx: Context, url: str) -> Place:
    import fsspec

    if url.startswith("s3n://"):
        url = "s3" + url.removeprefix("s3n")
    try:
        fs, inner = fsspec.core.url_to_fs(url, **storage(ctx, url).fsspec)
    except ImportError as error:
        raise MissingPackage(f"{url}: {error}", hint=_install_hint(url)).about("path") from None
    except ValueError as error:
        raise BadOption(f"{url}: {error}", option="path") from None
    except OSError as error:
        raise BadOption(f"cannot reach {url}: {error}", option="path") from None
    return Place(fs, str(inner).rstrip("/") or "/", url, ctx.settings.timezone)


def _install_hint(url: str) -> str:
    from fsspec.registry import known_implementations

    scheme = url.partition("://")[0]
    if scheme in PACKAGES:
        return f"pip install {PACKAGES[scheme]}"
    known = known_implementations.get(scheme, {})
    package = str(known.get("class", "")).partition(".")[0]
    return f"pip install {package}" if package and package != "fsspec" else "install a package for this URL"


def _is_local(fs: object) -> bool:
    protocol = getattr(fs, "protocol", ())
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


def file_url(at: Place, path: str) -> str:
    """A file's URL, as Spark's ``input_file_name`` and image source write it."""
    return f"file://{quote(path, safe=_URL_SAFE)}" if at.local else str(at.fs.unstrip_protocol(path))


# -- listing -------------------------------------------------------------------------------


def find(at: Place, options: Mapping[str, str] | None = None, *, may_be_empty: bool = False) -> list[File]:
    """The data files of a place: a file, a directory or a glob; ordered by path.

    ``BadOption`` when there is nothing at that path, or (unless ``may_be_empty``) no data file.
    """
    chosen = options or {}
    recursive = chosen.get("recursiveFileLookup", "false").lower() == "true"
    at.fs.invalidate_cache()
    files: dict[str, File] = {}
    with explained("read", at):
        for root in _roots(at):
            for file in _leaves(at.fs, root, (), recursive):
                files[file.path] = replace(file, zone=at.zone)
    found = sorted((f for f in files.values() if _wanted(f, chosen)), key=lambda f: f.path)
    if not found and not may_be_empty:
        raise BadOption(f"no data files in {at.shown}", hint="names that start with _ or . are not data")
    return found


def is_hidden(name: str) -> bool:
    """Whether a file or directory of that name is not data."""
    return (name.startswith("_") and "=" not in name) or name.startswith(".") or name.endswith("._COPYING_")


def _roots(at: Place) -> list[dict[str, Any]]:
    """Entries (as fsspec describes them) of what the path names."""
    if at.fs.exists(at.path):
        return [at.fs.info(at.path)]
    if not _GLOB.search(at.path):
        raise BadOption(f"there is no file or directory {at.shown}")
    found: dict[str, dict[str, Any]] = {}
    for pattern in braces(at.path):
        found |= at.fs.glob(pattern, detail=True)
    if not found:
        raise BadOption(f"no file matches {at.shown}")
    return [found[name] for name in sorted(found)]


def braces(pattern: str) -> list[str]:
    """A glob with ``{a,b}`` as globs without."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [whole for choice in found[1].split(",") for whole in braces(before + choice + after)]


def _leaves(
    fs: AbstractFileSystem,
    entry: Mapping[str, Any],
    partition: tuple[tuple[str, str | None], ...],
    recursive: bool,
) -> Iterator[File]:
    path = str(entry["name"])
    if entry["type"] != "directory":
        if not is_hidden(posixpath.basename(path)):
            yield File(path, int(entry["size"] or 0), _modified(fs, entry), partition)
        return
    for child in fs.ls(path, detail=True):
        name = posixpath.basename(str(child["name"]).rstrip("/"))
        if child["type"] != "directory":
            yield from _leaves(fs, child, partition, recursive)
        elif is_hidden(name):
            continue
        elif recursive:
            yield from _leaves(fs, child, (), recursive)
        elif "=" in name:
            key, _, value = name.partition("=")
            text = None if value == _DEFAULT_PARTITION else unquote(value)
            yield from _leaves(fs, child, (*partition, (unquote(key), text)), recursive)


def _modified(fs: AbstractFileSystem, entry: Mapping[str, Any]) -> datetime.datetime:
    seconds = entry.get("mtime")
    if isinstance(seconds, (int, float)):
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    for key in ("created", "LastModified", "last_modified", "updated"):
        value = entry.get(key)
        if isinstance(value, datetime.datetime):
            return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    try:
        moment: datetime.datetime = fs.modified(entry["name"])
    except NotImplementedError:
        return datetime.datetime.fromtimestamp(0, datetime.UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _wanted(file: File, options: Mapping[str, str]) -> bool:
    import fnmatch

    pattern = options.get("pathGlobFilter")
    name = posixpath.basename(file.path)
    if pattern and not any(fnmatch.fnmatchcase(name, p) for p in braces(pattern)):
        return False
    before, after = _moment(options, "modifiedBefore"), _moment(options, "modifiedAfter")
    return (before is None or file.modified < before) and (after is None or file.modified > after)


def _moment(options: Mapping[str, str], key: str) -> datetime.datetime | None:
    text = options.get(key)
    if not text:
        return None
    try:
        value = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise BadOption(f'{key} is not a time: "{text}"', option=key, hint="2020-06-01T13:00:00") from None
    return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)


# -- errors --------------------------------------------------------------------------------


@contextmanager
def explained(action: str, at: Place | str) -> Iterator[None]:
    """Turns a failure of the file system into an error that names the path: ``cannot <action> <path>``."""
    shown = at if isinstance(at, str) else at.shown
    try:
        yield
    except ByzerError:
        raise
    except PermissionError as error:
        raise BadOption(
            f"cannot {action} {shown}: permission denied{_named(error)}",
            option="path",
            hint="choose a directory you may write to" if action == "write" else None,
        ) from None
    except OSError as error:
        if error.errno in _NO_ROOM or "No space left" in str(error):
            raise TooLarge(f"cannot {action} {shown}: no space left on the disk").about("path") from None
        reason = error.strerror or str(error) or type(error).__name__
        raise BadOption(f"cannot {action} {shown}: {reason.lower()}{_named(error)}", option="path") from None


def _named(error: OSError) -> str:
    name = error.filename
    return f" ({name})" if isinstance(name, str) and name else ""
