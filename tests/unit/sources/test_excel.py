"""Workbooks: passwords, damage, times in the session's zone, texts that look like formulas, sizes."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from pybyzer import ByzerError, Session, Settings
from pybyzer.errors import BadOption, TooLarge, Unsupported
from tests.unit.sources.support import load, rows, save

HEADER = {"header": "true"}
INFER = HEADER | {"inferSchema": "true"}


@pytest.fixture
def shanghai() -> Iterator[Session]:
    with Session(Settings(timezone="Asia/Shanghai")) as session:
        yield session


def test_times_are_of_the_sessions_zone(shanghai: Session, tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 250000, tzinfo=datetime.UTC)
    table = pa.table({"t": pa.array([moment, None], pa.timestamp("us", tz="UTC"))})
    save(shanghai, table, "excel", f"{tmp_path}/t.xlsx", options=HEADER)
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"].value == datetime.datetime(
        2024, 1, 2, 11, 4, 5, 250000
    )
    assert load(shanghai, "excel", f"{tmp_path}/t.xlsx", INFER).column("t").to_pylist() == [moment]


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "+1", "00012", "TRUE", "2020-01-01", " x ", "é中😀\n"])
def test_texts_stay_texts(text: str, session: Session, tmp_path: Path) -> None:
    save(session, pa.table({"t": [text]}), "excel", f"{tmp_path}/t.xlsx", options=HEADER)
    assert rows(session, "excel", f"{tmp_path}/t.xlsx", INFER) == [{"t": text}]


def test_what_a_cell_cannot_hold(session: Session, tmp_path: Path) -> None:
    path = f"{tmp_path}/t.xlsx"
    with pytest.raises(TooLarge, match="row 1: a text of 32768 characters"):
        save(session, pa.table({"t": ["x" * 32768]}), "excel", path, options=HEADER)
    with pytest.raises(BadOption, match="row 2: a control character"):
        save(session, pa.table({"t": ["x", "\x01"]}), "excel", path, options=HEADER)
    with pytest.raises(BadOption, match="cannot be the name of a sheet"):
        save(session, pa.table({"t": ["x"]}), "excel", path, options=HEADER | {"sheetName": "a/b"})
    assert list(tmp_path.iterdir()) == []


def test_a_failed_append_leaves_the_workbook(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    save(session, pa.table({"t": ["x"]}), "excel", str(path), options=HEADER)
    before = path.read_bytes()
    with pytest.raises(BadOption, match="control character"):
        save(session, pa.table({"t": ["\x01"]}), "excel", str(path), "append", HEADER)
    assert path.read_bytes() == before
    assert [child.name for child in tmp_path.iterdir()] == ["t.xlsx"]


def test_old_days_are_texts(session: Session, tmp_path: Path) -> None:
    table = pa.table({"d": [datetime.date(1850, 1, 2), datetime.date(2020, 1, 2)]})
    save(session, table, "excel", f"{tmp_path}/t.xlsx", options=HEADER)
    assert [row["d"] for row in rows(session, "excel", f"{tmp_path}/t.xlsx", HEADER)] == [
        "1850-01-02",
        "20-1-2 0:00",
    ]


def test_password(session: Session, tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    save(session, pa.table({"t": ["secret"]}), "excel", f"{tmp_path}/t.xlsx", options=HEADER)
    with open(tmp_path / "t.xlsx", "rb") as plain, open(tmp_path / "locked.xlsx", "wb") as locked:
        OOXMLFile(plain).encrypt("tiger", locked)
    path = f"{tmp_path}/locked.xlsx"
    assert rows(session, "excel", path, HEADER | {"workbookPassword": "tiger"}) == [{"t": "secret"}]
    with pytest.raises(BadOption, match="protected by a password"):
        load(session, "excel", path, HEADER)
    with pytest.raises(BadOption, match="does not open with this password"):
        load(session, "excel", path, HEADER | {"workbookPassword": "lion"})


def test_excel_before_2007(session: Session, tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(Unsupported, match="before 2007"):
        load(session, "excel", f"{tmp_path}/t.xls", HEADER)


def _without(path: Path, name: str) -> bytes:
    """A workbook without one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.namelist():
            if entry != name:
                target.writestr(entry, source.read(entry))
    return out.getvalue()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"])
def test_missing_part(part: str, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    save(session, pa.table({"t": ["x"]}), "excel", str(path), options=HEADER)
    path.write_bytes(_without(path, part))
    with pytest.raises(ByzerError, match=r"t\.xlsx"):
        load(session, "excel", str(path), HEADER)


def test_cut_off(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    save(session, pa.table({"t": ["x" * 1000] * 100}), "excel", str(path), options=HEADER)
    whole = path.read_bytes()
    for size in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:size])
        with pytest.raises(BadOption, match=r"t\.xlsx"):
            rows(session, "excel", str(path), HEADER)


def test_several_files(session: Session, tmp_path: Path) -> None:
    for index in range(2):
        save(session, pa.table({"n": [index]}), "excel", f"{tmp_path}/d{index}.xlsx", options=HEADER)
    assert rows(session, "excel", f"{tmp_path}/*.xlsx", INFER) == [{"n": 0.0}, {"n": 1.0}]
    save(session, pa.table({"m": ["x"]}), "excel", f"{tmp_path}/d2.xlsx", options=HEADER)
    with pytest.raises(BadOption, match="other columns"):
        load(session, "excel", f"{tmp_path}/*.xlsx", HEADER)


def test_rows_that_are_not_there(session: Session, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["A5"] = "n", 1, 2
    book.save(tmp_path / "t.xlsx")
    assert rows(session, "excel", f"{tmp_path}/t.xlsx", INFER) == [{"n": 1.0}, {"n": 2.0}]


def test_mixed_types_are_texts(session: Session, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, True], ["x", 2.5], [datetime.datetime(2020, 1, 2), None]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    table = load(session, "excel", f"{tmp_path}/t.xlsx", INFER)
    assert table.column("a").to_pylist() == ["1", "x", "2020-01-02 0:00:00"]
    assert table.column("b").to_pylist() == ["TRUE", "2.5", None]
