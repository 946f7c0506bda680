"""The outbox: text in few messages and in order, one bar that ends as a line."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from pybyzer.events import Displayed, Failed, Finished, Printed, Progress, Started, TableReady
from pybyzer_kernel import outbox as module
from pybyzer_kernel.outbox import Outbox


class Wire:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, content: dict[str, Any]) -> None:
        self.sent.append((kind, content))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.sent]

    def texts(self) -> list[str]:
        return [c["text"] if k == "stream" else c["data"]["text/plain"] for k, c in self.sent]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar does not wait."""
    monkeypatch.setattr(module, "BAR_AFTER", 0.0)
    monkeypatch.setattr(module, "BAR_EVERY", 0.0)


def test_text_is_gathered_by_stream_and_sent_before_anything_else(wire: Wire) -> None:
    box = Outbox(wire)
    for text, stream in [("a\n", "stdout"), ("b\n", "stdout"), ("c\n", "stderr"), ("d\n", "stdout")]:
        box.emit(Printed(text, stream))
    box.emit(Displayed({"text/html": "<b>x</b>"}))
    assert [c.get("name") for _, c in wire.sent] == ["stdout", "stderr", "stdout", None]
    assert wire.texts() == ["a\nb\n", "c\n", "d\n", ""]


def test_much_text_does_not_wait(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Printed("x" * module.TEXT_LENGTH))
    assert wire.kinds == ["stream"]


def test_waiting_text_is_sent_after_a_while(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Outbox(wire)
    box.emit(Printed("a"))
    monkeypatch.setattr(module, "TEXT_EVERY", 3600.0)
    box.tick()
    assert wire.sent == []
    monkeypatch.setattr(module, "TEXT_EVERY", 0.0)
    box.tick()
    assert wire.texts() == ["a"]


def test_tables_are_displayed_in_the_zone_of_the_session(wire: Wire) -> None:
    box = Outbox(wire)
    box.zone = "Asia/Shanghai"
    rows = pa.table({"t": pa.array([0], pa.timestamp("us", "UTC"))})
    box.emit(TableReady("t", rows, False, 1))
    assert "1970-01-01 08:00:00" in wire.texts()[0]


@pytest.mark.usefixtures("eager")
def test_one_bar_is_updated_and_ends_as_a_line(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Started("save t as csv"))
    box.emit(Progress("save t as csv", 500, 1000))
    box.emit(Progress("save t as csv", 1000, 1000))
    box.emit(Finished("save t as csv", 2.5, 1000))
    assert wire.kinds == ["display_data", "update_display_data", "update_display_data"]
    assert len({c["transient"]["display_id"] for _, c in wire.sent}) == 1
    assert wire.texts()[0] == "[##########..........]  50%  save t as csv: 500 of 1,000 rows"
    assert wire.texts()[-1] == "save t as csv: 1,000 rows, 2.5 s"
    assert "<progress" not in wire.sent[-1][1]["data"]["text/html"]


@pytest.mark.usefixtures("eager")
def test_a_query_is_asked_how_far_it_is(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Started("select as t"))
    for share in (0.25, None, 0.5):
        box.tick(lambda share=share: share)
    box.emit(Finished("select as t", 3.21))
    assert wire.texts() == [
        "[#####...............]  25%  select as t",
        "[##########..........]  50%  select as t",
        "select as t: 3.2 s",
    ]


def test_a_short_query_is_not_asked(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Started("select as t"))
    box.tick(lambda: pytest.fail("asked"))
    assert wire.sent == []


def test_a_short_statement_shows_no_bar(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Started("x"))
    box.emit(Progress("x", 1, 2))
    box.emit(Finished("x", 0.1))
    box.close()
    assert wire.sent == []


def test_updates_are_throttled(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BAR_AFTER", 0.0)
    monkeypatch.setattr(module, "BAR_EVERY", 3600.0)
    box = Outbox(wire)
    for done in range(100):
        box.emit(Progress("x", done))
    assert len(wire.sent) == 1
    box.close()
    assert wire.texts()[-1] == "x: 0.0 s"


@pytest.mark.usefixtures("eager")
def test_a_failed_statement_ends_its_bar(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Progress("save t", 1, 2))
    box.emit(Failed("save t", ValueError()))
    assert wire.texts()[-1] == "save t: failed"


def test_a_save_says_how_many_rows(wire: Wire) -> None:
    box = Outbox(wire)
    box.emit(Finished("save t as delta", 0.2, 1797, "duckdb"))
    box.emit(Finished("select as t", 0.2, None, "duckdb"))
    box.close()
    assert wire.texts() == ["save t as delta: 1,797 rows\n"]


def test_text_after_the_end_still_reaches_its_cell(wire: Wire) -> None:
    box = Outbox(wire)
    box.close()
    box.emit(Printed("late\n"))
    assert wire.texts() == ["late\n"]
