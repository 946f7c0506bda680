"""Functions that ask web servers, several rows at a time: ``rest_request`` and ``crawler_*``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from pybyzer.errors import BadOption, CommandError, Unsupported
from pybyzer.functions.base import batch
from pybyzer.web import OK, Answer, Call, Web, checked, seconds, shown

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 8
"""Requests under way at the same time."""
MAP = "map<string,string>"
FORM = "application/x-www-form-urlencoded"
CONFIG = {"retry", "retry.interval", "request.interval", "socket-timeout", "connect-timeout", "debug"}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([-\w]{1,40})""", re.IGNORECASE)

T = TypeVar("T")
Row = tuple[Any, ...]


@batch(
    "rest_request",
    {"url": "string", "method": "string", "params": MAP, "headers": MAP, "config": MAP},
    "binary",
    "the body that a web server answers with",
    costly=True,
)
def rest_request(
    url: pa.Array, method: pa.Array, params: pa.Array, headers: pa.Array, config: pa.Array
) -> pa.Array:
    import pyarrow as pa

    rows = list(_rows(url, method, params, headers, config))
    bodies = _each(_Web(), rows, lambda web, row: web.rest(*row))
    return pa.array(bodies, pa.binary())


@batch("crawler_request", {"url": "string"}, "string", "the page at a URL", costly=True)
def crawler_request(url: pa.Array) -> pa.Array:
    import pyarrow as pa

    pages = _each(
        _Web(), list(_rows(url)), lambda web, row: _text(web.got("crawler_request", row[0], "get", {}))
    )
    return pa.array(pages, pa.string())


@batch(
    "crawler_http",
    {"url": "string", "method": "string", "params": MAP},
    "string",
    "the page that a request with form fields gives",
    costly=True,
)
def crawler_http(url: pa.Array, method: pa.Array, params: pa.Array) -> pa.Array:
    import pyarrow as pa

    rows = list(_rows(url, method, params))
    pages = _each(_Web(), rows, lambda web, row: _text(web.got("crawler_http", row[0], row[1], dict(row[2]))))
    return pa.array(pages, pa.string())


@batch("crawler_request_image", {"url": "string"}, "string", "the file at a URL, as Base64", costly=True)
def crawler_request_image(url: pa.Array) -> pa.Array:
    import base64

    import pyarrow as pa

    def one(web: _Web, row: Row) -> str:
        return base64.b64encode(web.got("crawler_request_image", row[0], "get", {})).decode()

    return pa.array(_each(_Web(), list(_rows(url)), one), pa.string())


def _rows(*columns: pa.Array) -> Sequence[Row | None]:
    """The rows; None where any value is NULL."""
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return [None if any(value is None for value in row) else row for row in rows]


def _each(web: _Web, rows: Sequence[Row | None], one: Callable[[_Web, Row], T]) -> list[T | None]:
    """The answers in the order of the rows, NULL for NULL; the first failure ends it."""
    with web, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="web") as pool:
        waiting = [None if row is None else pool.submit(one, web, row) for row in rows]
        try:
            return [None if future is None else future.result() for future in waiting]
        except BaseException:
            web.stop()
            pool.shutdown(cancel_futures=True)
            raise


class _Web:
    """Connections of one batch, one for each pair of time limits."""

    def __init__(self) -> None:
        self._webs: dict[tuple[float | None, float | None], Web] = {}

    def __enter__(self) -> _Web:
        return self

    def __exit__(self, *error: object) -> None:
        for web in self._webs.values():
            web.__exit__(*error)

    def stop(self) -> None:
        for web in list(self._webs.values()):
            web.stop()

    def _with(self, connect: float | None, read: float | None) -> Web:
        return self._webs.setdefault((connect, read), Web(connect, read))

    def got(self, name: str, url: str, method: str, params: Mapping[str, str]) -> bytes:
        """The answer to a form."""
        if method.lower() not in ("get", "post", "put"):
            raise BadOption(f'{name}: the method is get, post or put, not "{method}"')
        call = _call(name, url, method.lower(), params, {})
        return _body(name, call, self._with(None, None).ask(call))

    def rest(
        self,
        url: str,
        method: str,
        params: list[tuple[str, str]],
        headers: list[tuple[str, str]],
        config: list[tuple[str, str]],
    ) -> bytes:
        """The answer to one row of ``rest_request``."""
        name = "rest_request"
        options = {key.removeprefix("config."): value for key, value in config}
        if "file-path" in options or "file-name" in options:
            raise Unsupported(f"{name}: files are not sent", hint="save t as Rest.`url`")
        unknown = options.keys() - CONFIG
        if unknown:
            raise BadOption(f'{name} has no config "{min(unknown)}"')
        if method.lower() not in ("get", "post", "put"):
            raise BadOption(f'{name}: the method is get, post or put, not "{method}"')
        limits = (
            seconds(options[key], key) if options.get(key) else None
            for key in ("connect-timeout", "socket-timeout")
        )
        tries = options.get("retry", "3")
        if not tries.isdigit():
            raise BadOption(f'{name}: retry is a whole number, not "{tries}"')
        call = _call(name, url, method.lower(), dict(params), dict(headers))
        web = self._with(*limits)
        answer = web.ask(
            call, tries=int(tries), interval=seconds(options.get("retry.interval", "1s"), "retry.interval")
        )
        if options.get("request.interval"):
            web.rest(seconds(options["request.interval"], "request.interval"))
        return _body(name, call, answer)


def _call(name: str, url: str, method: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Call:
    """The request of a row."""
    try:
        checked(url)
    except BadOption:
        raise BadOption(f'{name}: "{shown(url)[:200]}" is not the URL of a web server') from None
    given = next((value for key, value in headers.items() if key.lower() == "content-type"), FORM)
    kind = given.partition(";")[0].strip().lower()
    sent = {key: value for key, value in headers.items() if key.lower() != "content-type"} | {
        "Content-Type": given
    }
    if method == "get":
        joint = "&" if "?" in url else "?"
        return Call(method, f"{url}{joint}{urlencode(params)}" if params else url, sent)
    if kind == "application/json":
        return Call(
            method, url, sent, content=params.get("body") or json.dumps(dict(params), ensure_ascii=False)
        )
    if kind != FORM:
        raise BadOption(
            f'{name}: the content type "{given}" is not known', hint=f"{FORM} or application/json"
        )
    return Call(method, url, sent, form=params)


def _body(name: str, call: Call, answer: Answer) -> bytes:
    if answer.status != OK:
        said = answer.content.decode("utf-8", "replace")
        why = f"{shown(call.url)}: status {answer.status}" if answer.status else said
        raise CommandError(f"{name}: {why}")
    return answer.content


def _text(page: bytes) -> str:
    """A page's text, in the characters it says it is written in."""
    import codecs

    found = _CHARSET.search(page[:4096])
    name = found[1].decode() if found else "utf-8"
    try:
        codecs.lookup(name)
    except LookupError:
        name = "utf-8"
    return page.decode(name, "replace")
