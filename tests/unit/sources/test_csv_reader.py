"""Both ways through a CSV file give the same rows; files in other clothes are read, too."""

from __future__ import annotations

import bz2
import gzip
import random
from pathlib import Path

import pytest

from pybyzer import Session, Settings
from pybyzer.errors import Unsupported
from pybyzer.sources import csv_arrow
from pybyzer.sources.csv_dialect import Dialect
from tests.unit.sources.support import load, rows, where

TEXTS = {
    "plain": "a,b\n1,x\n2,\n3,z",
    "quotes": 'a,b\n"1,1",x\n2,"y"\n"",z\n',
    "doubled quotes": 'a,b\n"1""1",x\n2,"y"\n',
    "too short and too long": "a,b\n1\n2,y,z\n",
    "crlf": 'a,b\r\n1,"x"\r\n2,y\r\n',
    "blank lines": "a,b\n\n1,x\n   \n2,y\n",
    "blanks": "a,b\n 1 , x \n",
    "names twice": "a,a\n1,2\n",
    "no name": "a,,c\n1,2,3\n",
    "other characters": "ä,中\nö,é\n",
    "bad characters": b"a,b\n\xff,x\n".decode("latin-1"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("infer", ["true", "false"])
def test_fast_and_slow_agree(
    session: Session, tmp_path: Path, text: str, infer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode("latin-1") if "\xff" in text else text.encode())
    options = {"header": "true", "inferSchema": infer}
    fast = load(session, "csv", str(file), options)
    monkeypatch.setattr(csv_arrow, "_is_plain", lambda *_: False)
    assert fast == load(session, "csv", str(file), options)


POOL = [
    *(
        "",
        "1",
        "-1",
        "+1",
        "01",
        "1.",
        ".5",
        "1.5",
        "1e5",
        "1E-3",
        "1d",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-Inf",
    ),
    *(" 1", "1 ", "0x1F", "2147483648", "9223372036854775807", "9223372036854775808", "1e300", "1e400", "-0"),
    *("99999999999999999999", "2020", "2020-01-01", "2020-02-30", "2020-1-1", "2020-01-01 10:00:00", "10:00"),
    *(
        "2020-01-01T10:00:00.5",
        "2020-01-01 10",
        "2020-01-01 1000",
        "2020-01-01 10:00",
        "2020-01-01T10:00:00Z",
    ),
    *("2020-01-01 10:00:00+05:00", "2020-03-29 02:30:00", "2020-10-25 02:30:00", "2020-13-01", "0000-01-01"),
    *("9999-12-31", "2020-01-01 25:00:00", "2020-01-01 10:00:00.1234567", "true", "TRUE", "false", "0", "x"),
    *("a b", "é", "null", "NA", "1_0", "1,5", "True", "2020-01-01 ", "-", "--1", "1-1", "\u00a01", "１"),
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("seed", range(25))
def test_fast_and_slow_agree_on_anything(
    seed: int, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    pools = [[*chance.sample(POOL, chance.choice([1, 1, 2, 2, 3])), ""] for _ in range(6)]
    records = [[chance.choice(pool) for pool in pools] for _ in range(60)]
    file = tmp_path / "t.csv"
    lines = (",".join(f'"{cell}"' if "," in cell else cell for cell in record) for record in records)
    file.write_text("a,b,c,d,e,f\n" + "\n".join(line for line in lines if line.strip(",")), encoding="utf-8")
    options = {"header": "true", "inferSchema": "true"}
    with Session(Settings(timezone=zone)) as session:
        fast = load(session, "csv", str(file), options)
        monkeypatch.setattr(csv_arrow, "_is_plain", lambda *_: False)
        slow = load(session, "csv", str(file), options)
    assert fast.schema == slow.schema
    assert [str(row) for row in fast.to_pylist()] == [str(row) for row in slow.to_pylist()]


def test_plain_blocks_are_read_by_arrow() -> None:
    dialect = Dialect()
    assert csv_arrow.plain_texts(b'1,"x,y"\n2,\n', ["a", "b"], dialect) is not None
    assert csv_arrow.plain_texts(b'1,"x""y"\n', ["a", "b"], dialect) is None
    assert csv_arrow.plain_texts(b"1\n", ["a", "b"], dialect) is None


def test_compressed_files(session: Session, tmp_path: Path) -> None:
    text = b"a,b\n1,x\n"
    (tmp_path / "1.csv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "2.csv.bz2").write_bytes(bz2.compress(text))
    assert rows(session, "csv", str(tmp_path), {"header": "true"}) == [{"a": "1", "b": "x"}] * 2
    (tmp_path / "3.csv.snappy").write_bytes(text)
    with pytest.raises(Unsupported, match=r"files compressed as \.snappy are not read here"):
        load(session, "csv", str(tmp_path), {"header": "true"})


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "latin-1"])
def test_encodings(session: Session, tmp_path: Path, encoding: str) -> None:
    text = "name\nGrüße\n" if encoding == "latin-1" else "name\n中文\n"
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    found = rows(session, "csv", str(tmp_path), {"header": "true", "encoding": encoding})
    assert found == [{"name": text.split("\n")[1]}]


def test_a_byte_order_mark(session: Session, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa\n1\n")
    assert rows(session, "csv", str(tmp_path), {"header": "true"}) == [{"a": "1"}]


def test_another_line_separator(session: Session, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b;1,x;2,y")
    found = rows(session, "csv", str(tmp_path), {"header": "true", "lineSep": ";"})
    assert found == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]


def test_every_file_has_a_header(session: Session, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"a\n{number}\n")
    assert len(load(session, "csv", str(tmp_path), {"header": "true"})) == 3
    assert len(load(session, "csv", str(tmp_path))) == 6


def test_blocks_end_at_lines(session: Session, tmp_path: Path) -> None:
    lines = [f"{number},{'x' * 100}" for number in range(200_000)]
    (tmp_path / "t.csv").write_text("\n".join(["n,text", *lines]))
    options = where({"header": "true", "inferSchema": "true"})
    session.run_text(f"load csv.`{tmp_path}` {options} as t; select sum(n) as s, count(*) as c from t as u;")
    assert session.table("u").reader.read_all().to_pylist() == [{"s": 19999900000, "c": 200000}]
