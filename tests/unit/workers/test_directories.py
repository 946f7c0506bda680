"""Directories as tables that are files: packed in large pieces, read where they lie, linked into the lake."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

import pyarrow as pa
import pytest
from pybyzer_worker import directories, spool, stored
from pyjava.storage import streaming_tar

from pybyzer import Session, Settings
from pybyzer_magics.router import route

SIZES = (0, 1, 511, 512, 513, 65_535, 65_536, 65_537, stored.GROUP - 1024, stored.GROUP, 3 * stored.GROUP + 7)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "deep" / "empty").mkdir(parents=True)
    for size in SIZES:
        (folder / f"{size:09d}.bin").write_bytes(os.urandom(size))
        (folder / "deep" / f"{size:09d}.bin").write_bytes(os.urandom(size // 3))
    (folder / "link").symlink_to("deep")
    return folder


def content(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("size", [1000, 65_536, stored.GROUP])
def test_chunks_are_the_stream_of_the_rows(model: Path, size: int) -> None:
    found = [bytes(chunk) for chunk in streaming_tar.chunks(model, size)]
    assert {len(chunk) for chunk in found[:-1]} == {size}
    assert b"".join(found) == b"".join(row["value"] for row in streaming_tar.build_rows_from_file(model))


def test_a_packed_directory_comes_back(model: Path, tmp_path: Path) -> None:
    result = directories.pack(str(model), [str(tmp_path / "disk")], "out")
    batches = list(spool.read(spool.cut(result["files"], 1)[0]))
    assert {batch.num_rows for batch in batches[:-1]} == {64}
    assert max(len(value) for batch in batches for value in batch.column("value").to_pylist()) == 65_536
    streaming_tar.unpack(directories.contents(batches), tmp_path / "back")
    assert content(tmp_path / "back") == content(model)
    odd = [batch.slice(first, 5) for batch in batches for first in range(0, batch.num_rows, 5)]
    streaming_tar.unpack(directories.contents(odd), tmp_path / "again")
    assert content(tmp_path / "again") == content(model)


def test_a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a").write_bytes(b"a" * 300_000)
    chunks = streaming_tar.chunks(tmp_path / "model", 65_536)
    next(chunks)
    (tmp_path / "model" / "a").write_bytes(b"")
    with pytest.raises(streaming_tar.BadArchive, match="became shorter"):
        list(chunks)


def test_rows_out_of_place_are_told(model: Path, tmp_path: Path) -> None:
    result = directories.pack(str(model), [str(tmp_path)], "out")
    first, second, *rest = spool.read(spool.cut(result["files"], 1)[0])
    with pytest.raises(streaming_tar.OutOfOrder, match="row 64 with start="):
        list(directories.contents([first, *rest]))
    with pytest.raises(streaming_tar.OutOfOrder, match="row 64 with start=0 should begin at"):
        list(directories.contents([first, first]))
    cut = second.set_column(1, "offset", pa.array([1] * second.num_rows))
    with pytest.raises(streaming_tar.BadArchive, match=r"row 64 .* has 65536 of 1 bytes"):
        list(directories.contents([first, cut]))


def test_rows_that_somebody_began_to_read_are_not_packed_again(model: Path) -> None:
    rows = streaming_tar.build_rows_from_file(model)
    assert directories.untouched(rows, stored.schema()) and directories.untouched(rows, None)
    assert not directories.untouched(rows, pa.schema([("value", pa.binary())]))
    next(rows)
    assert not directories.untouched(rows, None)


def run(session: Session, text: str) -> None:
    cell, front_end = route(text)
    session.run(front_end.statements(cell))


def test_a_model_is_one_file_from_a_cell_to_the_lake(model: Path, tmp_path: Path) -> None:
    lake, temporary = tmp_path / "lake", tmp_path / "other"
    pack = f'#%python\n#%output=m\n#%schema=file\ncontext.build_result_from_dir("{model}")\n'
    with Session(Settings(lake=str(lake))) as session:
        run(session, pack)
        kept = Path(session.engine.stream("m").files[0]["path"])
        session.run_text("save overwrite m as delta.`b.m`; load delta.`b.m` as n;")
        session.run_text("save overwrite n as delta.`b.copy`; load delta.`b.copy` as c;")
        for name in ("m", "copy"):
            (saved,) = (lake / "b" / name).glob("*.parquet")
            if saved.stat().st_dev == kept.stat().st_dev:
                assert saved.samefile(kept)
        session.run_text("select count(*) as n, sum(length(value)) as bytes from m as counted;")
        (row,) = session.table("counted").reader.read_all().to_pylist()
        assert row["bytes"] == sum(len(piece) for piece in streaming_tar.pieces(model))
        run(session, pack.replace(str(model), str(model / "deep")))
        session.engine.drop("counted")
        deadline = time.monotonic() + 20
        while kept.exists():
            assert time.monotonic() < deadline, "the file of a table that is gone stays"
            gc.collect()
            time.sleep(0.02)
        for name in ("n", "c"):
            back = temporary / name
            run(
                session,
                f"#%python\n#%input={name}\n#%output=done\n#%schema=st(field(a,long))\n"
                "from pyjava.api.mlsql import RayContext\n"
                f'RayContext.connect(globals(), None).fetch_as_dir("{back}")\n'
                'context.build_result([{"a": 1}])\n',
            )
            assert content(back) == content(model)
