"""Where data is, and which files are data."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pybyzer.connections import Connections
from pybyzer.errors import BadOption, MissingPackage, TooLarge
from pybyzer.sources.paths import Place, braces, explained, file_url, find, is_hidden, place


def _context(home: str = "") -> Any:
    def resolve(path: str, owner: str | None = None) -> str:
        return f"{home}/{owner}/{path}" if owner else path

    return SimpleNamespace(
        span=None,
        resolve=resolve,
        settings=SimpleNamespace(timezone="UTC", conf={}),
        connections=Connections(),
    )


def _tree(root: Path, *names: str) -> Place:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return place(_context(), str(root))


def _names(at: Place, **options: str) -> list[str]:
    root = at.path.split("*")[0]
    return [os.path.relpath(file.path, root) for file in find(at, options)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/a/*.csv", ["/a/*.csv"]),
        ("/{a,b}/x", ["/a/x", "/b/x"]),
        ("/{a,b}/{1,2}", ["/a/1", "/a/2", "/b/1", "/b/2"]),
        ("/{a,b{1,2}}", ["/a", "/b1", "/b2"]),
    ],
)
def test_braces(pattern: str, expected: list[str]) -> None:
    assert sorted(set(braces(pattern))) == expected


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("a", False), ("_a", True), (".a", True), ("_k=1", False), ("x._COPYING_", True), ("a_b", False)],
)
def test_hidden(name: str, hidden: bool) -> None:
    assert is_hidden(name) is hidden


def test_a_directory_gives_its_own_files_in_order(tmp_path: Path) -> None:
    at = _tree(tmp_path, "b.csv", "a.csv", "_SUCCESS", ".a.crc", "below/c.csv", "_temporary/d.csv")
    assert _names(at) == ["a.csv", "b.csv"]
    assert _names(at, recursiveFileLookup="true") == ["a.csv", "b.csv", "below/c.csv"]
    assert _names(at, pathGlobFilter="{b,c}.*") == ["b.csv"]


def test_partition_directories(tmp_path: Path) -> None:
    at = _tree(tmp_path, "k=1/a=x%2Fy/f", "k=__HIVE_DEFAULT_PARTITION__/a=z/f")
    assert [file.partition for file in find(at)] == [
        (("k", "1"), ("a", "x/y")),
        (("k", None), ("a", "z")),
    ]


def test_modified_before_and_after(tmp_path: Path) -> None:
    at = _tree(tmp_path, "old", "new")
    os.utime(tmp_path / "old", (1000, 1000))
    assert _names(at, modifiedBefore="2000-01-01T00:00:00") == ["old"]
    assert _names(at, modifiedAfter="2000-01-01T00:00:00") == ["new"]
    with pytest.raises(BadOption, match="modifiedAfter is not a time"):
        find(at, {"modifiedAfter": "soon"})


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "file:///{}"])
def test_local_urls(tmp_path: Path, form: str) -> None:
    at = place(_context(), form.format(tmp_path))
    assert at.local
    assert at.path == str(tmp_path)
    assert at.uri() == f"file:{tmp_path}"


def test_the_owner_option(tmp_path: Path) -> None:
    assert place(_context("/home"), "x/y", {"owner": "ann"}).path == "/home/ann/x/y"


def test_urls_are_written_as_spark_writes_them(tmp_path: Path) -> None:
    at = place(_context(), str(tmp_path))
    assert file_url(at, "/tmp/sub dir/x y%é.png") == "file:///tmp/sub%20dir/x%20y%25%C3%A9.png"


def test_missing_things_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"there is no file or directory .*/nothing"):
        find(place(_context(), str(tmp_path / "nothing")))
    with pytest.raises(BadOption, match=r"no file matches .*csv"):
        find(place(_context(), str(tmp_path / "*.csv")))
    with pytest.raises(BadOption, match="no data files in"):
        find(place(_context(), str(tmp_path)))
    with pytest.raises(BadOption, match="a path is needed"):
        place(_context(), "  ")


def test_a_url_without_its_package() -> None:
    with pytest.raises(MissingPackage) as caught:
        place(_context(), "gs://bucket/x")
    assert caught.value.hint == "pip install gcsfs"


def test_failures_name_the_path() -> None:
    with pytest.raises(TooLarge, match="cannot write x: no space left"), explained("write", "x"):
        raise OSError(28, "No space left on device")
    with pytest.raises(BadOption, match=r"cannot write x: permission denied \(/y\)"), explained("write", "x"):
        raise PermissionError(13, "Permission denied", "/y")
    with pytest.raises(BadOption, match=r"cannot read x: is a directory"), explained("read", "x"):
        raise IsADirectoryError(21, "Is a directory")
