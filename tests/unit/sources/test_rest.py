"""Rest against a server: requests, retries, pages, what fails and how, and what is never shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pybyzer import ByzerError, Session, web
from pybyzer.errors import BadOption, CommandError, Interrupted, TooLarge
from pybyzer.events import Event, Printed
from pybyzer_magics.router import route
from tests.unit.sources.support import where
from tests.unit.sources.web_server import Server, serving

POST = {"config.method": "POST"}
PAGES = {"config.page.next": "{}/pages?page={{0}}", "config.page.limit": "10"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def ask(session: Session, url: str, options: Mapping[str, str] | None = None) -> list[tuple[bytes, int]]:
    """Contents and states of the rows of a load."""
    session.run_text(f"load Rest.`{url}` {where(options)} as answers;")
    table = session.table("answers").reader.read_all()
    assert [str(field.type) for field in table.schema] == ["binary", "int32"]
    return [(row["content"], row["status"]) for row in table.to_pylist()]


def paged(server: Server, values: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "config.page.next": f"{server.url}/pages?page={{0}}",
        "config.page.values": values,
        "config.page.limit": "10",
        **(more or {}),
    }


def rows_of(answers: list[tuple[bytes, int]]) -> list[Any]:
    return [json.loads(content)["rows"] for content, _ in answers]


def test_get_puts_the_form_into_the_url(session: Session, server: Server) -> None:
    options = {"form.q": "a b&ü", "form.n": ":{select 1 + 1 as :x; :x}", "header.X-Own": "mine"}
    [(content, status)] = ask(session, f"{server.url}/echo?z=1", options)
    assert status == 200
    assert json.loads(content)["query"] == {"q": ["a b&ü"], "n": ["2"], "z": ["1"]}
    assert server.seen[0].headers["X-Own"] == "mine"
    assert server.seen[0].headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_post_sends_the_form(session: Session, server: Server) -> None:
    [(content, _)] = ask(session, f"{server.url}/echo", POST | {"form.q": "a b&ü"})
    assert json.loads(content) == {"method": "POST", "query": {}, "body": "q=a+b%26%C3%BC"}


@pytest.mark.parametrize("method", ["post", "PUT"])
def test_json_sends_the_body(method: str, session: Session, server: Server) -> None:
    options = {"config.method": method, "header.content-type": "application/json", "body": '{"é": 1}'}
    [(content, _)] = ask(session, f"{server.url}/echo", options)
    assert json.loads(content)["body"] == '{"é": 1}'
    assert server.seen[0].headers["Content-Type"] == "application/json"


def test_retries_until_it_is_well(session: Session, server: Server) -> None:
    server.failures = 2
    options = {"config.retry.interval": "1ms"}
    assert ask(session, f"{server.url}/flaky", options) == [(b"ok", 200)]
    server.failures = 5
    assert ask(session, f"{server.url}/flaky", options | {"config.retry": "2"}) == [(b"busy", 503)]
    assert len(server.seen) == 3 + 2


QUICK = {"config.retry": "1"}


def test_a_single_request_never_fails(session: Session, server: Server) -> None:
    assert ask(session, f"{server.url}/nowhere", QUICK) == [(b"nothing here", 404)]
    assert ask(session, f"{server.url}/echo", {"config.method": "delete"}) == [
        (b"HTTP method delete is not support yet", 405)
    ]
    assert ask(session, f"{server.url}/echo", POST | {"header.content-type": "text/plain"}) == [
        (b"content-type text/plain is not support yet", 415)
    ]
    [(content, status)] = ask(session, "http://127.0.0.1:1/x?token=t", QUICK)
    assert status == 0
    assert b"token" not in content
    assert content.startswith(b"http://127.0.0.1:1/x?...: ")
    [(content, status)] = ask(session, f"{server.url}/cut", QUICK)
    assert (status, content.endswith(b"broke off, or speaks no HTTP")) == (0, True)
    [(content, status)] = ask(session, f"{server.url}/round", QUICK)
    assert (status, content.endswith(b"too many redirects")) == (0, True)


def test_redirects(session: Session, server: Server) -> None:
    [(content, status)] = ask(session, f"{server.url}/moved")
    assert (status, json.loads(content)["query"]) == (200, {"from": ["moved"]})
    assert ask(session, f"{server.url}/moved", POST | QUICK)[0][1] == 302


def test_time_limit(session: Session, server: Server) -> None:
    [(content, status)] = ask(session, f"{server.url}/slow", QUICK | {"config.socket-timeout": "50ms"})
    assert (status, content.endswith(b"no answer in time")) == (0, True)


def test_stopped(session: Session, server: Server) -> None:
    threading.Timer(0.3, session.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        ask(session, f"{server.url}/slow")
    assert time.monotonic() - begun < 2.5
    assert ask(session, f"{server.url}/text") == [(b"<html>", 200)]


def test_size_limit(session: Session, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MOST_BODY", 1000)
    with pytest.raises(TooLarge, match="/large is larger than"):
        ask(session, f"{server.url}/large")


# -- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "more", "expected"),
    [
        ("$.cursor", {}, [[10, 11], [20, 21], [30, 31]]),
        ("$.cursor", {"config.page.limit": "2"}, [[10, 11], [20, 21]]),
        ("auto-increment:1", {"config.page.limit": "3"}, [[10, 11], [20, 21], [30, 31]]),
        ("auto-increment:1", {"config.page.stop": "sizeZero:$.rows"}, [[10, 11], [20, 21], [30, 31], []]),
        ("auto-increment:1", {"config.page.stop": "size-zero:$.rows"}, [[10, 11], [20, 21], [30, 31], []]),
        ("auto-increment:1", {"config.page.stop": "notExists:$.cursor"}, [[10, 11], [20, 21], [30, 31]]),
        ("auto-increment:1", {"config.page.stop": "equals:$.more,false"}, [[10, 11], [20, 21], [30, 31]]),
        ("offset:0,2", {"config.page.limit": "3"}, [[10, 11], [20, 21], []]),
    ],
)
def test_pages(
    values: str, more: dict[str, str], expected: list[Any], session: Session, server: Server
) -> None:
    assert rows_of(ask(session, f"{server.url}/pages", paged(server, values, more))) == expected


def test_pages_carry_the_form(session: Session, server: Server) -> None:
    ask(session, f"{server.url}/pages", paged(server, "$.cursor", {"form.a": "1"}))
    assert [seen.query.get("a") for seen in server.seen] == [["1"]] * 3
    server.seen.clear()
    ask(
        session,
        f"{server.url}/pages",
        paged(server, "$.cursor", {"form.a": "1", "config.page.skip-params": "true"}),
    )
    assert [seen.query.get("a") for seen in server.seen] == [["1"], None, None]


def test_a_page_that_fails(session: Session, server: Server) -> None:
    options = paged(server, "$.cursor", {"config.page.next": f"{server.url}/half?page={{0}}"})
    options |= {"config.retry.interval": "1ms", "config.page.retry": "2"}
    with pytest.raises(CommandError, match=r"page 2: URL:.*,with response status 500, Have retried 2 times!"):
        ask(session, f"{server.url}/half", options)
    assert len(server.seen) == 3
    options |= {"config.page.error.strategy": "skip"}
    assert ask(session, f"{server.url}/half", options) == [(b'{"cursor": 2}', 200)]
    assert ask(session, f"{server.url}/nowhere", options) == [(b"nothing here", 404)]


def test_a_page_that_is_not_json(session: Session, server: Server) -> None:
    with pytest.raises(CommandError, match="page 1 is not JSON"):
        ask(session, f"{server.url}/text", paged(server, "$.cursor"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"config.page.next": "http://x/{0}"}, "config.page.next needs config.page.values"),
        ({"config.page.values": "$.a"}, "config.page.values needs config.page.next"),
        ({"config.page.next": "{1}", "config.page.values": "$.a"}, r"no value for \{1\}"),
        ({"config.page.next": "{0}", "config.page.values": "$.["}, "is not a JSON path"),
        ({"config.page.next": "{0}", "config.page.values": "auto-increment:x"}, "does not fit"),
        (
            {"config.page.next": "{0}", "config.page.values": "$.a", "config.page.stop": "never"},
            "is not known",
        ),
        ({"config.retry": "0"}, "above 0"),
        ({"config.socket-timeout": "soon"}, "not a duration"),
        ({"form.a": ":{select"}, "never closed"),
        ({"confg.method": "get"}, "no option"),
    ],
)
def test_bad_options(options: dict[str, str], message: str, session: Session, server: Server) -> None:
    with pytest.raises(ByzerError, match=message):
        ask(session, f"{server.url}/echo", options)
    assert server.seen == []


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "/etc/passwd", "file:///etc/passwd", "http://", "http://x:port/"]
)
def test_no_url(url: str, session: Session) -> None:
    with pytest.raises(BadOption, match="not a URL of a web server"):
        ask(session, url)


def test_debug_shows_no_secret(session: Session, server: Server) -> None:
    options = {"config.debug": "true", "header.Authorization": "Bearer hush", "form.key": "hush"}
    events: list[Event] = []
    cell, front_end = route(f"load Rest.`{server.url}/echo` {where(options)} as t;")
    session.run(front_end.statements(cell), events.append)
    [printed] = [event.text for event in events if isinstance(event, Printed)]
    assert "GET http://127.0.0.1" in printed
    assert "hush" not in printed


# -- save ------------------------------------------------------------------------------------


def send(session: Session, url: str, options: Mapping[str, str]) -> None:
    session.run_text(f"select 1 as a as t; save overwrite t as Rest.`{url}` {where(options)};")


def test_save(session: Session, server: Server) -> None:
    send(session, f"{server.url}/echo", POST | {"header.content-type": "application/json", "body": "[1]"})
    assert (server.seen[0].method, server.seen[0].body) == ("POST", b"[1]")
    with pytest.raises(CommandError, match=r"Fail to save http://127.*/nowhere: status 404"):
        send(session, f"{server.url}/nowhere", POST)
    with pytest.raises(CommandError, match="status 405"):
        send(session, f"{server.url}/echo", {"config.method": "delete"})


def test_upload(session: Session, server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.txt").write_text("second")
    multipart = POST | {"header.content-type": "multipart/form-data", "form.note": "n"}
    send(
        session,
        f"{server.url}/echo",
        multipart | {"form.file-path": f"{tmp_path}/a.txt", "form.file-name": "x.txt"},
    )
    body = server.seen[0].body
    assert b'name="x.txt"; filename="x.txt"' in body
    assert b"first" in body
    assert b'name="note"' in body
    send(session, f"{server.url}/echo", multipart | {"form.file-path": str(tmp_path)})
    assert b"first" in server.seen[1].body
    assert b"second" in server.seen[1].body
    (tmp_path / "d").mkdir()
    with pytest.raises(BadOption, match="has directories in it"):
        send(session, f"{server.url}/echo", multipart | {"form.file-path": str(tmp_path)})
    with pytest.raises(BadOption, match="no file or directory"):
        send(session, f"{server.url}/echo", multipart | {"form.file-path": f"{tmp_path}/none"})
    with pytest.raises(BadOption, match=r"form\.file-path is required"):
        send(session, f"{server.url}/echo", multipart)
