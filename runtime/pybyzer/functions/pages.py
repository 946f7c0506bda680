"""What is in a web page: its title, its text, the match of an XPath."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption, MissingPackage
from pybyzer.functions.base import batch, macro

if TYPE_CHECKING:
    import pyarrow as pa

macro("crawler_md5", "s", "md5(s)", "the MD5 of a text, as hexadecimal digits")


@batch("crawler_auto_extract_title", {"html": "string"}, "string", "the title of a page")
def crawler_auto_extract_title(html: pa.Array) -> pa.Array:
    def title(document: Any) -> str | None:
        found = document.xpath("//title") or document.xpath("//h1")
        return " ".join(found[0].text_content().split()) if found else None

    return _of_documents(html, title)


@batch(
    "crawler_auto_extract_body", {"html": "string"}, "string", "the text of a page, without what is around it"
)
def crawler_auto_extract_body(html: pa.Array) -> pa.Array:
    import pyarrow as pa

    try:
        import trafilatura
    except ImportError:
        raise MissingPackage(
            "crawler_auto_extract_body needs the package trafilatura", hint="pip install 'pybyzer[crawler]'"
        ) from None
    texts = [None if page is None else trafilatura.extract(page) for page in html.to_pylist()]
    return pa.array(texts, pa.string())


@batch(
    "crawler_extract_xpath",
    {"html": "string", "xpath": "string"},
    "string",
    "the first match in a page: an element as HTML, a text or attribute as it is",
)
def crawler_extract_xpath(html: pa.Array, xpath: pa.Array) -> pa.Array:
    import lxml.etree
    import lxml.html
    import pyarrow as pa

    known: dict[str, Any] = {}
    for path in set(xpath.to_pylist()) - {None}:
        try:
            known[path] = lxml.etree.XPath(path)
        except lxml.etree.XPathError as error:
            raise BadOption(f'crawler_extract_xpath: "{path}" is no XPath: {error}') from None

    def match(document: Any, path: str) -> str | None:
        found = known[path](document)
        first = found[0] if isinstance(found, list) and found else None if isinstance(found, list) else found
        if first is None or isinstance(first, str):
            return first
        if isinstance(first, bool):
            return str(first).lower()
        if isinstance(first, float):
            return str(first)
        return str(lxml.html.tostring(first, encoding="unicode", with_tail=False))

    def one(page: str | None, path: str | None) -> str | None:
        return None if page is None or path is None else _parsed(page, lambda document: match(document, path))

    return pa.array(map(one, html.to_pylist(), xpath.to_pylist()), pa.string())


def _of_documents(html: pa.Array, get: Callable[[Any], str | None]) -> pa.Array:
    import pyarrow as pa

    return pa.array([None if page is None else _parsed(page, get) for page in html.to_pylist()], pa.string())


def _parsed(page: str, get: Callable[[Any], str | None]) -> str | None:
    """What ``get`` finds in a page; NULL in an empty one."""
    import lxml.etree
    import lxml.html

    try:
        # As bytes: a page may declare an encoding that its text no longer has.
        document = lxml.html.document_fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError):
        return None
    return get(document)
