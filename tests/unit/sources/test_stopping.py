"""A long load stops when the session is cancelled."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pybyzer import Session
from pybyzer.errors import Interrupted
from pybyzer.sources import csv_reader, json_reader
from tests.unit.sources.support import load, rows


@pytest.mark.parametrize(
    ("form", "text", "owner", "method"),
    [
        ("json", '{"a":1}\n' * 2_000_000, json_reader.JsonReader, "_arrow_type"),
        ("csv", "2020-01-01 10:00:00\n" * 1_000_000, csv_reader.TextTypes, "wider"),
    ],
    ids=["json", "csv"],
)
def test_inference_stops(  # noqa: PLR0917 - four of a case, three fixtures
    form: str,
    text: str,
    owner: type,
    method: str,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "t"
    file.write_text(text)
    real, calls = getattr(owner, method), []

    def cancels(self: object, *arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            stopper = threading.Thread(target=session.cancel)
            stopper.start()
            stopper.join()
        return real(self, *arguments)

    monkeypatch.setattr(owner, method, cancels)
    with pytest.raises(Interrupted):
        load(session, form, str(file), {"inferSchema": "true"} if form == "csv" else {})
    assert len(calls) <= 4  # the block at hand is finished
    monkeypatch.undo()
    file.write_text(text[:8] + "\n")
    assert len(rows(session, form, str(file))) == 1
