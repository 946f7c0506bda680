"""``Rest``: the answers of a web server, a row for each page; a save sends one request."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption, CommandError
from pybyzer.events import Printed
from pybyzer.expressions import interpolate
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.paths import explained, is_hidden, place
from pybyzer.sources.rest_pages import Pages
from pybyzer.web import OK, Answer, Call, Web, checked, seconds, shown

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible

FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"

REQUEST_PARAMETERS = (
    Parameter("config.method", "get, post or put", "get"),
    Parameter("config.connect-timeout", "how long the server may take to accept (10s by default)"),
    Parameter("config.socket-timeout", "how long the server may be silent (60s by default)"),
    Parameter("config.debug", "print each request", "false", choices=BOOLEAN),
    Parameter("header.*", "a request header"),
    Parameter("body", "the body, when header.content-type is application/json"),
    Parameter("form.*", "a field: in the URL for get, else in the body; :{...} is evaluated"),
)


@SOURCES.register("Rest")
class RestSource(Source):
    """``content binary, status int``."""

    name = "Rest"
    parameters = (
        *REQUEST_PARAMETERS,
        Parameter("config.retry", "tries until the status is 200 (without pages)"),
        Parameter("config.retry.interval", "between two tries", "1s"),
        Parameter("config.page.next", "the URL of the next page, with {0}, {1} for the values"),
        Parameter(
            "config.page.values", "JSON paths separated by commas, auto-increment:N or offset:start,step"
        ),
        Parameter("config.page.limit", "the most requests, the first included", "1"),
        Parameter("config.page.stop", "sizeZero:$.p, notExists:$.p or equals:$.p,value ends it"),
        Parameter("config.page.skip-params", "form.* only in the first request", "false", choices=BOOLEAN),
        Parameter("config.page.interval", "between two pages", "10ms"),
        Parameter("config.page.retry", "tries for each page", "3"),
        Parameter(
            "config.page.error.strategy",
            "when a page fails: an error, or what came before",
            "abort",
            choices=("abort", "skip"),
        ),
        Parameter("config.enableRequestCleaner", "without effect: nothing is left behind", choices=BOOLEAN),
    )
    save_parameters = (
        *REQUEST_PARAMETERS,
        Parameter("form.file-path", "for multipart/form-data: a file, or a directory without directories"),
        Parameter("form.file-name", "what the file is called"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        asking = _Asking(ctx, checked(request.path), options)
        pages = Pages.of(options)
        schema = pa.schema([("content", pa.binary()), ("status", pa.int32())])
        answers = asking.one(options) if pages is None else asking.all(pages, options)
        return pa.RecordBatchReader.from_batches(
            schema,
            (
                pa.RecordBatch.from_arrays([[a.content], pa.array([a.status], pa.int32())], schema=schema)
                for a in answers
            ),
        )

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        asking = _Asking(ctx, checked(request.path), options)
        with contextlib.ExitStack() as stack:
            files = _files(ctx, options, stack) if asking.kind == MULTIPART and asking.method != "get" else ()
            web = stack.enter_context(asking.web())
            answer = asking.send(web, asking.call(request.path, form=True, files=files))
        if answer.status != OK:
            said = answer.content.decode("utf-8", "replace")[:200] if answer.status == 0 else ""
            status = f"status {answer.status}" if answer.status else said
            raise CommandError(f"Fail to save {shown(request.path)}: {status}").about("path")
        return None


class _Asking:
    """How a server is asked: method, headers, body."""

    def __init__(self, ctx: Context, url: str, options: Mapping[str, str]) -> None:
        self._ctx, self._url = ctx, url
        self._options = options
        self.method = options["config.method"].lower()
        headers = {
            key[len("header.") :]: value
            for key, value in options.items()
            if key.lower().startswith("header.")
        }
        given = next((value for key, value in headers.items() if key.lower() == "content-type"), FORM)
        self._headers = {k: v for k, v in headers.items() if k.lower() != "content-type"}
        self._content_type = given.strip()
        self.kind = self._content_type.partition(";")[0].strip().lower()
        self._form = {
            key[len("form.") :]: interpolate(ctx, value, key)
            for key, value in options.items()
            if key.lower().startswith("form.") and key not in ("form.file-path", "form.file-name")
        }
        times = [
            seconds(options[key], key) if options.get(key) else None
            for key in ("config.connect-timeout", "config.socket-timeout")
        ]
        self._connect, self._read = times

    @contextlib.contextmanager
    def web(self) -> Iterator[Web]:
        """The connection, stopped with the session."""
        with Web(self._connect, self._read) as web:
            self._ctx.on_cancel.append(web.stop)
            try:
                yield web
            finally:
                self._ctx.on_cancel.remove(web.stop)

    def call(self, url: str, *, form: bool, files: Any = ()) -> Call | Answer:
        """The request, or the answer to one that cannot be made."""
        headers = dict(self._headers)
        if self.method == "get":
            return Call("get", _with_query(url, self._form) if form else url, headers | self._type())
        if self.method not in ("post", "put"):
            return Answer(405, f"HTTP method {self.method} is not support yet".encode())
        if self.kind == JSON:
            return Call(self.method, url, headers | self._type(), content=self._options.get("body", ""))
        if self.kind == FORM:
            return Call(self.method, url, headers | self._type(), form=self._form if form else {})
        if files:
            # The library writes the content type, because it knows the boundary.
            return Call(self.method, url, headers, form=self._form, files=files)
        return Answer(415, f"content-type {self._content_type} is not support yet".encode())

    def _type(self) -> dict[str, str]:
        return {"Content-Type": self._content_type}

    def send(self, web: Web, call: Call | Answer, tries: int = 1, interval: float = 0.0) -> Answer:
        """Ask; with ``config.debug`` say so."""
        if isinstance(call, Answer):
            return call
        answer = web.ask(call, tries=tries, interval=interval)
        if self._options["config.debug"].lower() == "true":
            text = (
                f"{call.method.upper()} {shown(call.url)} -> {answer.status}, {len(answer.content)} bytes\n"
            )
            self._ctx.emit(Printed(text, "stderr"))
        return answer

    def one(self, options: Mapping[str, str]) -> Iterator[Answer]:
        """The answer to the one request."""
        tries = _count(options, "config.retry" if options.get("config.retry") else "config.page.retry")
        interval = seconds(options["config.retry.interval"], "config.retry.interval")
        with self.web() as web:
            yield self.send(web, self.call(self._url, form=True), tries, interval)

    def all(self, pages: Pages, options: Mapping[str, str]) -> Iterator[Answer]:
        """The answers to the request and those for further pages."""
        tries, most = _count(options, "config.page.retry"), _count(options, "config.page.limit")
        interval = seconds(options["config.retry.interval"], "config.retry.interval")
        pause = seconds(options["config.page.interval"], "config.page.interval")
        later = options["config.page.skip-params"].lower() != "true"
        url: str | None = self._url
        with self.web() as web:
            for number in range(most):
                if url is None:
                    return
                if number:
                    web.rest(pause)
                answer = self.send(web, self.call(url, form=later or not number), tries, interval)
                if answer.status != OK:
                    if options["config.page.error.strategy"].lower() == "abort":
                        raise _failed(url, answer, tries, number)
                    if number == 0:
                        yield answer
                    return
                yield answer
                url = pages.following(answer.content, number + 1) if number + 1 < most else None


def _failed(url: str, answer: Answer, tries: int, number: int) -> CommandError:
    said = f": {answer.content.decode('utf-8', 'replace')}" if answer.status == 0 else ""
    return CommandError(
        f"Rest: page {number + 1}: URL:{shown(url)},with response status {answer.status},"
        f" Have retried {tries} times!{said}",
        hint='config.page.error.strategy="skip" keeps the pages before it',
    ).about("path")


def _with_query(url: str, form: Mapping[str, str]) -> str:
    if not form:
        return url
    joint = "" if url.endswith("?") else "&" if "?" in url else "?"
    return url + joint + urlencode(form)


def _count(options: Mapping[str, str], name: str) -> int:
    text = options[name]
    if not text.isdigit() or not int(text):
        raise BadOption(f'Rest: {name} must be a whole number above 0, not "{text}"', option=name)
    return int(text)


def _files(
    ctx: Context, options: Mapping[str, str], stack: contextlib.ExitStack
) -> list[tuple[str, tuple[str, Any]]]:
    """The file, or those of a directory, each in a field of its name."""
    path = options.get("form.file-path")
    if not path:
        raise BadOption(
            "Rest: form.file-path is required with multipart/form-data", option="header.content-type"
        )
    at = place(ctx, path)
    with explained("read", at):
        if at.fs.isfile(at.path):
            found = [(at.path, options.get("form.file-name") or posixpath.basename(at.path))]
        elif at.fs.isdir(at.path):
            entries = sorted(at.fs.ls(at.path, detail=True), key=lambda entry: str(entry["name"]))
            if any(entry["type"] == "directory" for entry in entries):
                raise BadOption(f"Rest: {path} has directories in it", option="form.file-path")
            names = [str(entry["name"]) for entry in entries]
            found = [(n, posixpath.basename(n)) for n in names if not is_hidden(posixpath.basename(n))]
        else:
            raise BadOption(f"Rest: there is no file or directory {path}", option="form.file-path")
        if not found:
            raise BadOption(f"Rest: there are no files in {path}", option="form.file-path")
        return [(name, (name, stack.enter_context(at.fs.open(file, "rb")))) for file, name in found]
