"""Rendering: every form of a table, and tables that are something else."""

from __future__ import annotations

import base64
import datetime
import decimal
import io
import json
import tarfile
from typing import Any

import pyarrow as pa
import pytest

from pybyzer.events import TableReady
from pybyzer_magics.render import TABLE_MIME, render, table_json

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def bundle(
    table: pa.Table, more: bool = False, total: int | None = None, zone: str = "UTC"
) -> dict[str, Any]:
    return render(TableReady("t", table, more, total), zone)


def test_text_is_aligned_with_types_and_a_count() -> None:
    table = pa.table({"id": [1, 20], "name": ["a", None]})
    assert bundle(table)["text/plain"].splitlines() == [
        "    id  name",
        "bigint  string",
        "------  ------",
        "     1  a",
        "    20  NULL",
        "2 rows",
    ]


def test_wide_characters_count_as_two() -> None:
    lines = bundle(pa.table({"名": ["李四", "x"], "n": [1, 2]}))["text/plain"].splitlines()
    assert lines[3] == "李四         1"
    assert lines[4] == "x            2"


@pytest.mark.parametrize(
    ("more", "total", "note"),
    [
        (False, 1, "1 row"),
        (True, None, "first 1 rows, there are more"),
        (True, 1797, "first 1 of 1,797 rows"),
    ],
)
def test_the_note_says_whether_there_are_more(more: bool, total: int | None, note: str) -> None:
    shown = bundle(pa.table({"a": [1]}), more, total)
    assert shown["text/plain"].splitlines()[-1] == note
    assert f">{note}</p>" in shown["text/html"]


def test_html_has_types_alignment_and_a_null_of_its_own() -> None:
    page = bundle(pa.table({"id": [1, None], "s": ["NULL", "<b>&"]}))["text/html"]
    assert ">id<br><small" in page
    assert ">bigint</small>" in page
    assert 'text-align:right">1</td>' in page
    assert '<i style="opacity:0.5">NULL</i>' in page
    assert ">NULL</td>" in page
    assert "&lt;b&gt;&amp;" in page
    assert "<script" not in page


def test_html_keeps_lines_and_blanks_of_values() -> None:
    page = bundle(pa.table({"s": ["a\nb", "a  b", "a b"]}))["text/html"]
    assert page.count("white-space:pre-wrap") == 2


@pytest.mark.parametrize(("rows", "scrolls"), [(20, False), (21, True)])
def test_a_tall_table_scrolls(rows: int, scrolls: bool) -> None:
    assert ("overflow:auto" in bundle(pa.table({"a": range(rows)}))["text/html"]) == scrolls


def test_column_names_are_escaped() -> None:
    assert "<script" not in bundle(pa.table({"<script>": ["<script>"]}))["text/html"]


def test_an_empty_table_shows_its_columns() -> None:
    shown = bundle(pa.table({"a": pa.array([], pa.int64())}), total=0)
    assert "bigint" in shown["text/plain"]
    assert "0 rows" in shown["text/html"]
    assert json.loads(shown[TABLE_MIME])["data"] == []


def test_nested_values_are_json() -> None:
    counts = pa.array([[("k", 1)]], pa.map_("string", "int64"))
    line = bundle(pa.table({"n": [{"a": [1, None], "b": "x"}], "m": counts}))["text/plain"].splitlines()[3]
    assert line.startswith('{"a": [1, null], "b": "x"}  ')
    assert line.endswith('  {"k": 1}')


def test_long_and_broken_lines_stay_on_one_line() -> None:
    lines = bundle(pa.table({"s": ["x" * 500, "a\tb"], "n": [1, 2]}))["text/plain"].splitlines()
    assert len(lines) == 6
    assert "…" in lines[3]
    assert "a\\tb" in lines[4]


def test_a_single_column_of_lines_is_shown_as_it_is() -> None:
    text = bundle(pa.table({"fileSystem": ["a\nb\n"]}))["text/plain"]
    assert text.startswith("fileSystem\na\nb\n")


def test_times_are_shown_in_the_zone_of_the_session() -> None:
    when = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    table = pa.table(
        {
            "a": pa.array([when], pa.timestamp("us", "UTC")),
            "b": pa.array([when.replace(tzinfo=None)], pa.timestamp("us")),
        }
    )
    shown = bundle(table, zone="Asia/Shanghai")
    assert "2020-01-01 08:00:00" in shown["text/plain"]
    assert "2020-01-01 00:00:00" in shown["text/plain"]
    assert json.loads(shown[TABLE_MIME])["data"] == [
        {"a": "2020-01-01T08:00:00+08:00", "b": "2020-01-01T00:00:00"}
    ]


