"""Titles, texts and XPaths of pages."""

from __future__ import annotations

from typing import Any

import pytest

from pybyzer import Session
from pybyzer.errors import BadOption

PAGE = '<html><title> A  title </title><body><a href="u">x<b id="é">y</b></a><p>中</p></body></html>'


def value(session: Session, expression: str, page: str = PAGE) -> Any:
    session.variables.set("page", page)
    session.run_text("load script.`page` as pages;")
    session.run_text(f"select {expression} as x from (select value as p from pages) as t;")
    return session.table("t").reader.read_all().column("x").to_pylist()[0]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("//a/@href", "u"),
        ("//b", '<b id="é">y</b>'),
        ("//p/text()", "中"),
        ("//q", None),
        ("count(//b)", "1.0"),
        ("string(//a)", "xy"),
        ("//b = 'y'", "true"),
    ],
)
def test_xpath(path: str, found: str | None, session: Session) -> None:
    assert value(session, f'crawler_extract_xpath(p, "{path}")') == found


def test_bad_xpath(session: Session) -> None:
    with pytest.raises(BadOption, match="is no XPath"):
        value(session, "crawler_extract_xpath(p, '//[')")


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (PAGE, "A title"),
        ("<h1>Only <i>this</i></h1>", "Only this"),
        ("", None),
        ("no page", None),
        ('<?xml version="1.0" encoding="gbk"?><html><title>é</title></html>', "é"),
    ],
)
def test_title(page: str, title: str | None, session: Session) -> None:
    assert value(session, "crawler_auto_extract_title(p)", page) == title


@pytest.mark.needs("trafilatura")
def test_body(session: Session) -> None:
    text = "This is what the page is about, in a sentence that is long enough to be one. " * 5
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{text}</p></article></body></html>"
    found = value(session, "crawler_auto_extract_body(p)", page)
    assert found.startswith("This is what the page is about")
    assert "Home" not in found
