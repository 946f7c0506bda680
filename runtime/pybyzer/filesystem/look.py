"""The file operations that only look. Each gives back the text that Hadoop's shell prints."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Sequence
from typing import IO, cast

from pybyzer.errors import CommandError, TooLarge
from pybyzer.filesystem.places import Place, Status, children, existing, open_to_read, status, walk
from pybyzer.filesystem.shell import Shell, cut_flags

LARGEST_TEXT = 16 << 20
"""Bytes of file content shown in a cell."""
END = 1024
"""Bytes that ``-head`` and ``-tail`` show, as Hadoop's do."""
UNITS = "KMGTPE"
COLUMNS = ("group", "length", "modification_time", "name", "owner", "path", "permission", "replication")
"""What ``-ls -F`` tells of each file, all as text, as the original's JSON does."""


def ls(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "d", "h", "R", "C", "F")
    lines: list[str] = []
    for place in shell.find_all(paths or [shell.home]):
        found = _listed(shell, place, flags)
        if found and found[0].place != place and "R" not in flags:
            lines.append(f"Found {len(found)} items")
        lines += _aligned([_entry(shell, item, "h" in flags) for item in found])
    return _text(lines)


def lsr(shell: Shell, words: Sequence[str]) -> str:
    return ls(shell, ["-R", *words])


def entries(shell: Shell, words: Sequence[str]) -> list[dict[str, str]]:
    """What ``ls`` lists, as records with ``COLUMNS``."""
    flags, paths = cut_flags(words, "d", "h", "R", "C", "F")
    found = [item for place in shell.find_all(paths or [shell.home]) for item in _listed(shell, place, flags)]
    return [_entry(shell, item, "h" in flags) for item in found]


def cat(shell: Shell, words: Sequence[str]) -> str:
    return _contents(shell, words, _plain)


def text(shell: Shell, words: Sequence[str]) -> str:
    return _contents(shell, words, _unpacked)


def head(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=1, most=1)
    place = shell.place(paths[0])
    with open_to_read(place) as file:
        return _decoded(file.read(END))


def tail(shell: Shell, words: Sequence[str]) -> str:
    _, paths = cut_flags(words, least=1, most=1)
    place = shell.place(paths[0])
    with open_to_read(place) as file:
        file.seek(max(0, existing(place).size - END))
        return _decoded(file.read(END))


def du(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "s", "h", "x")
    lines = []
    for place in shell.find_all(paths or [shell.home]):
        found = existing(place)
        for item in children(place) if found.directory and "s" not in flags else [found]:
            size = _size(sum(each.size for each in _all(shell, item)), "h" in flags)
            lines.append(f"{size}  {size}  {item.place.shown}")
    return _text(lines)


def count(shell: Shell, words: Sequence[str]) -> str:
    flags, paths = cut_flags(words, "h", "v", least=1)
    lines = ["   DIR_COUNT   FILE_COUNT       CONTENT_SIZE PATHNAME"] if "v" in flags else []
    for place in shell.find_all(paths):
        items = _all(shell, existing(place))
        folders = sum(item.directory for item in items)
        size = _size(sum(item.size for item in items), "h" in flags)
        lines.append(f"{folders:>12} {len(items) - folders:>12} {size:>18} {place.shown}")
    return _text(lines)


def test(shell: Shell, words: Sequence[str]) -> str:
    """``true`` or ``false``: a cell has no exit status."""
    flags, paths = cut_flags(words, "d", "e", "f", "s", "z", least=1, most=1)
    found = status(shell.place(paths[0]))
    if found is None:
        return "false"
    checks = {
        "d": found.directory,
        "e": True,
        "f": not found.directory,
        "s": found.size > 0,
        "z": not found.directory and found.size == 0,
    }
    return "true" if all(checks[flag] for flag in flags) else "false"


