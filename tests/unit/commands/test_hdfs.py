"""!hdfs and relatives: Hadoop's rules on real directories, an fsspec URL, and below a home prefix."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from pybyzer import Session, Settings
from pybyzer.errors import (
    BadOption,
    CommandError,
    Interrupted,
    MissingPackage,
    TooLarge,
    UnknownName,
    Unsupported,
)
from pybyzer.filesystem import look
from tests.unit.commands.conftest import Notebook


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """a.txt (5 bytes), b.csv, and a directory sub with c.txt."""
    (tmp_path / "a.txt").write_text("alpha")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.txt").write_text("gamma")
    return tmp_path


def text(notebook: Notebook, command: str) -> str:
    rows = notebook.run(f"!hdfs {command};")
    assert [list(row) for row in rows] == [["fileSystem"]]
    return str(rows[0]["fileSystem"])


# -- looking -------------------------------------------------------------------------------


def test_ls_looks_like_hadoop(notebook: Notebook, tree: Path) -> None:
    os.chmod(tree / "a.txt", 0o640)
    os.utime(tree / "a.txt", (0, 1_700_000_000))
    lines = text(notebook, f'-ls "{tree}/"').splitlines()
    assert lines[0] == "Found 3 items"
    words = lines[1].split()
    assert (words[0], words[1], words[4:]) == (
        "-rw-r-----",
        "1",
        ["5", "2023-11-14", "22:13", f"{tree}/a.txt"],
    )
    assert lines[3].startswith("drwx")
    assert lines[3].split()[1] == "-"


def test_ls_of_a_file_an_empty_directory_and_a_pattern(notebook: Notebook, tree: Path) -> None:
    assert len(text(notebook, f'-ls "{tree}/a.txt"').splitlines()) == 1
    (tree / "empty").mkdir()
    assert text(notebook, f'-ls "{tree}/empty"') == ""
    listed = text(notebook, f'-ls "{tree}/*.*"').splitlines()
    assert [line.split()[-1] for line in listed] == [f"{tree}/a.txt", f"{tree}/b.csv"]


@pytest.mark.parametrize("command", ["-lsr", "-ls -R"])
def test_recursive_listing(notebook: Notebook, tree: Path, command: str) -> None:
    listed = text(notebook, f'{command} "{tree}"').splitlines()
    names = [line.split()[-1].removeprefix(f"{tree}/") for line in listed]
    assert names == ["a.txt", "b.csv", "sub", "sub/c.txt"]


def test_ls_as_columns(notebook: Notebook, tree: Path) -> None:
    rows = notebook.run(f'!hdfs -ls -F "{tree}";')
    assert list(rows[0]) == list(look.COLUMNS)
    assert [(row["name"], row["length"]) for row in rows] == [("a.txt", "5"), ("b.csv", "8"), ("sub", "0")]


def test_missing_path_is_an_error_with_the_closest(notebook: Notebook, tree: Path) -> None:
    with pytest.raises(CommandError, match=r"ls: .*a.txx': No such file or directory") as caught:
        notebook.run(f'!hdfs -ls "{tree}/a.txx";')
    assert caught.value.hint == 'did you mean "a.txt"?'
    assert caught.value.span is not None
    assert caught.value.span.text == f"{tree}/a.txx"


def test_cat_joins_files(notebook: Notebook, tree: Path) -> None:
    assert text(notebook, f'-cat "{tree}/a.txt" "{tree}/sub/*"') == "alphagamma"


def test_cat_refuses_directories_and_what_is_too_large(notebook: Notebook, tree: Path) -> None:
    with pytest.raises(CommandError, match="Is a directory"):
        notebook.run(f'!hdfs -cat "{tree}/sub";')
    with open(tree / "big", "wb") as file:
        file.truncate(look.LARGEST_TEXT + 1)
    with pytest.raises(TooLarge, match="big': more than 16 MB"):
        notebook.run(f'!hdfs -cat "{tree}/big";')


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_text_unpacks(notebook: Notebook, tmp_path: Path, module: object) -> None:
    (tmp_path / "packed").write_bytes(module.compress(b"line\n"))  # type: ignore[attr-defined]
    assert text(notebook, f'-text "{tmp_path}/packed"') == "line\n"


def test_text_of_a_broken_archive_names_the_file(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(gzip.compress(b"line\n" * 1000)[:30])
    with pytest.raises(CommandError, match="packed': "):
        notebook.run(f'!hdfs -text "{tmp_path}/packed";')


def test_head_and_tail_show_a_kilobyte(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a" * 2000 + "z" * 2000)
    assert text(notebook, f'-head "{tmp_path}/f"') == "a" * 1024
    assert text(notebook, f'-tail "{tmp_path}/f"') == "z" * 1024


def test_du_and_count(notebook: Notebook, tree: Path) -> None:
    assert text(notebook, f'-du -s "{tree}"').split() == ["18", "18", str(tree)]
    assert [line.split()[0] for line in text(notebook, f'-du "{tree}"').splitlines()] == ["5", "8", "5"]
    assert text(notebook, f'-count "{tree}"').split() == ["2", "3", "18", str(tree)]


def test_human_sizes(notebook: Notebook, tmp_path: Path) -> None:
    with open(tmp_path / "f", "wb") as file:
        file.truncate(1536)
    assert text(notebook, f'-du -h "{tmp_path}/f"').startswith("1.5 K")


@pytest.mark.parametrize(
    ("flags", "name", "answer"),
    [
        ("-e", "a.txt", "true"),
        ("-e", "no", "false"),
        ("-d", "sub", "true"),
        ("-d", "a.txt", "false"),
        ("-f", "a.txt", "true"),
        ("-f", "sub", "false"),
        ("-s", "a.txt", "true"),
        ("-z", "a.txt", "false"),
    ],
)
def test_test(notebook: Notebook, tree: Path, flags: str, name: str, answer: str) -> None:
    assert text(notebook, f'-test {flags} "{tree}/{name}"') == answer


def test_stat(notebook: Notebook, tree: Path) -> None:
    os.utime(tree / "a.txt", (0, 1_700_000_000))
    assert text(notebook, f'-stat "{tree}/a.txt"') == "2023-11-14 22:13:20\n"
    assert text(notebook, f'-stat "%n %b %F %Y" "{tree}/a.txt"') == "a.txt 5 regular file 1700000000000\n"


# -- changing ------------------------------------------------------------------------------


def test_mkdir(notebook: Notebook, tmp_path: Path) -> None:
    text(notebook, f'-mkdir "{tmp_path}/one"')
    text(notebook, f'-mkdir -p "{tmp_path}/x/y/z" "{tmp_path}/one"')
    assert (tmp_path / "x/y/z").is_dir()
    with pytest.raises(CommandError, match="one': File exists"):
        notebook.run(f'!hdfs -mkdir "{tmp_path}/one";')
    with pytest.raises(CommandError, match="no': No such file or directory"):
        notebook.run(f'!hdfs -mkdir "{tmp_path}/no/way";')


def test_rm(notebook: Notebook, tree: Path) -> None:
    assert text(notebook, f'-rm "{tree}/a.txt"') == f"Deleted {tree}/a.txt\n"
    assert not (tree / "a.txt").exists()
    with pytest.raises(CommandError, match="sub': Is a directory"):
        notebook.run(f'!hdfs -rm "{tree}/sub";')
    with pytest.raises(CommandError, match="No such file"):
        notebook.run(f'!hdfs -rm "{tree}/a.txt";')
    assert text(notebook, f'-rm -f "{tree}/a.txt" "{tree}/*.none"') == ""
    text(notebook, f'-rmr "{tree}/sub"')
    assert not (tree / "sub").exists()


def test_rm_of_a_link_leaves_what_it_points_to(notebook: Notebook, tree: Path) -> None:
    (tree / "link").symlink_to(tree / "sub")
    text(notebook, f'-rm -r "{tree}/link"')
    assert not (tree / "link").is_symlink()
    assert (tree / "sub/c.txt").exists()


def test_the_root_is_not_removed(notebook: Notebook) -> None:
    with pytest.raises(CommandError, match="not removed"):
        notebook.run("!hdfs -rm -r /;")


def test_rmdir(notebook: Notebook, tree: Path) -> None:
    with pytest.raises(CommandError, match="not empty"):
        notebook.run(f'!hdfs -rmdir "{tree}/sub";')
    (tree / "sub/c.txt").unlink()
    text(notebook, f'-rmdir "{tree}/sub"')
    assert not (tree / "sub").exists()


@pytest.mark.parametrize("command", ["-put", "-get", "-cp", "-copyFromLocal", "-copyToLocal"])
def test_copies(notebook: Notebook, tree: Path, command: str) -> None:
    text(notebook, f'{command} "{tree}/a.txt" "{tree}/copy.txt"')
    assert (tree / "copy.txt").read_text() == "alpha"
    text(notebook, f'{command} "{tree}/a.txt" "{tree}/b.csv" "{tree}/sub"')
    assert sorted(path.name for path in (tree / "sub").iterdir()) == ["a.txt", "b.csv", "c.txt"]
    text(notebook, f'{command} "{tree}/sub" "{tree}/sub2"')
    assert (tree / "sub2/c.txt").read_text() == "gamma"
    assert not list(tree.rglob("*_COPYING_"))


def test_copy_does_not_replace_without_f(notebook: Notebook, tree: Path) -> None:
    with pytest.raises(CommandError, match=r"b.csv': File exists"):
        notebook.run(f'!hdfs -cp "{tree}/a.txt" "{tree}/b.csv";')
    assert (tree / "b.csv").read_text() == "x,y\n1,2\n"
    text(notebook, f'-cp -f "{tree}/a.txt" "{tree}/b.csv"')
    assert (tree / "b.csv").read_text() == "alpha"


def test_copies_that_cannot_be(notebook: Notebook, tree: Path) -> None:
    with pytest.raises(CommandError, match="same file"):
        notebook.run(f'!hdfs -cp -f "{tree}/a.txt" "{tree}/a.txt";')
    with pytest.raises(CommandError, match="into itself"):
        notebook.run(f'!hdfs -cp "{tree}/sub" "{tree}/sub/inner";')
    with pytest.raises(CommandError, match="No such directory"):
        notebook.run(f'!hdfs -cp "{tree}/a.txt" "{tree}/b.csv" "{tree}/none";')
    with pytest.raises(CommandError, match="none': No such file"):
        notebook.run(f'!hdfs -put "{tree}/a.txt" "{tree}/none/a.txt";')


def test_mv(notebook: Notebook, tree: Path) -> None:
    text(notebook, f'-mv "{tree}/a.txt" "{tree}/sub"')
    assert (tree / "sub/a.txt").read_text() == "alpha"
    assert not (tree / "a.txt").exists()
    with pytest.raises(CommandError, match=r"c.txt': File exists"):
        notebook.run(f'!hdfs -mv "{tree}/b.csv" "{tree}/sub/c.txt";')


def test_touchz_and_append(notebook: Notebook, tree: Path) -> None:
    text(notebook, f'-touchz "{tree}/new"')
    assert (tree / "new").read_bytes() == b""
    with pytest.raises(CommandError, match="zero-length"):
        notebook.run(f'!hdfs -touchz "{tree}/a.txt";')
    text(notebook, f'-appendToFile "{tree}/a.txt" "{tree}/b.csv" "{tree}/new"')
    assert (tree / "new").read_text() == "alphax,y\n1,2\n"


def test_getmerge_leaves_out_headers_of_all_but_the_first(notebook: Notebook, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"part{number}.csv").write_text(f"head\nrow{number}\n")
    rows = notebook.run(f'!hdfs utils getmerge "{tmp_path}/part*.csv" "{tmp_path}/all.csv" 1;')
    assert rows == [{"message": "SUCCESS"}]
    assert (tmp_path / "all.csv").read_text() == "head\nrow1\nrow2\n"
    notebook.run(f'!hdfs utils getmerge _ -source "{tmp_path}/part*.csv" -target "{tmp_path}/two.csv";')
    assert (tmp_path / "two.csv").read_text() == "head\nrow1\nhead\nrow2\n"


def test_unknown_operations_and_options(notebook: Notebook) -> None:
    with pytest.raises(UnknownName, match='!hdfs has no "-lss"') as caught:
        notebook.run("!fs -lss /;")
    assert "-ls" in str(caught.value.hint)
    with pytest.raises(BadOption, match="no option -q"):
        notebook.run("!hdfs -ls -q /;")
    with pytest.raises(Unsupported, match="-chmod"):
        notebook.run("!hdfs -chmod 777 /tmp;")
    with pytest.raises(BadOption, match="Protocol not known"):
        notebook.run('!hdfs -ls "nope://x/y";')
    with pytest.raises(CommandError, match="a path is missing"):
        notebook.run("!hdfs -cat;")


def test_protocol_without_its_package(notebook: Notebook) -> None:
    with pytest.raises(MissingPackage, match="abfs:// paths need a package"):
        notebook.run('!hdfs -ls "abfs://container/x";')


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_directory(notebook: Notebook, tree: Path) -> None:
    os.chmod(tree / "sub", 0o500)
    try:
        with pytest.raises(CommandError, match="Permission denied"):
            notebook.run(f'!hdfs -put "{tree}/a.txt" "{tree}/sub";')
    finally:
        os.chmod(tree / "sub", 0o700)


def test_names_that_are_no_text(notebook: Notebook, tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9", "w"):
        pass
    assert text(notebook, f'-ls "{tmp_path}"').endswith("/caf\ufffd\n")
    assert [row["name"] for row in notebook.run(f"!ls {tmp_path};")] == ["caf\ufffd"]


def test_links(notebook: Notebook, tree: Path) -> None:
    (tree / "sub/loop").symlink_to(tree / "sub")
    (tree / "broken").symlink_to(tree / "nowhere")
    listed = text(notebook, f'-ls -R "{tree}"').splitlines()
    assert [line.split()[-1].removeprefix(f"{tree}/") for line in listed] == [
        *("a.txt", "b.csv", "broken", "sub", "sub/c.txt", "sub/loop")
    ]
    with pytest.raises(CommandError, match="loop': a link to a directory around it"):
        notebook.run(f'!hdfs -cp "{tree}/sub" "{tree}/copy";')
    with pytest.raises(CommandError, match="broken': No such file"):
        notebook.run(f'!hdfs -cp "{tree}/broken" "{tree}/copy2";')


def test_pipes_are_not_read(notebook: Notebook, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for command in ("-cat", "-text", "-head", "-tail"):
        with pytest.raises(CommandError, match="pipe': Is a pipe or socket"):
            notebook.run(f'!hdfs {command} "{tmp_path}/pipe";')
    with pytest.raises(CommandError, match="Is a pipe or socket"):
        notebook.run(f'!hdfs -cp "{tmp_path}/pipe" "{tmp_path}/copy";')


# -- URLs and home -------------------------------------------------------------------------


def test_urls(notebook: Notebook, tree: Path) -> None:
    text(notebook, f'-put "{tree}/sub" "memory://commands/sub"')
    assert text(notebook, '-cat "memory://commands/sub/c.txt"') == "gamma"
    listed = text(notebook, '-ls "memory://commands/sub"').splitlines()
    assert listed[1].split()[-1] == "memory://commands/sub/c.txt"
    text(notebook, f'-get "memory://commands/sub/c.txt" "{tree}/back.txt"')
    assert (tree / "back.txt").read_text() == "gamma"
    text(notebook, '-rm -r "memory://commands"')
    assert text(notebook, '-test -e "memory://commands"') == "false"


class FullDisk(MemoryFileSystem):
    """A file system that takes no byte."""

    protocol = "full"

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        if "w" in mode:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return super()._open(path, mode, **options)


def test_full_disk(notebook: Notebook, tree: Path) -> None:
    fsspec.register_implementation("full", FullDisk, clobber=True)
    with pytest.raises(CommandError, match=r"put: .*No space left on device") as caught:
        notebook.run(f'!hdfs -put "{tree}/a.txt" "full://x/a.txt";')
    assert caught.value.span is not None


@pytest.fixture
def at_home(tmp_path: Path, engine_name: str) -> Iterator[Notebook]:
    """A session whose paths begin in tmp_path/home/me."""
    (tmp_path / "home/me").mkdir(parents=True)
    settings = Settings(
        engine=engine_name, home=str(tmp_path / "home"), owner="me", lake=str(tmp_path / "lake")
    )
    with Session(settings) as session:
        yield Notebook(session)


def test_paths_begin_at_home(at_home: Notebook, tmp_path: Path) -> None:
    (tmp_path / "local.txt").write_text("here")
    text(at_home, f'-put "{tmp_path}/local.txt" /x.txt')
    assert (tmp_path / "home/me/x.txt").read_text() == "here"
    assert text(at_home, "-ls /").splitlines()[1].split()[-1] == "/x.txt"
    assert text(at_home, '-ls "/*.txt"').split()[-1] == "/x.txt"
    text(at_home, f'-get /x.txt "{tmp_path}/back.txt"')
    assert (tmp_path / "back.txt").read_text() == "here"
    with pytest.raises(CommandError, match="not removed"):
        at_home.run("!hdfs -rm -r /;")
    with pytest.raises(BadOption, match="must not contain"):
        at_home.run("!hdfs -ls ../other;")


def test_copy_from_local(at_home: Notebook, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/f").write_text("1")
    at_home.run(f'!copyFromLocal "{tmp_path}/raw" /deep/dst;')
    assert (tmp_path / "home/me/deep/dst/f").read_text() == "1"  # what is missing becomes the copy
    (tmp_path / "raw/f").write_text("2")
    assert at_home.run(f'!copyFromLocal "{tmp_path}/raw" /deep/dst;') == []
    assert (tmp_path / "home/me/deep/dst/raw/f").read_text() == "2"  # what exists holds the copy
    at_home.run(f'!copyFromLocal "{tmp_path}/raw/f" /deep/dst/f;')
    assert (tmp_path / "home/me/deep/dst/f").read_text() == "2"  # files are replaced
    assert at_home.shown is not None
    assert at_home.shown.column_names == ["content"]
    with pytest.raises(CommandError, match="No such file"):
        at_home.run(f'!copyFromLocal "{tmp_path}/none" /x;')


# -- relatives -----------------------------------------------------------------------------


def test_ls_exists_and_file_status(notebook: Notebook, tree: Path) -> None:
    rows = notebook.run(f"!ls {tree};")
    assert [(r["name"], r["isDir"], r["byteLength"]) for r in rows] == [
        ("a.txt", False, 5),
        ("b.csv", False, 8),
        ("sub", True, 0),
    ]
    assert notebook.run(f"!fileStatus {tree}/a.txt;") == rows[:1]
    assert notebook.run(f"!exists {tree}/a.txt;") == [{"isExists": "true"}]
    assert notebook.run(f"!exists {tree}/none;") == [{"isExists": "false"}]
    with pytest.raises(CommandError, match=r"fileStatus: .*none"):
        notebook.run(f"!fileStatus {tree}/none;")


def test_stop_ends_a_copy_and_leaves_nothing(session: Session, tmp_path: Path) -> None:
    unfinished = tmp_path / "copy._COPYING_"

    def stop() -> None:
        while not (unfinished.exists() and unfinished.stat().st_size):
            time.sleep(0.01)
        session.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Interrupted):
        session.run_text(f'!hdfs -cp /dev/zero "{tmp_path}/copy";')  # a file without end
    stopper.join()
    assert list(tmp_path.glob("copy*")) == []
