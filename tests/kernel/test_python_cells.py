"""``#%python`` cells in the kernel: tables in, a table out, prints and errors in their own cell."""

from __future__ import annotations

from tests.kernel.conftest import Kernel

PICTURE = """#%python
import struct, zlib, base64
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
png += chunk(b"IDAT", zlib.compress(b"\\0\\0")) + chunk(b"IEND", b"")
context.build_result([{"content": base64.b64encode(png).decode(), "mime": "image"}])
"""


def test_a_table_goes_in_and_a_table_comes_out(kernel: Kernel) -> None:
    kernel.run("select explode(array(1, 2, 3)) as x as numbers;")
    reply = kernel.run(
        "#%python\n#%input=numbers\n#%output=doubled\n"
        "context.build_result([{'y': row['x'] * 2} for row in context.fetch_once_as_rows()])"
    )
    assert reply.status == "ok", reply.errors
    assert "3 rows" in reply.shown()[0]
    assert kernel.run("select max(y) as m from doubled as t;").shown()[0].splitlines()[3].strip() == "6"


def test_a_data_frame_of_the_notebook_goes_in(kernel: Kernel) -> None:
    kernel.run("#%ipython\nimport pandas as pd\nframe = pd.DataFrame({'x': [5, 6]})")
    reply = kernel.run("#%python\n#%input=frame\nprint(sum(r['x'] for r in context.fetch_once_as_rows()))")
    assert reply.text() == "11\n", reply.errors


def test_prints_arrive_while_the_cell_runs_and_in_their_cell(kernel: Kernel) -> None:
    code = "#%python\nimport sys, time\nprint('early')\nprint('bad', file=sys.stderr)\ntime.sleep({})"
    first = kernel.send(code.format(100))
    assert kernel.wait_for(first, "stream")["text"].startswith(("early", "bad"))
    kernel.manager.interrupt_kernel()
    assert kernel.receive(first).status == "error"
    reply = kernel.run(code.format(0))
    assert reply.text() == "early\n"
    assert reply.text("stderr") == "bad\n"


def test_errors_have_the_users_traceback_at_the_lines_of_the_cell(kernel: Kernel) -> None:
    (error,) = kernel.run("#%python\n#%output=t\ndef f():\n    return 1 / 0\nf()").errors
    text = "\n".join(error["traceback"])
    assert error["ename"] == "WorkerError"
    assert "line 4, in f" in text
    assert "line 5, in <module>" in text
    assert "ZeroDivisionError" in error["evalue"]


def test_a_picture_is_shown_as_one(kernel: Kernel) -> None:
    reply = kernel.run(PICTURE)
    assert reply.status == "ok", reply.errors
    assert reply.shown("image/png")[0].startswith("iVBOR")


def test_variables_are_filled_in_where_they_are_known(kernel: Kernel) -> None:
    kernel.run("set greeting = 'hello';")
    assert kernel.run("#%python\nprint('${greeting} ${unknown}')").text() == "hello ${unknown}\n"


def test_a_cell_that_builds_nothing_shows_nothing(kernel: Kernel) -> None:
    assert kernel.run("#%python\nprint('x')").shown() == []
    assert (
        "0 rows" in kernel.run("#%python\n#%schema=st(field(a,string))\ncontext.build_result([])").shown()[0]
    )
    kernel.run('!python conf "schema=";')


def test_each_cell_has_a_namespace_of_its_own(kernel: Kernel) -> None:
    kernel.run("#%python\nleft_over = 1")
    assert kernel.run("#%python\nprint('left_over' in globals())").text() == "False\n"
    assert kernel.run("#%ipython\n'left_over' in globals()").shown() == ["False"]
