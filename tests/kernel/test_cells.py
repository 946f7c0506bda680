"""Cells of every kind, one after the other, in one kernel."""

from __future__ import annotations

import json

import pytest

from tests.kernel.conftest import Kernel

TABLE_MIME = "x-application/mlsql-notebook"


def test_a_query_shows_a_table_in_three_forms(kernel: Kernel) -> None:
    reply = kernel.run("select 1 as a, 'x' as b as t;")
    assert reply.status == "ok"
    assert reply.shown() == ["  a  b\nint  string\n---  ------\n  1  x\n1 row"]
    assert "<table>" in reply.shown("text/html")[0]
    assert json.loads(reply.shown(TABLE_MIME)[0])["data"] == [{"a": 1, "b": "x"}]


def test_tables_stay_for_the_next_cell_and_only_the_last_is_shown(kernel: Kernel) -> None:
    kernel.run("select 2 as a as first;")
    reply = kernel.run("select a + 1 as a from first as second;\nselect a + 1 as a from second as third;")
    assert [text.splitlines()[3].strip() for text in reply.shown()] == ["4"]


def test_two_cells_in_a_row_keep_their_outputs_apart(kernel: Kernel) -> None:
    first = kernel.send('!sh sh "-c" "sleep 0.3; echo one";')
    second = kernel.send('!sh echo "two";')
    assert kernel.receive(first).text() == "one\n"
    assert kernel.receive(second).text() == "two\n"


def test_text_is_sent_while_the_cell_runs(kernel: Kernel) -> None:
    request = kernel.send('!sh sh "-c" "echo early; read wait < /dev/zero; sleep 60";')
    assert kernel.wait_for(request, "stream")["text"] == "early\n"
    kernel.manager.interrupt_kernel()
    assert kernel.receive(request).status == "error"


def test_a_save_says_what_it_wrote(kernel: Kernel) -> None:
    kernel.run("select 1 as a as t;")
    reply = kernel.run("save overwrite t as parquet.`saved`;")
    assert reply.text() == "save t as parquet: 1 row\n"


def test_state_stays_across_ipython_cells(kernel: Kernel) -> None:
    kernel.run("#%ipython\nnumber = 20")
    assert kernel.run("#%ipython\nnumber + 1").shown() == ["21"]
    assert kernel.run("#%ipython\nimport asyncio\nawait asyncio.sleep(0)\nnumber").shown() == ["20"]


def test_magics_work_with_and_without_a_header(kernel: Kernel) -> None:
    assert "Wall time" in kernel.run("#%ipython\n%%time\n1 + 1").text()
    assert kernel.run("%%capture caught\nprint('x')").text() == ""
    assert kernel.run("#%ipython\ncaught.stdout").shown() == ["'x\\n'"]


