"""A directory as rows, and back byte for byte; hostile and damaged rows are refused."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer.errors import ByzerError
from pybyzer.models import archive
from pybyzer.models.shape import is_archive


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A directory with what makes trouble: empty, large, nested, executable, linked, long-named."""
    root = tmp_path / "model"
    (root / "variables" / "empty").mkdir(parents=True)
    (root / "model" / "mod").mkdir(parents=True)
    (root / "none").write_bytes(b"")
    (root / "a.bin").write_bytes(os.urandom(65536 * 3 + 17))
    (root / "model" / "mod" / ("long" * 40)).write_bytes(b"x" * 512)
    (root / "variables" / "运行.sh").write_bytes(b"#!/bin/sh\n")
    (root / "variables" / "运行.sh").chmod(0o755)
    (root / "variables" / "link").symlink_to("../a.bin")
    return root


def contents(root: Path) -> dict[str, object]:
    """Every path below a directory with what it is."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        else:
            found[name] = "directory" if path.is_dir() else (path.stat().st_mode, path.read_bytes())
    return found


def table(*values: bytes) -> pa.Table:
    """Archive rows of these pieces."""
    starts = [sum(len(v) for v in values[:i]) for i in range(len(values))]
    return pa.table([starts, [len(v) for v in values], values], schema=archive.archive_schema())


def opener(rows: pa.Table) -> archive.Rows:
    return rows.to_batches


def tar_of(members: Iterable[tarfile.TarInfo], content: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_a_directory_comes_back_byte_for_byte(model: Path, tmp_path: Path) -> None:
    archive.unpack(lambda: archive.pack(str(model)), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(model)


def test_rows_say_where_they_are(model: Path) -> None:
    rows = archive.pack(str(model)).read_all()
    values = rows.column("value").to_pylist()
    assert rows.column("offset").to_pylist() == [len(v) for v in values]
    assert rows.column("start").to_pylist() == [sum(map(len, values[:i])) for i in range(len(values))]
    assert max(len(v) for v in values) <= 65536


def test_a_single_file_is_a_model_too(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"pickled")
    archive.unpack(lambda: archive.pack(str(tmp_path / "model.pkl")), str(tmp_path / "back"))
    assert contents(tmp_path / "back").keys() == {"model.pkl"}


def test_rows_in_any_order(model: Path, tmp_path: Path) -> None:
    rows = archive.pack(str(model)).read_all()
    mixed = rows.take(list(range(rows.num_rows))[::-1])
    archive.unpack(opener(mixed), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(model)


def test_old_tables_without_end_blocks(tmp_path: Path) -> None:
    stream = tar_of([member("est/x")], b"old")
    archive.unpack(opener(table(stream[:512], stream[512:1024])), str(tmp_path / "back"))
    assert (tmp_path / "back" / "est" / "x").read_bytes() == b"old"


def test_unpacking_replaces_what_was_there(model: Path, tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "stale").write_text("old")
    archive.unpack(lambda: archive.pack(str(model)), str(tmp_path / "back"))
    assert not (tmp_path / "back" / "stale").exists()


def test_a_link_out_of_the_directory_is_stored_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"weights")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").symlink_to(tmp_path / "blob")
    archive.unpack(lambda: archive.pack(str(tmp_path / "model")), str(tmp_path / "back"))
    assert contents(tmp_path / "back")["weights"][1] == b"weights"  # type: ignore[index]


@pytest.mark.parametrize(
    "members",
    [
        [member("../evil")],
        [member("a/../../evil")],
        [member("link", tarfile.SYMTYPE, "/etc")],
        [member("link", tarfile.SYMTYPE, "../..")],
        [member("up", tarfile.SYMTYPE, "."), member("up/up2", tarfile.SYMTYPE, "../.."), member("up2/evil")],
        [member("hard", tarfile.LNKTYPE, "../../secret")],
        [member("device", tarfile.CHRTYPE)],
    ],
    ids=lambda members: members[-1].name,
)
def test_a_member_that_escapes_is_refused(members: list[tarfile.TarInfo], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(ByzerError, match=r'member "(\.\./evil|a/../../evil|link|up/up2|hard|device)"'):
        archive.unpack(opener(table(tar_of(members, b"boo"))), str(tmp_path / "in" / "back"))
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "secret"]


def test_an_absolute_name_stays_inside(tmp_path: Path) -> None:
    archive.unpack(opener(table(tar_of([member("/x")], b"1"))), str(tmp_path / "back"))
    assert (tmp_path / "back" / "x").read_bytes() == b"1"


def test_damage_is_named(model: Path, tmp_path: Path) -> None:
    rows = archive.pack(str(model)).read_all()
    with pytest.raises(ByzerError, match="rows hold"):
        archive.unpack(opener(pa.concat_tables([rows[:1], rows[2:]])), str(tmp_path / "back"))
    with pytest.raises(ByzerError, match=r'"a.bin" is cut short: \d+ of 196625 bytes'):
        archive.unpack(opener(rows[:2]), str(tmp_path / "back"))
    with pytest.raises(ByzerError, match="empty file"):
        archive.unpack(opener(rows[:0]), str(tmp_path / "back"))
    with pytest.raises(ByzerError, match="truncated header"):
        archive.unpack(opener(table(b"not a tar")), str(tmp_path / "back"))
    assert not (tmp_path / "back").exists()


def test_a_row_without_a_value_is_named() -> None:
    rows = pa.table([[0], [512], [None]], schema=archive.archive_schema())
    with pytest.raises(ByzerError, match="start=0 has no value"):
        archive.members(opener(rows))


def test_a_failed_unpack_leaves_the_earlier_directory(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ByzerError):
        archive.unpack(opener(table(b"x" * 512)), str(model))
    assert (model / "none").exists()


def test_members_are_listed(model: Path) -> None:
    names = [m.name for m in archive.members(lambda: archive.pack(str(model)))]
    assert "a.bin" in names
    assert "variables/empty" in names
    rows = archive.pack(str(model)).read_all()
    mixed = rows.take(list(range(rows.num_rows))[::-1])
    assert [m.name for m in archive.members(opener(mixed))] == names


def test_what_an_archive_table_is() -> None:
    assert is_archive(archive.archive_schema())
    other = pa.schema([("start", pa.int64()), ("offset", pa.int64()), ("value", pa.string())])
    assert not is_archive(other)


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(ByzerError, match="no such file"):
        archive.pack(str(tmp_path / "nothing"))
