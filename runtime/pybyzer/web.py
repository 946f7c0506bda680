"""Requests to web servers: a few tries, sizes with a limit, stopped when the user says so.

What goes wrong with a server is an ``Answer`` with status 0, not an exception. Messages never show headers,
bodies or what may be secret in a URL.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pybyzer.errors import BadOption, Interrupted, TooLarge

if TYPE_CHECKING:
    import httpx

MOST_BODY = 256 << 20
"""Bytes of an answer; a larger one is ``TooLarge``."""
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
"""How long a server may take to accept, and to send the next bytes, unless said otherwise."""
OK = 200
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(us|ms|s|m|min|h|d)?\s*\Z", re.IGNORECASE)
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``content`` is the body's text, ``form`` its fields; a file is field, name, open file."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: str | None = None
    form: Mapping[str, str] | None = None
    files: Sequence[tuple[str, tuple[str, Any]]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. ``status`` 0: nothing, because of what ``content`` says."""

    status: int
    content: bytes


def seconds(text: str, option: str, *, unit: str = "ms") -> float:
    """A duration such as ``10s`` or ``500ms``; a number alone is in ``unit``."""
    found = _DURATION.match(text)
    if found is None:
        raise BadOption(f'{option} is not a duration: "{text}"', option=option, hint="500ms, 10s, 2m")
    return float(found[1]) * _SECONDS[(found[2] or unit).lower()]


def shown(url: str) -> str:
    """A URL without user, password and query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.netloc.rpartition(':')[2]}" if re.search(r":\d+\Z", parts.netloc) else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{'?...' if parts.query else ''}"


def checked(url: str, option: str = "path") -> str:
    """A URL of the web; ``BadOption`` for anything else."""
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise BadOption(
            "this is not a URL of a web server", option=option, hint="http://host/path or https://"
        )
    return url


class Web:
    """Connections to servers, kept open between requests. A context manager; thread-safe."""

    def __init__(self, connect: float | None = None, read: float | None = None) -> None:
        import httpx

        limits = CONNECT_SECONDS if connect is None else connect, READ_SECONDS if read is None else read
        self._client = httpx.Client(
            timeout=httpx.Timeout(limits[1], connect=limits[0], pool=None), max_redirects=10
        )
        self._stopped = threading.Event()
        self._sockets: set[Any] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def stop(self) -> None:
        """End what is under way, from any thread: it raises ``Interrupted``."""
        import socket

        self._stopped.set()
        for connection in list(self._sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is closed already

    def ask(self, call: Call, *, tries: int = 1, interval: float = 0.0) -> Answer:
        """The answer with status 200, or the last one after so many tries."""
        import tenacity

        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(max(1, tries)) | tenacity.stop_when_event_set(self._stopped),
            wait=tenacity.wait_fixed(interval),
            sleep=tenacity.sleep_using_event(self._stopped),
            retry=tenacity.retry_if_result(lambda answer: answer.status != OK),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        answer: Answer = trying(self._once, call)
        self._go_on()
        return answer

    def rest(self, duration: float) -> None:
        """Wait between two requests."""
        self._stopped.wait(duration)
        self._go_on()

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise Interrupted("interrupted")

    def _once(self, call: Call) -> Answer:
        import httpx

        self._go_on()
        for _, (_, file) in call.files:
            file.seek(0)
        try:
            with self._client.stream(
                call.method.upper(),
                call.url,
                headers=[(key.encode(), value.encode()) for key, value in call.headers.items()],
                content=None if call.content is None else call.content.encode(),
                data=None if call.form is None else dict(call.form),
                files=list(call.files) or None,
                # A body is sent once; only questions may be asked again elsewhere.
                follow_redirects=call.method.lower() == "get",
                extensions={"trace": self._trace},
            ) as response:
                return Answer(response.status_code, _bounded(response.iter_bytes(), call.url))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
            self._go_on()
            return Answer(0, _reason(error, call.url).encode())
        except (UnicodeError, ValueError) as error:
            return Answer(0, f"the request cannot be sent: {type(error).__name__}".encode())

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Remember the sockets of this client, to end them when it is stopped."""
        if name == "connection.connect_tcp.complete":
            self._sockets.add(info["return_value"].get_extra_info("socket"))


def _bounded(pieces: Iterable[bytes], url: str) -> bytes:
    parts, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_BODY:
            raise TooLarge(f"the answer of {shown(url)} is larger than {MOST_BODY >> 20} MB")
        parts.append(piece)
    return b"".join(parts)


def _reason(error: httpx.HTTPError | Exception, url: str) -> str:
    """What happened, in words; libraries' texts may quote headers or URLs, so only some are passed on."""
    import httpx

    words = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ReadTimeout: "no answer in time",
        httpx.WriteTimeout: "the server did not take the request in time",
        httpx.TooManyRedirects: "too many redirects",
        httpx.RemoteProtocolError: "the server broke off, or speaks no HTTP",
        httpx.UnsupportedProtocol: "redirected to what is not the web",
        httpx.DecodingError: "the answer is compressed badly",
        httpx.ProxyError: "the proxy refused",
    }
    known = next((text for kind, text in words.items() if isinstance(error, kind)), None)
    if known is None and isinstance(error, (httpx.ConnectError, httpx.ReadError, httpx.WriteError)):
        known = str(error) or "the connection failed"
    return f"{shown(url)}: {known or type(error).__name__}"
