"""Plug-ins are found by name; an unknown name comes with the closest ones."""

from __future__ import annotations

import pytest

from pybyzer.errors import UnknownName
from pybyzer.registry import Registry, did_you_mean


def registry() -> Registry[str]:
    made: Registry[str] = Registry("format", "pybyzer.lang")
    made.register("csv")("the csv format")
    made.register("json", "jsonLines")("the json format")
    return made


def test_by_name_alias_and_without_case() -> None:
    formats = registry()
    assert formats.get("csv") == formats.get("CSV") == "the csv format"
    assert formats.get("jsonLines") == formats.get("json")


def test_exact_case_wins_over_folded() -> None:
    formats = registry()
    formats.register("Json")("another")
    assert formats.get("json") == "the json format"
    assert formats.get("Json") == "another"
    assert formats.find("JSON") is None


def test_unknown_names_come_with_the_closest() -> None:
    with pytest.raises(UnknownName, match='no format "jsn"') as caught:
        registry().get("jsn")
    assert caught.value.hint == 'did you mean "json"?'


def test_a_sessions_own_additions_stay_with_it() -> None:
    formats = registry()
    mine, yours = formats.child(), formats.child()
    mine.register("special")("mine")
    assert mine.get("special") == "mine"
    assert yours.find("special") is None
    assert mine.get("csv") == "the csv format"
    assert mine.names() == ["csv", "json", "jsonLines", "special"]


def test_a_hint_lists_few_and_keeps_quiet_about_many() -> None:
    assert did_you_mean("zzz", ["a", "b"]) == "known: a, b"
    assert did_you_mean("zzz", [str(n) for n in range(100)]) is None
