"""Libraries of scripts: git repositories, cloned once, their files found by dotted names.

``include lib.`github.com/user/repo` `` clones into the directory of the setting ``libraries``. A clone is
there whole or not at all; one of a certain commit stands beside the one of the default branch.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from pybyzer.context import Context
from pybyzer.errors import BadOption, CommandError, MissingPackage
from pybyzer.events import ignore
from pybyzer.processes import run_program
from pybyzer.registry import did_you_mean

ALIAS = "__lib__"
"""Before a library's alias: the variable that holds its directory below the setting ``libraries``."""
MANIFEST = "package.json"
"""The file that makes a repository a library."""
SUFFIXES = ("mlsql", "byzer", "byz", "by", "py")
"""Of the files in a library, in the order they are tried."""

_SCHEME = re.compile(r"([a-z][a-z0-9+]*)://", re.IGNORECASE)
_SCHEMES = ("https", "http", "ssh", "git", "file")
_PART = re.compile(r"[\w.@+~:-]+")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
_STALLED = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30")
"""A server that sends less than 1000 bytes a second for 30 seconds is given up."""


@dataclass(frozen=True, slots=True)
class Library:
    """A repository: where it comes from, and its directory below the setting ``libraries``."""

    url: str
    key: str

    @classmethod
    def named(cls, path: str, mirror: str = "") -> Library:
        """The library of ``site/user/repo`` or a URL; ``mirror`` stands for its site."""
        found = _SCHEME.match(path)
        scheme = found[1].lower() if found else ""
        if scheme and scheme not in _SCHEMES:
            raise BadOption(
                f"libraries do not come by {scheme}://", option="path", hint="one of " + ", ".join(_SCHEMES)
            )
        bare = path[found.end() :] if found else path
        parts = [part for part in bare.rpartition("@")[2].split("/") if part] if found else bare.split("/")
        if parts and parts[-1].endswith(".git"):
            parts[-1] = parts[-1].removesuffix(".git")
        wrong = [p for p in parts if not _PART.fullmatch(p) or p in (".", "..") or p.startswith("-")]
        if wrong or (not found and len(parts) != 3) or len(parts) < 2:
            raise BadOption(
                f'"{_CREDENTIALS.sub("//", path)}" is no library',
                option="path",
                hint="github.com/user/repo, or a URL",
            )
        key = "/".join(["file", *parts] if scheme == "file" else parts).replace(":", "_")
        if not mirror:
            return cls(path if found else f"https://{path}", key)
        base = mirror if _SCHEME.match(mirror) else f"https://{mirror}"
        return cls(f"{base.rstrip('/')}/{'/'.join(parts[-2:])}", key)


def install(ctx: Context, path: str, *, commit: str = "", mirror: str = "", force: bool = False) -> str:
    """Clone a library unless it is there; its directory below the setting ``libraries``.

    ``force`` clones it again. An older clone stays when the new one fails.
    """
    library = Library.named(path, mirror)
    if commit and (not _PART.fullmatch(commit.replace("/", "_")) or commit.startswith("-")):
        raise BadOption(f'"{commit}" is no commit', option="commit", hint="a commit, a tag or a branch")
    key = f"{library.key}@{commit.replace('/', '_')}" if commit else library.key
    directory = os.path.join(_root(ctx), *key.split("/"))
    if os.path.isdir(directory) and not force:
        return key
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".clone-", dir=os.path.dirname(directory)) as made:
        clone = os.path.join(made, "clone")
        _git(ctx, [*_STALLED, "clone", "--quiet", "--", library.url, clone])
        if commit:
            _check_out(ctx, clone, commit)
        if not os.path.isfile(os.path.join(clone, MANIFEST)):
            raise BadOption(
                f"{_shown(library.url)} is no library: it has no {MANIFEST}",
                option="commit" if commit else "path",
            )
        if os.path.isdir(directory):
            os.rename(directory, os.path.join(made, "old"))
        try:
            os.rename(clone, directory)
        except OSError:
            # Another session was faster: what it cloned is as good.
            if not os.path.isdir(directory):
                raise
    return key


