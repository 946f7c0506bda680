"""Functions that ask a server: what is sent, several rows at once, what fails and what is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pybyzer import ByzerError, Session
from tests.unit.sources.web_server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def column(session: Session, expression: str, source: str = "range(1)") -> list[Any]:
    session.run_text(f"select {expression} as x from {source} as answers;")
    return session.table("answers").reader.read_all().column("x").to_pylist()  # type: ignore[no-any-return]


def test_each_row_in_order(session: Session, server: Server) -> None:
    ask = f"rest_request('{server.url}/echo', 'get', map('n', string(id)), map('X-Own', 'é'), map())"
    found = column(session, f"string({ask})", "range(40)")
    assert [json.loads(text)["query"]["n"] for text in found] == [[str(n)] for n in range(40)]
    assert len(server.seen) == 40


def test_json(session: Session, server: Server) -> None:
    kind = "map('Content-Type', 'application/json')"
    [found] = column(
        session, f"string(rest_request('{server.url}/echo', 'POST', map('a', 'b'), {kind}, map()))"
    )
    assert json.loads(found)["body"] == '{"a": "b"}'
    [found] = column(
        session, f"string(rest_request('{server.url}/echo', 'put', map('body', '[1]'), {kind}, map()))"
    )
    assert json.loads(found)["body"] == "[1]"


def test_null_asks_nothing(session: Session, server: Server) -> None:
    assert column(session, "crawler_request(cast(null as string))") == [None]
    assert server.seen == []


def test_retries(session: Session, server: Server) -> None:
    server.failures = 1
    config = "map('retry', '2', 'retry.interval', '1ms')"
    assert column(session, f"rest_request('{server.url}/flaky', 'get', map(), map(), {config})") == [b"ok"]


def test_crawler(session: Session, server: Server) -> None:
    assert column(session, f"crawler_request('{server.url}/text')") == ["<html>"]
    assert column(session, f"crawler_request_image('{server.url}/text')") == ["PGh0bWw+"]
    [found] = column(session, f"crawler_http('{server.url}/echo', 'post', map('a', 'b c'))")
    assert json.loads(found)["body"] == "a=b+c"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("crawler_request('{}/nowhere?token=hush')", "crawler_request: {}/nowhere\\?...: status 404"),
        ("crawler_request('http://127.0.0.1:1/')", "crawler_request: http://127.0.0.1:1/: "),
        ("crawler_request('/etc/passwd')", "is not the URL of a web server"),
        ("crawler_request('file:///etc/passwd')", "is not the URL of a web server"),
        ("crawler_http('{}/echo', 'delete', map('a', 'b'))", "the method is get, post or put"),
        ("rest_request('{}/echo', 'get', map(), map(), map('retri', '1'))", 'no config "retri"'),
        ("rest_request('{}/echo', 'get', map(), map(), map('retry', 'x'))", "retry is a whole number"),
        ("rest_request('{}/echo', 'get', map(), map(), map('socket-timeout', 'x'))", "not a duration"),
        ("rest_request('{}/echo', 'post', map(), map(), map('file-path', 'x'))", "files are not sent"),
        ("rest_request('{}/echo', 'post', map(), map('content-type', 'text/csv'), map())", "is not known"),
    ],
)
def test_failures(expression: str, message: str, session: Session, server: Server) -> None:
    with pytest.raises(ByzerError, match=message.format(server.url)) as caught:
        column(session, expression.format(server.url))
    assert "hush" not in caught.value.message
