"""Days that ORC libraries count differently are refused, not read as others."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import orc

from pybyzer import Session
from pybyzer.errors import Unsupported
from tests.unit.sources.support import load, rows, save


def days(*values: datetime.date | None) -> pa.Table:
    return pa.table({"d": pa.array(values, pa.date32()), "n": range(len(values))})


def test_days_of_the_julian_calendar(session: Session, tmp_path: Path) -> None:
    orc.write_table(days(datetime.date(2020, 1, 1), datetime.date(1582, 10, 14)), f"{tmp_path}/t.orc")
    with pytest.raises(Unsupported, match="days before 1582-10-15"):
        load(session, "orc", f"{tmp_path}/t.orc")
    with pytest.raises(Unsupported, match="days before 1582-10-15"):
        save(session, days(datetime.date(1, 1, 1)), "orc", f"{tmp_path}/u")
    assert not (tmp_path / "u").exists()


def test_other_days(session: Session, tmp_path: Path) -> None:
    table = days(datetime.date(1582, 10, 15), None)
    save(session, table, "orc", f"{tmp_path}/u")
    assert rows(session, "orc", f"{tmp_path}/u") == table.to_pylist()