def test_pictures_appear(kernel: Kernel) -> None:
    reply = kernel.run("#%ipython\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
    assert reply.shown("image/png")[-1].startswith("iVBOR")


def test_markdown_cells_are_shown(kernel: Kernel) -> None:
    assert kernel.run("#%markdown\n# Title").shown("text/markdown") == ["# Title"]


def test_tables_are_objects_in_ipython_cells(kernel: Kernel) -> None:
    kernel.run("select explode(array(3, 4)) as x as numbers;")
    assert kernel.run("#%ipython\ntable('numbers').df().x.sum().item()").shown() == ["7"]
    assert kernel.run("#%ipython\nimport pyarrow as pa\npa.table(table('numbers')).num_rows").shown() == ["2"]
    assert kernel.run("#%ipython\ntable('numbers').columns").shown() == ["['x']"]
    assert "<table>" in kernel.run("#%ipython\ntable('numbers')").shown("text/html")[0]


def test_a_missing_table_is_named_with_the_closest(kernel: Kernel) -> None:
    kernel.run("select 1 as a as numbers;")
    (error,) = kernel.run("#%ipython\ntable('nubers')").errors
    assert error["ename"] == "UnknownName"
    assert '"numbers"' in "\n".join(error["traceback"])


def test_data_frames_are_tables_as_they_are_now(kernel: Kernel) -> None:
    kernel.run("#%ipython\nimport pandas as pd\nframe = pd.DataFrame({'x': [1, 2], 's': ['a', None]})")
    assert "2 rows" in kernel.run("select * from frame where x > 0 as seen;").shown()[0]
    kernel.run("#%ipython\nframe = frame[frame.x > 1]")
    reply = kernel.run("select x, s from frame as seen;")
    assert reply.shown()[0].splitlines()[0].split() == ["x", "s"]
    assert "1 row" in reply.shown()[0]


def test_data_frames_can_be_loaded(kernel: Kernel) -> None:
    kernel.run("#%ipython\nimport pyarrow as pa\nloaded = pa.table({'x': [1, 2, 3]})")
    assert "3 rows" in kernel.run("load dataframe.`loaded` as t;").shown()[0]
    (error,) = kernel.run("load dataframe.`loadde` as t;").errors
    assert error["ename"] == "UnknownName"
    assert 'did you mean "loaded"?' in "\n".join(error["traceback"])


def test_a_table_made_in_sql_wins_over_a_data_frame(kernel: Kernel) -> None:
    kernel.run("#%ipython\nimport pyarrow as pa\nowned = pa.table({'x': [1]})")
    kernel.run("select 'sql' as x as owned;")
    assert "sql" in kernel.run("select * from owned as seen;").shown()[0]


@pytest.mark.parametrize(
    ("code", "name", "place"),
    [
        ("select 1 as a as t;\nlod csv.`x` as t;", "ParseError", "cell 2:1"),
        ("load csvv.`x` as t;", "UnknownName", "cell 1:6"),
        ("#%python\n#%shcema=file\n1", "BadOption", "cell 2:1"),
        ("#%pyhton\n1", "UnknownName", "cell 1:1"),
        ("#%visualize\nx: 1", "Unsupported", "cell 1:1"),
    ],
)
def test_errors_are_shown_once_with_their_place(kernel: Kernel, code: str, name: str, place: str) -> None:
    reply = kernel.run(code)
    (error,) = reply.errors
    assert reply.status == "error"
    assert error["ename"] == reply.content["ename"] == name
    assert error["evalue"] == reply.content["evalue"]
    assert "\n" not in error["evalue"]
    lines = error["traceback"]
    assert any(f"--> {place}" in line for line in lines)
    assert any("^" in line for line in lines)
    assert not any("site-packages" in line or "Traceback" in line for line in lines)


def test_python_errors_keep_their_traceback(kernel: Kernel) -> None:
    (error,) = kernel.run("#%ipython\n1 / 0").errors
    assert error["ename"] == "ZeroDivisionError"
    assert len(error["traceback"]) > 1


def test_what_follows_an_error_is_not_run(kernel: Kernel) -> None:
    first = kernel.send('!sh sh "-c" "sleep 0.3; exit 3";')
    second = kernel.send("select 1 as a as t;")
    assert kernel.receive(first).status == "error"
    assert kernel.receive(second).status == "aborted"
    third = kernel.send("selec;", stop_on_error=False)
    fourth = kernel.send("select 1 as a as t;")
    assert kernel.receive(third).status == "error"
    assert kernel.receive(fourth).status == "ok"


def test_a_silent_request_shows_and_counts_nothing(kernel: Kernel) -> None:
    before = kernel.run("select 1 as a as t;").content["execution_count"]
    reply = kernel.run("select 1 as a as t;", silent=True)
    assert reply.status == "ok"
    assert reply.messages == []
    assert kernel.run("select 1 as a as t;").content["execution_count"] == before + 1


def test_user_expressions_are_evaluated(kernel: Kernel) -> None:
    reply = kernel.run("select 1 as a as t;", user_expressions={"x": "1 + 1"})
    assert reply.content["user_expressions"]["x"]["data"]["text/plain"] == "2"


@pytest.mark.parametrize("text", ["helped?", "?helped"])
def test_a_question_mark_explains(kernel: Kernel, text: str) -> None:
    kernel.run("select 1 as a as helped;")
    (page,) = kernel.run(text).content["payload"]
    assert page["source"] == "page"
    assert page["data"]["text/plain"].startswith("table helped\n  a  int")


def test_words_of_python_are_pythons(kernel: Kernel) -> None:
    reply = kernel.client.inspect("#%ipython\nmax", reply=True, timeout=60)["content"]
    assert "iterable" in reply["data"]["text/plain"]
    completed = kernel.client.complete("#%ipython\nmax", reply=True, timeout=60)["content"]
    assert "max" in completed["matches"]


def test_history_has_the_text_as_it_was_typed(kernel: Kernel) -> None:
    kernel.run("select 77 as a as t;")
    reply = kernel.client.history(
        hist_access_type="tail", n=1, raw=True, output=False, reply=True, timeout=60
    )
    assert reply["content"]["history"][-1][2] == "select 77 as a as t;"


def test_the_kernel_says_what_it_is(kernel: Kernel) -> None:
    info = kernel.client.kernel_info(reply=True, timeout=60)["content"]
    assert info["implementation"] == "pybyzer"
    assert info["language_info"]["mimetype"] == "text/x-sql"
    assert "debugger" not in info["supported_features"]