def stat(shell: Shell, words: Sequence[str]) -> str:
    pattern, paths = (words[0], words[1:]) if words and "%" in words[0] else ("%y", words)
    _, paths = cut_flags(paths, least=1)
    lines = []
    for place in shell.find_all(paths):
        item = existing(place)
        line = pattern
        for mark, value in (
            ("%b", str(item.size)),
            ("%F", "directory" if item.directory else "regular file"),
            ("%g", item.group),
            ("%n", place.name),
            ("%r", "0" if item.directory else "1"),
            ("%u", item.owner),
            ("%y", _time(shell, item, "%Y-%m-%d %H:%M:%S")),
            ("%Y", str(int(item.modified.timestamp() * 1000)) if item.modified else "-"),
        ):
            line = line.replace(mark, value)
        lines.append(line)
    return _text(lines)


def _listed(shell: Shell, place: Place, flags: set[str]) -> list[Status]:
    """What ``ls`` says of one path: what a directory holds, or the file itself."""
    found = existing(place)
    if not found.directory or "d" in flags:
        return [found]
    return list(walk(found, shell.stopped.is_set)) if "R" in flags else children(place)


def _entry(shell: Shell, item: Status, human: bool) -> dict[str, str]:
    return {
        "group": item.group,
        "length": _size(item.size, human),
        "modification_time": _time(shell, item, "%Y-%m-%d %H:%M"),
        "name": item.place.name,
        "owner": item.owner,
        "path": item.place.shown,
        "permission": ("d" if item.directory else "-") + item.permission,
        "replication": "-" if item.directory else "1",
    }


def _aligned(found: list[dict[str, str]]) -> list[str]:
    """The lines of a listing, with columns as wide as Hadoop makes them."""
    widths = {
        key: max([least, *(len(entry[key]) for entry in found)])
        for key, least in (("replication", 3), ("owner", 0), ("group", 0), ("length", 10))
    }
    return [
        f"{e['permission']} {e['replication']:>{widths['replication']}} {e['owner']:<{widths['owner']}}"
        f" {e['group']:<{widths['group']}} {e['length']:>{widths['length']}}"
        f" {e['modification_time']} {e['path']}"
        for e in found
    ]


def _contents(shell: Shell, words: Sequence[str], opener: Callable[[IO[bytes]], IO[bytes]]) -> str:
    _, paths = cut_flags(words, "ignoreCrc", least=1)
    parts: list[bytes] = []
    room = LARGEST_TEXT
    for place in shell.find_all(paths):
        if existing(place).directory:
            raise CommandError(f"`{place.shown}': Is a directory")
        with open_to_read(place) as file:
            try:
                parts.append(opener(file).read(room + 1))
            except (EOFError, lzma.LZMAError) as error:
                raise CommandError(f"`{place.shown}': {error}") from None
        room -= len(parts[-1])
        if room < 0:
            hint = "load text.`path` reads files of any size; -head and -tail show an end"
            raise TooLarge(f"`{place.shown}': more than {LARGEST_TEXT >> 20} MB of text", hint=hint)
    return _decoded(b"".join(parts))


def _plain(file: IO[bytes]) -> IO[bytes]:
    return file


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """The content behind gzip, bzip2 or xz, told by its first bytes."""
    first = file.read(6)
    file.seek(0)
    if first.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if first.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if first.startswith(b"\xfd7zXZ"):
        return lzma.LZMAFile(file)
    return file


def _all(shell: Shell, item: Status) -> list[Status]:
    return [item, *walk(item, shell.stopped.is_set)] if item.directory else [item]


def _time(shell: Shell, item: Status, pattern: str) -> str:
    return item.modified.astimezone(shell.zone).strftime(pattern) if item.modified else "-"


def _size(size: int, human: bool) -> str:
    if not human or size < 1024:
        return str(size)
    power = min((size.bit_length() - 1) // 10, len(UNITS))
    return f"{size / 1024**power:.1f} {UNITS[power - 1]}"


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
