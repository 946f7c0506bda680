"""JDBC URLs: what they name, and that they are shown without what is secret."""

from __future__ import annotations

import pytest

from pybyzer.databases.target import Target, parse_url
from pybyzer.errors import BadOption


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("jdbc:postgresql://db:5433/shop?sslmode=require", ("postgresql", "db", 5433, "shop")),
        ("jdbc:mysql://db/shop", ("mysql", "db", None, "shop")),
        ("JDBC:MySQL://[::1]:3306/", ("mysql", "::1", 3306, "")),
        ("jdbc:sqlite:/data/a.db", ("sqlite", "", None, "/data/a.db")),
        ("jdbc:duckdb:", ("duckdb", "", None, "")),
    ],
)
def test_what_a_url_names(url: str, expected: tuple[object, ...]) -> None:
    found = parse_url(url)
    assert (found.kind, found.host, found.port, found.database) == expected


def test_secrets_of_a_url_are_used_and_not_shown() -> None:
    found = parse_url("jdbc:mysql://db:1/shop?user=scott&password=t%26iger&useSSL=false")
    assert (found.user, found.password) == ("scott", "t&iger")
    assert found.shown == "jdbc:mysql://db:1/shop"
    assert "iger" not in repr(found)
    assert found.without_secrets("denied: t&iger") == "denied: ********"
    assert found.parameter("usessl") == "false"


def test_the_statement_wins() -> None:
    found = parse_url("jdbc:mysql://db/shop?user=a&password=b", "c", "d")
    assert (found.user, found.password) == ("c", "d")


def test_the_repr_shows_no_secret() -> None:
    assert "tiger" not in repr(Target("mysql", "h", 1, "d", "shown", "scott", "tiger", {"password": "tiger"}))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://db/x", "url must be a JDBC URL"),
        ("jdbc:mysql://a:1,b:2/x", "several hosts"),
        ("jdbc:mysql://a:port/x", '"port" is not a port'),
    ],
)
def test_bad_urls(url: str, message: str) -> None:
    with pytest.raises(BadOption, match=message) as caught:
        parse_url(url)
    assert caught.value.option == "url"