def test_the_machine_readable_form_is_a_text_of_json_with_sparks_schema() -> None:
    table = pa.table(
        {
            "i": pa.array([1, None], pa.int32()),
            "f": [float("nan"), float("-inf")],
            "b": [b"\x00\xff", b""],
            "d": pa.array([decimal.Decimal("1.50"), decimal.Decimal("12345678901234567890.12")]),
        }
    )
    text = bundle(table)[TABLE_MIME]
    assert isinstance(text, str)
    assert text.startswith('{\n\t"schema": {')
    value = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert [f["type"] for f in value["schema"]["fields"]] == ["integer", "double", "binary", "decimal(22,2)"]
    assert value["schema"]["type"] == "struct"
    assert value["data"] == [
        {"i": 1, "f": "NaN", "b": "AP8=", "d": 1.5},
        {"f": "-Infinity", "b": "", "d": "12345678901234567890.12"},
    ]


def test_the_machine_readable_form_has_a_bounded_size() -> None:
    table = pa.table({"s": ["x" * 1_000_000] * 5, "b": [b"x" * 1_000_000] * 5})
    text = table_json(table)
    assert len(text) < 4_000_000
    assert 1 <= len(json.loads(text)["data"]) < 5


def test_single_precision_keeps_its_short_spelling() -> None:
    assert "0.1\n" in bundle(pa.table({"f": pa.array([0.1], pa.float32())}))["text/plain"]


def test_binary_is_size_and_bytes_and_pictures_are_pictures() -> None:
    shown = bundle(pa.table({"b": [b"abc", PNG]}))
    assert "3 bytes: 61 62 63" in shown["text/plain"]
    assert '<img src="data:image/png;base64,' in shown["text/html"]


def test_many_pictures_do_not_make_a_huge_page() -> None:
    big = PNG + b"\0" * 50_000
    assert len(bundle(pa.table({"b": [big] * 200}))["text/html"]) < 2_000_000


def media(content: Any, mime: Any) -> dict[str, Any]:
    return bundle(pa.table({"content": [content], "mime": [mime]}))


def test_content_and_mime_are_a_medium() -> None:
    encoded = base64.b64encode(PNG).decode()
    assert media(encoded, "image")["image/png"] == encoded
    assert media(PNG, "image/png")["image/png"] == encoded
    assert media("<b>x</b>", "html")["text/html"] == "<b>x</b>"
    assert media("# x", "markdown")["text/markdown"] == "# x"
    assert media('{"a": 1}', "application/json")["application/json"] == {"a": 1}


def test_a_medium_keeps_text_and_the_machine_readable_form() -> None:
    shown = media("<b>x</b>", "html")
    assert shown["text/plain"] == "<text/html>"
    assert json.loads(shown[TABLE_MIME])["data"] == [{"content": "<b>x</b>", "mime": "html"}]


def test_a_page_with_scripts_is_framed() -> None:
    page = media("<html><script>alert('x')</script></html>", "html")["text/html"]
    assert page.startswith('<iframe sandbox="allow-scripts" srcdoc="&lt;html&gt;')
    assert "<script" not in page


@pytest.mark.parametrize("mime", ["json", "", None])
def test_other_words_stay_a_table(mime: str | None) -> None:
    assert "<table>" in media("x", mime)["text/html"]


def test_file_tables_are_lists_of_names() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("model/a.txt", "model/b.bin"):
            member = tarfile.TarInfo(name)
            member.size = 1000
            tar.addfile(member, io.BytesIO(b"x" * 1000))
    data = buffer.getvalue()
    pieces = [(at, data[at : at + 600]) for at in range(0, len(data), 600)]
    table = pa.table(
        {
            "start": [at for at, _ in reversed(pieces)],
            "offset": [len(piece) for _, piece in reversed(pieces)],
            "value": [piece for _, piece in reversed(pieces)],
        }
    )
    lines = bundle(table)["text/plain"].splitlines()
    assert lines[0] == "files"
    assert lines[3:5] == ["model/a.txt", "model/b.bin"]
    cut = bundle(table.slice(table.num_rows - 4), more=True)["text/plain"]
    assert "model/a.txt" in cut


def test_file_rows_that_are_no_tar_say_so() -> None:
    table = pa.table({"start": [0], "offset": [3], "value": [b"abc"]})
    assert "(not a tar stream)" in bundle(table)["text/plain"]


def test_a_text_that_is_the_whole_table_is_not_cut() -> None:
    listing = "".join(f"-rw-r--r--   1 me me {i:>10} 2026-01-31 12:00 /data/{i}.png\n" for i in range(100))
    html = bundle(pa.table({"fileSystem": [listing]}))["text/html"]
    assert "/data/99.png" in html
    assert "monospace" in html
    assert "/data/99.png" not in bundle(pa.table({"t": [listing, "x"]}))["text/html"]
