"""aes_encrypt and aes_decrypt with the installation's key, beside Spark's own."""

from __future__ import annotations

from typing import Any

import pytest

from pybyzer import Session
from pybyzer.errors import BadOption

KEY = "0123456789abcdef"


def value(session: Session, expression: str) -> Any:
    session.run_text(f"select {expression} as x as t;")
    return session.table("t").reader.read_all().column("x").to_pylist()[0]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYBYZER_AES_KEY", KEY)
    return KEY


@pytest.mark.parametrize("text", ["", "x", "héllo 中文 " * 1000])
def test_there_and_back(text: str, session: Session, key: str) -> None:
    assert value(session, f"aes_decrypt(aes_encrypt('{text}'))") == text


def test_null(session: Session, key: str) -> None:
    assert value(session, "aes_decrypt(aes_encrypt(cast(null as string)))") is None


def test_same_text_same_result(session: Session, key: str) -> None:
    first = value(session, "aes_encrypt('a')")
    assert value(session, "aes_encrypt('a')") == first
    assert value(session, "aes_encrypt('b')")[:16] != first[:16]


def test_spark_understands_it(session: Session, key: str) -> None:
    assert value(session, f"string(aes_decrypt(unbase64(aes_encrypt('é')), '{key}'))") == "é"
    assert value(session, f"aes_decrypt(base64(aes_encrypt('é', '{key}')))") == "é"


@pytest.mark.parametrize("text", ["x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é"])
def test_not_encrypted(text: str, session: Session, key: str) -> None:
    with pytest.raises(BadOption, match="not encrypted with this key"):
        value(session, f"aes_decrypt('{text}')")


def test_no_key(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYBYZER_AES_KEY", raising=False)
    with pytest.raises(BadOption, match="aes_encrypt: there is no key"):
        value(session, "aes_encrypt('x')")
    monkeypatch.setenv("PYBYZER_AES_KEY", "short")
    with pytest.raises(BadOption, match="must have 16, 24 or 32 characters, not 5") as caught:
        value(session, "aes_encrypt('x')")
    assert "short" not in str(caught.value)
