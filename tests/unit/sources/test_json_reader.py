"""Both ways through JSON lines give the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import Session
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources import json_reader
from tests.unit.sources.support import load, rows

TEXTS = {
    "flat": '{"a":1,"b":"x"}\n{"b":"y"}\n',
    "numbers": '{"a":1}\n{"a":2.5}\n{"a":-3e2}\n',
    "nested": '{"a":{"y":1,"x":[1,2.5]},"b":[{"k":1},{"z":null}]}\n{"a":{"x":[],"q":null}}\n',
    "nulls": '{"a":null,"b":[],"c":[null]}\n{"d":{"e":null}}\n',
    "times stay texts": '{"a":"2020-01-01","b":"2020-01-01T00:00:00Z","c":"2020-01-01 00:00:00"}\n',
    "blank lines": '\n{"a":1}\n\n{"a":2}',
    "windows": '{"a":1}\r\n\r\n{"a":2}\r\n',
    "blanks around": '  {"a":1}  \n\t{"a":2}\n',
    "order": '{"B":1,"a":2,"_z":3,"Z":4}\n',
    "other characters": '{"ä":"中\\u00e9","b":"\\n"}\n',
    "booleans": '{"a":true}\n{"a":false}\n',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_fast_and_slow_agree(
    session: Session, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.json").write_bytes(text.encode())
    fast = load(session, "json", str(tmp_path))
    monkeypatch.setattr(json_reader, "_is_plain", lambda _: False)
    assert fast == load(session, "json", str(tmp_path))


@pytest.mark.parametrize(
    ("block", "plain"),
    [
        (b'{"a":1}\n{"a":2}\n', True),
        (b'{"a":1}\n\n{"a":2}', True),
        (b'{"a":\n1}\n', False),
        (b'{"a":1},\n', False),
        (b'[{"a":1}]\n', False),
        (b'{"a":"x\ty"}\n', False),
        (b'{"a":1234567890123456789}\n', False),
        (b'{"a":123456789012345678}\n', True),
        (b'{"a":"%s"}\n' % (b"1" * 30), False),
        (b" {}\n", False),
    ],
)
def test_what_is_plain(block: bytes, plain: bool) -> None:
    assert json_reader._is_plain(block) is plain


def test_two_objects_on_a_line(session: Session, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"a":1}{"a":2}\n{"a":3}\n')
    assert rows(session, "json", str(tmp_path)) == [{"a": 1}, {"a": 3}]


def test_types_over_many_blocks(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{{"a":{number}}}' for number in range(1000)] + ['{"a":0.5,"b":"x"}']
    (tmp_path / "t.json").write_text("\n".join(lines))
    from pybyzer.sources import json as source
    from pybyzer.sources.lines import blocks

    monkeypatch.setattr(source, "blocks", lambda at, file: blocks(at, file, 100))
    found = load(session, "json", str(tmp_path))
    assert found["a"].to_pylist()[-2:] == [999.0, 0.5]
    assert found["b"].to_pylist()[-2:] == [None, "x"]


def test_partitions(session: Session, tmp_path: Path) -> None:
    (tmp_path / "k=1").mkdir()
    (tmp_path / "k=1" / "t.json").write_text('{"a":1}\n')
    assert rows(session, "json", str(tmp_path)) == [{"a": 1, "k": 1}]


def test_refusals(session: Session, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"A":1,"a":2}\n')
    with pytest.raises(BadOption, match='"A" and "a" differ only in case'):
        load(session, "json", str(tmp_path))
    with pytest.raises(Unsupported, match="inferTimestamp"):
        load(session, "json", str(tmp_path), {"inferTimestamp": "true"})
    (tmp_path / "t.json").write_text("\n")
    with pytest.raises(BadOption, match="no columns"):
        load(session, "json", str(tmp_path))
