"""A web server on loopback that tests can make fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIXED = {"/text": b"<html>", "/large": b"x" * (1 << 20)}


@dataclass
class Seen:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """The address, and what was asked."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    failures: int = 0
    """So many requests to ``/flaky`` are answered with 503 first."""


@contextmanager
def serving() -> Iterator[Server]:
    """A running server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
            state.seen.append(seen)
            _answer(self, state, seen)

        do_POST = do_PUT = do_GET

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def _answer(handler: BaseHTTPRequestHandler, state: Server, seen: Seen) -> None:
    number = int(seen.query.get("page", ["1"])[0])
    status, body, headers = 200, b"{}", {}
    match seen.path:
        case "/echo":
            shown = {"method": seen.method, "query": seen.query, "body": seen.body.decode()}
            body = json.dumps(shown, sort_keys=True).encode()
        case "/flaky":
            state.failures -= 1
            status, body = (503, b"busy") if state.failures >= 0 else (200, b"ok")
        case "/pages":
            rows = [number * 10, number * 10 + 1] if number <= 3 else []
            following = {"cursor": number + 1} if number < 3 else {}
            body = json.dumps({"rows": rows, "more": number < 3, **following}).encode()
        case "/half":
            status, body = (200, b'{"cursor": 2}') if number == 1 else (500, b"broken")
        case "/moved":
            status, headers = 302, {"Location": "/echo?from=moved"}
        case "/round":
            status, headers = 302, {"Location": "/round"}
        case "/slow":
            time.sleep(3)
        case "/cut":
            handler.send_response(200)
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b"only this")
            handler.close_connection = True
            return
        case _:
            status, body = (200, FIXED[seen.path]) if seen.path in FIXED else (404, b"nothing here")
    handler.send_response(status)
    for key, value in headers.items():
        handler.send_header(key, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    try:
        handler.wfile.write(body)
    except OSError:
        handler.close_connection = True  # the client has gone
