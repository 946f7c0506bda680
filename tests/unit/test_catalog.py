"""The session's memory of table names."""

from __future__ import annotations

import pytest

from pybyzer.catalog import Catalog, Entry
from pybyzer.errors import UnknownName


def test_names_ignore_case_and_keep_their_spelling() -> None:
    catalog = Catalog()
    catalog.add(Entry("Sales"))
    assert "sales" in catalog
    assert catalog.get("SALES").name == "Sales"


def test_the_last_table_is_the_last_added() -> None:
    catalog = Catalog()
    catalog.add(Entry("a"))
    catalog.add(Entry("b"))
    assert catalog.last == "b"
    catalog.remove("B")
    assert catalog.last is None


def test_temporary_names_are_not_listed() -> None:
    catalog = Catalog()
    catalog.add(Entry(catalog.fresh(), temporary=True))
    catalog.add(Entry("t"))
    assert catalog.names() == ["t"]


def test_it_follows_the_names_an_engine_has() -> None:
    catalog = Catalog()
    for entry in (Entry("kept"), Entry("gone"), Entry("__made_up", temporary=True), Entry("last")):
        catalog.add(entry)
    catalog.match(["KEPT", "last", "New", "command"], "create")
    assert catalog.names() == ["kept", "last", "New"]
    assert catalog.get("new").origin == "create"
    assert "__made_up" in catalog
    assert catalog.last == "last"


def test_fresh_names_differ() -> None:
    catalog = Catalog()
    assert catalog.fresh() != catalog.fresh()


def test_a_missing_table_comes_with_the_closest() -> None:
    catalog = Catalog()
    catalog.add(Entry("customers"))
    with pytest.raises(UnknownName, match='no table "customer"') as caught:
        catalog.get("customer")
    assert caught.value.hint == 'did you mean "customers"?'
