"""A save is visible whole or not at all; a failed one leaves what was there."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.errors import BadOption, TooLarge
from pybyzer.sources import commit
from tests.unit.sources.support import load, rows, save

OLD = pa.table({"a": [1, 2]})
NEW = pa.table({"a": [3]})
FORMATS = ["parquet", "json", "csv", "orc"]


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """No file may grow beyond ``limit`` bytes: a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _everything(root: Path) -> list[str]:
    return sorted(os.listdir(root))


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk(session: Session, tmp_path: Path, form: str) -> None:
    at = tmp_path / "out" / "t"
    save(session, OLD, form, str(at))
    session.run_text("select id, sha2(cast(id as string), 256) as s from range(20000) as big;")
    with pytest.raises(TooLarge, match="no space left on the disk"), small_files(20_000):
        save(session, "big", form, str(at))
    assert load(session, form, str(at)).num_rows == 2
    assert _everything(at.parent) == ["t"]


@pytest.mark.parametrize("form", FORMATS)
def test_no_permission(session: Session, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = tmp_path / "out" / "t"
    save(session, OLD, form, str(at))

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(at))

    # The tests may run as root, who is never refused.
    monkeypatch.setattr(commit, "_exchange", refused)
    with pytest.raises(BadOption, match=r"cannot write .*: permission denied"):
        save(session, NEW, form, str(at))
    assert load(session, form, str(at)).num_rows == 2
    assert _everything(at.parent) == ["t"]


def test_replacing_without_the_systems_exchange(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "_exchanged_atomically", lambda *_: False)
    at = str(tmp_path / "t")
    save(session, OLD, "parquet", at)
    save(session, NEW, "parquet", at)
    assert rows(session, "parquet", at) == [{"a": 3}]
    assert _everything(tmp_path) == ["t"]


def test_replacing_fails_between_its_renames(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "_exchanged_atomically", lambda *_: False)
    at = str(tmp_path / "t")
    save(session, OLD, "parquet", at)
    rename, calls = os.rename, []

    def second_fails(source: str, goal: str) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        rename(source, goal)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(BadOption, match="input/output error"):
        save(session, NEW, "parquet", at)
    monkeypatch.undo()
    assert len(load(session, "parquet", at)) == 2
    assert _everything(tmp_path) == ["t"]


def test_an_append_that_fails_takes_its_files_back(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.implementations.local import LocalFileSystem

    at = str(tmp_path / "t")
    save(session, OLD, "parquet", at)
    move, calls = LocalFileSystem.mv, []

    def second_fails(self: LocalFileSystem, source: str, goal: str, **options: object) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        move(self, source, goal, **options)

    monkeypatch.setattr(LocalFileSystem, "mv", second_fails)
    with pytest.raises(BadOption, match="input/output error"):
        save(session, pa.table({"a": list(range(10))}), "parquet", at, "append", {"fileNum": "3"})
    assert len(calls) == 2
    assert len(load(session, "parquet", at)) == 2


def test_appended_rows_come_last(session: Session, tmp_path: Path) -> None:
    at = str(tmp_path / "t")
    for number in range(12):
        save(session, pa.table({"a": [number]}), "parquet", at, "append")
    assert [row["a"] for row in rows(session, "parquet", at)] == list(range(12))


@pytest.mark.parametrize("form", FORMATS)
def test_tables_over_replaced_files_keep_their_rows(session: Session, tmp_path: Path, form: str) -> None:
    at = str(tmp_path / "t")
    save(session, OLD, form, at)
    session.run_text(f"load {form}.`{at}` as before;")
    save(session, NEW, form, at)
    assert session.table("before").reader.read_all().num_rows == 2


def test_a_link_to_a_directory_stays_a_link(session: Session, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    save(session, OLD, "parquet", str(real))
    link.symlink_to(real)
    save(session, NEW, "parquet", str(link))
    assert link.is_symlink()
    assert rows(session, "parquet", str(real)) == [{"a": 3}]


def test_a_place_below_a_missing_directory_is_made(session: Session, tmp_path: Path) -> None:
    save(session, OLD, "json", str(tmp_path / "a" / "b" / "c"), "errorIfExists")
    assert _everything(tmp_path / "a" / "b") == ["c"]


def test_replacing_at_a_url(session: Session) -> None:
    at = "memory://replaced/t"
    save(session, OLD, "json", at)
    save(session, NEW, "json", at)
    assert rows(session, "json", at) == [{"a": 3}]
    with pytest.raises(BadOption, match="memory://replaced/t exists already"):
        save(session, NEW, "json", at, "errorIfExists")
