"""Connections: who wins, what is looked up when, and that secrets stay secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybyzer import Session
from pybyzer.connections import Connections, merged, revealed
from pybyzer.errors import BadOption, ByzerError


def test_redefinition_replaces() -> None:
    kept = Connections()
    kept.define("jdbc", "db1", {"url": "a", "user": "u"})
    kept.define("JDBC", "DB1", {"url": "b"})
    assert kept.find("jdbc", "db1") == {"url": "b"}
    assert kept.names("jdbc") == ["db1"]
    assert kept.find("jdbc", "db2") is None
    assert kept.find("es", "db1") is None


def test_options_of_the_statement_win_in_any_case() -> None:
    assert merged({"url": "a", "fetchSize": "1"}, {"FETCHSIZE": "2"}) == {"url": "a", "FETCHSIZE": "2"}


def test_nothing_shows_the_options() -> None:
    kept = Connections()
    kept.define("jdbc", "db1", {"password": "tiger"})
    assert repr(kept) == "Connections(jdbc.db1)"


def test_references_are_looked_up_under_secret_keys_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "tiger")
    (tmp_path / "password").write_text("lion\nnot this\n", encoding="utf-8")
    found = revealed(
        {"password": "env:DB_PASSWORD", "secretKey": f"file:{tmp_path}/password", "url": "env:DB_PASSWORD"}
    )
    assert found == {"password": "tiger", "secretKey": "lion", "url": "env:DB_PASSWORD"}


def test_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring", reason="pip install keyring")
    from keyring.backend import KeyringBackend

    class OneEntry(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            return "tiger" if (service, username) == ("shop", "scott") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(OneEntry())
    try:
        assert revealed({"password": "keyring:shop/scott"}) == {"password": "tiger"}
        with pytest.raises(BadOption, match="the keyring has no password of adams for shop"):
            revealed({"password": "keyring:shop/adams"})
        with pytest.raises(BadOption, match="write keyring:service/user"):
            revealed({"password": "keyring:scott"})
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("env:NOT_SET_ANYWHERE", "no environment variable NOT_SET_ANYWHERE"),
        ("file:/not/there", "cannot read file:/not/there: no such file or directory"),
    ],
)
def test_what_cannot_be_looked_up(reference: str, message: str) -> None:
    with pytest.raises(BadOption, match=message) as caught:
        revealed({"password": reference})
    assert caught.value.option == "password"


def test_connect_keeps_references_as_they_are(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "tiger")
    session.run_text('connect parquet where password="env:DB_PASSWORD" as db1;')
    assert session.connections.find("parquet", "db1") == {"password": "env:DB_PASSWORD"}


def test_connect_checks_the_format_and_wants_a_name(session: Session) -> None:
    with pytest.raises(ByzerError, match='no format "parqet"'):
        session.run_text('connect parqet where url="x" as db1;')
    with pytest.raises(ByzerError, match="a connection needs a name"):
        session.run_text('connect parquet where url="x";')
