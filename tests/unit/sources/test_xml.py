"""XML that wants to do harm, is cut off, large, compressed or in other characters."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.errors import BadOption, TooLarge, Unsupported
from tests.unit.sources.support import load, rows, save

R = {"rowTag": "r"}
LAUGHS = """<?xml version="1.0"?><!DOCTYPE R [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;">]>
<R><r x="&c;"><t>&c;</t></r></R>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE R [<!ENTITY x SYSTEM "file://{}">]><R><r><t>&x;</t></r></R>"""
OUTER_DTD = """<?xml version="1.0"?><!DOCTYPE R SYSTEM "file://{}"><R><r><t>1</t></r></R>"""


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_entities_are_not_expanded(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match='declares the entity "a"'):
        load(session, "xml", written(tmp_path / "t.xml", LAUGHS), R)


def test_nothing_outside_is_read(session: Session, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("<!ENTITY y 'secret'>")
    with pytest.raises(Unsupported, match='declares the entity "x"'):
        load(session, "xml", written(tmp_path / "t.xml", OUTSIDE.format(secret)), R)
    assert rows(session, "xml", written(tmp_path / "u.xml", OUTER_DTD.format(secret)), R) == [{"t": 1}]


def test_deep_nesting(session: Session, tmp_path: Path) -> None:
    text = "<R><r>" + "<a>" * 5000 + "</a>" * 5000 + "</r></R>"
    with pytest.raises(TooLarge, match="nested deeper than"):
        load(session, "xml", written(tmp_path / "t.xml", text), R)


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_cut_off(cut: int, session: Session, tmp_path: Path) -> None:
    whole = '<R><r k="1"><a>é</a></r><!-- c --><r><a><![CDATA[x]]></a></r></R>'
    path = written(tmp_path / "t.xml", "<R><r><a>z</a></r>" + whole[3:-cut])
    found = rows(session, "xml", path, R)
    assert found[0]["a"] == "z"
    kept = [row for row in rows(session, "xml", path, R | {"mode": "DROPMALFORMED"}) if row["a"] is not None]
    assert [row["a"] for row in kept] == ["z", "é", "x"][: len(kept)]


def test_fail_fast_says_where(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "t.xml", "<R><r><a>1</a></r>\n<r><a>2</b></r></R>")
    with pytest.raises(BadOption, match=r"t\.xml is malformed.*mismatched tag \(line 2, column 10\)"):
        load(session, "xml", path, R | {"mode": "FAILFAST"})


def test_large_and_in_pieces(session: Session, tmp_path: Path) -> None:
    text = "<R>" + "".join(f"<r n='{i}'><t>{'x' * 90}é</t></r>" for i in range(30_000)) + "</R>"
    (tmp_path / "t.xml.gz").write_bytes(gzip.compress(text.encode()))
    table = load(session, "xml", f"{tmp_path}/t.xml.gz", R)
    assert table.column("_n").to_pylist() == list(range(30_000))
    assert set(table.column("t").to_pylist()) == {"x" * 90 + "é"}


def test_charset(session: Session, tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="GBK"?><R><r><t>中文</t></r></R>'
    (tmp_path / "t.xml").write_bytes(text.encode("gbk"))
    assert rows(session, "xml", f"{tmp_path}/t.xml", R | {"charset": "GBK"}) == [{"t": "中文"}]


def test_round_trip(session: Session, tmp_path: Path) -> None:
    table = pa.table({
        "_id": pa.array([1, 2], pa.int64()),
        "names": [["a<b", "c&d"], ["e]]>"]],
        "point": [{"x": 1.5, "y": 2.5}, {"x": 0.0, "y": -1.0}],
    })  # fmt: skip
    save(session, table, "xml", f"{tmp_path}/t")
    assert rows(session, "xml", f"{tmp_path}/t") == table.to_pylist()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("a b", "x", "cannot be the name of an element"), ("a", "\x01", r"U\+0001 cannot be written")],
)
def test_what_cannot_be_written(
    column: str, value: str, message: str, session: Session, tmp_path: Path
) -> None:
    with pytest.raises(BadOption, match=message):
        save(session, pa.table({column: [value]}), "xml", f"{tmp_path}/t")
    assert list(tmp_path.iterdir()) == []


def test_compressed_parts(session: Session, tmp_path: Path) -> None:
    save(session, pa.table({"a": [1, 2]}), "xml", f"{tmp_path}/t", options={"compression": "gzip"})
    assert [path.suffix for path in (tmp_path / "t").glob("part-*")] == [".gz"]
    assert rows(session, "xml", f"{tmp_path}/t") == [{"a": 1}, {"a": 2}]
