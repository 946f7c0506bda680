"""Libraries: cloned whole or not at all, found by name, and nothing that is no library."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import pytest

from pybyzer import Session
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, CommandError, Interrupted
from pybyzer.events import ignore
from pybyzer.libraries import Library, find, install


def git(directory: Path, *words: str) -> None:
    who = ("-c", "user.email=a@b", "-c", "user.name=n")
    subprocess.run(["git", *who, *words], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A library with two versions of one script; ``v1`` and the branch ``old`` are the first."""
    root = tmp_path / "user" / "repo"
    (root / "pkg").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (root / "package.json").write_text("{}")
    (root / "pkg" / "a.mlsql").write_text("first")
    (root / "pkg" / "code.py").write_text("python")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "1")
    git(root, "tag", "v1")
    git(root, "branch", "old/one")
    (root / "pkg" / "a.mlsql").write_text("second")
    git(root, "commit", "-q", "-a", "-m", "2")
    return root


@pytest.fixture
def ctx(session: Session) -> Context:
    return session._context(ignore, None)


@pytest.mark.parametrize(
    ("path", "mirror", "url", "key"),
    [
        ("github.com/u/r", "", "https://github.com/u/r", "github.com/u/r"),
        ("github.com/u/r.git", "", "https://github.com/u/r.git", "github.com/u/r"),
        ("github.com/u/r", "gitee.com", "https://gitee.com/u/r", "github.com/u/r"),
        ("github.com/u/r", "file:///mirror/", "file:///mirror/u/r", "github.com/u/r"),
        ("https://me:pw@host:8080/u/r", "", "https://me:pw@host:8080/u/r", "host_8080/u/r"),
        ("ssh://git@host/u/r.git", "", "ssh://git@host/u/r.git", "host/u/r"),
        ("file:///a/b", "", "file:///a/b", "file/a/b"),
    ],
)
def test_names(path: str, mirror: str, url: str, key: str) -> None:
    assert Library.named(path, mirror) == Library(url, key)


@pytest.mark.parametrize(
    "path",
    [
        *("", "repo", "user/repo", "a/b/c/d", "a/../c", "a/b/-c", "a//c", "/a/b/c", "a b/c/d"),
        *("ext::sh -c x", "ext://a/b", "http://", "file://", "--upload-pack=x/b/c", "file:///a/../b"),
    ],
)
def test_what_is_no_library(path: str) -> None:
    with pytest.raises(BadOption):
        Library.named(path)


def test_an_error_shows_no_password() -> None:
    with pytest.raises(BadOption) as caught:
        Library.named("https://me:pw@host/../x")
    assert "pw" not in caught.value.render()


def text_of(ctx: Context, repository: Path, commit: str = "") -> str:
    key = install(ctx, f"file://{repository}", commit=commit)
    ctx.variables.set_plain("__lib__lib", key)
    return Path(find(ctx, "lib.pkg.a")).read_text()


def test_versions_stand_beside_one_another(ctx: Context, repository: Path) -> None:
    asked = ["git", "rev-parse", "HEAD~1"]
    head = subprocess.run(asked, cwd=repository, check=True, capture_output=True, text=True)
    for _ in range(2):
        assert text_of(ctx, repository) == "second"
        assert text_of(ctx, repository, "v1") == "first"
        assert text_of(ctx, repository, "old/one") == "first"
        assert text_of(ctx, repository, head.stdout.strip()[:10]) == "first"


def test_files_by_name(ctx: Context, repository: Path) -> None:
    text_of(ctx, repository)
    assert find(ctx, "lib.pkg.a.mlsql").endswith("/pkg/a.mlsql")
    assert find(ctx, "lib.pkg.code").endswith("/pkg/code.py")
    for name in (
        "lib",
        "lib.",
        "lib.pkg",
        "lib.pkg.b",
        "lib...package",
        "lib.pkg.*",
        "other.pkg.a",
        "a/b/c.pkg",
    ):
        with pytest.raises(BadOption):
            find(ctx, name)


def test_a_new_clone_that_fails_leaves_the_old_one(ctx: Context, repository: Path) -> None:
    text_of(ctx, repository)
    git(repository, "rm", "-q", "package.json")
    git(repository, "commit", "-q", "-m", "3")
    with pytest.raises(BadOption, match="no library"):
        install(ctx, f"file://{repository}", force=True)
    assert Path(find(ctx, "lib.pkg.a")).read_text() == "second"
    repository.rename(repository.with_name("gone"))
    with pytest.raises(CommandError, match="git"):
        install(ctx, f"file://{repository}", force=True)
    assert Path(find(ctx, "lib.pkg.a")).read_text() == "second"
    assert [p.name for p in Path(find(ctx, "lib.pkg.a")).parents[2].iterdir()] == ["repo"]


@pytest.mark.parametrize("commit", ["nothing", "--orphan", "a b", "$(x)"])
def test_commits_that_are_none(ctx: Context, repository: Path, commit: str) -> None:
    with pytest.raises(BadOption) as caught:
        install(ctx, f"file://{repository}", commit=commit)
    assert caught.value.option == "commit"


def test_stop_ends_a_clone_and_leaves_nothing(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git that never comes to an end."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    running = tmp_path / "running"
    program.write_text(f"#!/bin/sh\ntouch {running}\nexec /bin/sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    def stop() -> None:
        for _ in range(200):
            if running.exists():
                break
            time.sleep(0.1)
        session.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Interrupted):
        session.run_text("include lib.`github.com/u/r`;")
    stopper.join()
    assert list((tmp_path / "libraries" / "github.com" / "u").iterdir()) == []


def test_a_machine_without_git(ctx: Context, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ByzerError, match="needs the program git"):
        install(ctx, f"file://{repository}")
