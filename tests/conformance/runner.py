"""Runs a conformance script and writes down what a user would see."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pyarrow as pa

from pybyzer import ByzerError, Session
from pybyzer.arrow import type_name
from pybyzer.events import Displayed, Event, Printed, TableReady
from pybyzer_magics.router import route

CELL = re.compile(r"^-- %%.*\n?", re.MULTILINE)
DATA = Path(__file__).parent / "data"


def run_script(script: Path, session: Session, tmp: Path) -> tuple[str, str | None]:
    """Everything the script shows, as text, and the rendered error that ended it (or None).

    Cells are separated by lines that start with ``-- %%``. Paths of the test's own directories are
    written as ``<tmp>`` and ``<data>``.
    """
    session.variables.set("tmp", str(tmp))
    session.variables.set("data", str(DATA))
    shown: list[str] = []

    def emit(event: Event) -> None:
        match event:
            case TableReady():
                shown.append(table_text(event.rows) + ("... more rows\n" if event.more else ""))
            case Printed():
                shown.append(f"[{event.stream}] {event.text}" + ("" if event.text.endswith("\n") else "\n"))
            case Displayed():
                shown.append(f"[displayed] {', '.join(sorted(event.data))}\n")
            case _:
                pass

    error = None
    try:
        for text in CELL.split(script.read_text(encoding="utf-8")):
            if text.strip():
                cell, front_end = route(text)
                session.run(front_end.statements(cell), emit)
    except ByzerError as caught:
        error = _neutral(caught.render() + "\n", tmp)
    return _neutral("\n".join(shown), tmp), error


def table_text(rows: pa.Table) -> str:
    """A header ``name:type`` and the rows, separated by tabs; NULL is written NULL."""
    header = "\t".join(f"{field.name}:{type_name(field.type)}" for field in rows.schema)
    columns = [rows.column(i).to_pylist() for i in range(rows.num_columns)]
    lines = ["\t".join(_value(v) for v in row) for row in zip(*columns, strict=True)]
    return "\n".join([header, *lines]) + "\n"


def _value(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        case bytes():
            return f"0x{value.hex()}" if len(value) <= 32 else f"{len(value)} bytes"
        case bool():
            return str(value).lower()
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case dict():
            return "{" + ", ".join(f"{k}: {_value(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(_value(v) for v in value) + "]"
        case tuple():
            return "(" + ", ".join(_value(v) for v in value) + ")"
        case _:
            return str(value)


def _neutral(text: str, tmp: Path) -> str:
    return text.replace(str(tmp), "<tmp>").replace(str(DATA), "<data>")
