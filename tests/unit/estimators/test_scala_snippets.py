"""Scala one-liners: which are known, and what they answer."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pybyzer.errors import BadOption
from pybyzer.estimators import scala_snippets


def known(code: str) -> object:
    snippet = scala_snippets.read(code)
    return snippet and scala_snippets.function("f", snippet)


@pytest.mark.parametrize(
    "code",
    [
        "def apply(a:Seq[String])={ a.last }",
        "def apply(words: Seq[String]): String = {\n    words.last // the file name\n}",
        "def apply(a : List[String]) = a . last",
    ],
)
def test_the_last_element(code: str) -> None:
    snippet = scala_snippets.read(code)
    assert snippet is not None
    function = scala_snippets.function("f", snippet)
    assert function is not None
    assert function.batch is not None
    lists = pa.array([["x", "y"], None, ["z"]], pa.list_(pa.string()))
    assert function.batch(lists).to_pylist() == ["y", None, "z"]
    assert function.batch(lists[1:]).to_pylist() == [None, "z"]
    with pytest.raises(BadOption, match="last of an empty array"):
        function.batch(pa.array([[]], pa.list_(pa.string())))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("def apply(a:Array[Byte])={\n   a.map(_ & 0xFF).map(_.toDouble).toArray\n}", pa.float64()),
        ("def apply(bytes: Array[Byte]): Array[Int] = bytes.map(_ & 0xFF)", pa.int32()),
    ],
)
def test_bytes_as_unsigned_numbers(code: str, kind: pa.DataType) -> None:
    snippet = scala_snippets.read(code)
    assert snippet is not None
    function = scala_snippets.function("f", snippet)
    assert function is not None
    assert function.batch is not None
    assert function.returns == pa.list_(kind)
    values = pa.array([b"\x00\x7f\x80\xff", None, b"", b"\x01"], pa.binary())
    assert function.batch(values).to_pylist() == [[0, 127, 128, 255], None, [], [1]]
    assert function.batch(values[3:]).to_pylist() == [[1]]
    assert function.batch(values[:0]).to_pylist() == []


def test_what_sql_can_say() -> None:
    for code in (
        "def apply(s: String) = s.toUpperCase",
        "def apply(a: Int, b: Int) = a + b",
        'def apply(a: Seq[String]) = a.mkString(", ")',
    ):
        assert getattr(known(code), "macro", None), code


@pytest.mark.parametrize(
    "code",
    [
        "def apply(a: Seq[String]) = a.last + a.head",
        "class A { def apply(a: Int) = a }",
        "def apply(s: String) = s.last",
        "def apply(a: Array[Byte]) = a.map(_ & 0x7F)",
        "val x = 1",
        "",
    ],
)
def test_other_code_is_not_guessed(code: str) -> None:
    assert not known(code)


def test_blanks_in_texts_count() -> None:
    one, two = (known(f'def apply(a: Seq[String]) = a.mkString("{sep}")') for sep in (",", ", "))
    assert one != two
