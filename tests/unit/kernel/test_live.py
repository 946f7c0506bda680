"""How a run looks in a log file."""

import io

import pytest

from pybyzer_kernel.live import Printer, first_line


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("-- a comment\nselect 1 as a;", "select 1 as a;"),
        ("#%python\n#%input=t\nimport os", "#%python import os"),
        ("-- nothing else", "-- nothing else"),
        ("x" * 200, "x" * 89 + "…"),
    ],
)
def test_a_cell_is_told_by_its_first_line(source, line):
    assert first_line(source) == line


def test_streams_results_and_bars():
    out = io.StringIO()
    printer = Printer(out)
    printer.heading("Part 1")
    printer.begin(1, 2, "select 1 as a;")
    printer.stream("half a line")
    printer.bar("x", "10 %")
    printer.bar("x", "done: 10 rows")
    printer.result("\n".join(["a", *map(str, range(30)), "30 rows"]))
    printer.done(0.26)
    lines = out.getvalue().split("\n")
    assert lines[:4] == ["", "Part 1", "[1/2] select 1 as a;", "half a line"]
    assert "... 16 more lines" in lines
    assert lines[-4:] == ["30 rows", "done: 10 rows", "    0.3 s", ""]


def test_quiet_shows_only_what_fails():
    out = io.StringIO()
    printer = Printer(out, quiet=True)
    printer.begin(1, 1, "a")
    printer.stream("text\n")
    printer.error(["\x1b[31mParseError\x1b[0m: no"])
    printer.done(1)
    assert out.getvalue() == "ParseError: no\n"