def find(ctx: Context, name: str) -> str:
    """The path of the file ``alias.pkg.file`` or ``site/user/repo.pkg.file`` of a library."""
    key, parts = _library_of(ctx, name)
    directory = os.path.join(_root(ctx), *key.split("/"))
    if not all(_PART.fullmatch(part) for part in parts):
        raise BadOption(f'"{name}" names no file of a library', option="path", hint="alias.package.file")
    target = os.path.join(directory, *parts)
    tried = [f"{target}.{suffix}" for suffix in SUFFIXES]
    if parts[-1] in SUFFIXES and len(parts) > 1:
        tried.insert(0, f"{os.path.join(directory, *parts[:-1])}.{parts[-1]}")
    for path in tried:
        if os.path.isfile(path):
            return path
    raise BadOption(
        f"the library {key} has no file {'/'.join(parts)}.mlsql",
        option="path",
        hint=_closest(directory, parts),
    )


def _library_of(ctx: Context, name: str) -> tuple[str, list[str]]:
    """The directory of a library and the dotted rest of a name."""
    if "/" in name:
        site, _, rest = name.partition("/")
        user, _, rest = rest.partition("/")
        repository, _, rest = rest.partition(".")
        called = "/".join([site, user, repository])
        key = ctx.variables.get(ALIAS + called) or called
    else:
        called, _, rest = name.partition(".")
        key = ctx.variables.get(ALIAS + called) or ""
    if not key or not os.path.isfile(os.path.join(_root(ctx), *key.split("/"), MANIFEST)):
        known = [n.removeprefix(ALIAS) for n in ctx.variables.names() if n.startswith(ALIAS)]
        raise BadOption(
            f'no library "{called}"',
            option="path",
            hint=did_you_mean(called, known)
            or f'include lib.`github.com/user/repo` where alias="{called}"; first',
        )
    if not rest:
        raise BadOption(f'"{name}" names no file of a library', option="path", hint=f"{called}.package.file")
    return key, rest.split(".")


def _closest(directory: str, parts: Sequence[str]) -> str | None:
    """The nearest name where the path of a file stops to exist."""
    for part in parts:
        if not os.path.isdir(os.path.join(directory, part)):
            there = [entry.partition(".")[0] for entry in os.listdir(directory) if not entry.startswith(".")]
            return did_you_mean(part, there)
        directory = os.path.join(directory, part)
    return None


def _root(ctx: Context) -> str:
    return os.path.abspath(os.path.expanduser(ctx.settings.libraries))


def _check_out(ctx: Context, clone: str, commit: str) -> None:
    """Have the files of a commit, a tag or a branch."""
    try:
        _git(ctx, ["-C", clone, "checkout", "--quiet", "--detach", commit, "--"])
    except CommandError:
        try:
            _git(ctx, ["-C", clone, "checkout", "--quiet", "--detach", f"origin/{commit}", "--"])
        except CommandError:
            raise BadOption(f'the library has no commit, tag or branch "{commit}"', option="commit") from None


def _git(ctx: Context, words: Sequence[str]) -> None:
    """Run git; it asks nobody for passwords. ``CommandError`` with what it says."""
    program = shutil.which("git")
    if program is None:
        raise MissingPackage("include lib needs the program git", hint="apt-get install git")
    asked = ["env", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", program, *words]
    output = run_program(asked, ignore, ctx.on_cancel, ctx.settings.log_lines)
    if output.status:
        lines = [line for line in output.lines("stderr") if line.startswith(("fatal:", "error:"))]
        said = (lines or [output.last_line("stderr")])[0]
        raise CommandError(f"git: {_shown(said.removeprefix('fatal: '))}").about("path")


def _shown(text: str) -> str:
    """A text without the user and password of a URL."""
    return _CREDENTIALS.sub("//", text)
