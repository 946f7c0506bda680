"""A cell's namespace, inputs and results."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pybyzer.errors import UnknownName, WorkerError
from pybyzer.workers.base import NOTHING, PythonJob
from tests.unit.workers.conftest import CONNECT, Cells


def test_rows_go_in_and_come_out_in_order(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "ray_context.build_result([{'n': r['n'] * 2} for r in ray_context.collect()])"
    assert cells.rows(code, {"t": numbers}, partitions=3) == [{"n": 2 * i} for i in range(10)]


def test_an_input_may_be_read_again(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "first = list(ray_context.collect())\n"
        "assert list(ray_context.collect()) == first\n"
        "assert list(context.fetch_once_as_rows()) == first\n"
        "context.build_result([{'rows': len(ray_context.to_pandas())}])"
    )
    assert cells.rows(code, {"t": numbers}) == [{"rows": 10}]


def test_an_input_is_opened_only_when_asked_for(cells: Cells) -> None:
    def never() -> None:
        raise AssertionError("opened")

    job = PythonJob("context.build_result([{'a': 1}])", inputs={"t": never})  # type: ignore[dict-item]
    assert cells.workers.run(job, cells.events.append).reader.read_all().num_rows == 1


def test_several_inputs_by_name(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "other = ray_context.table('B')\n"
        "context.build_result([{'a': len(list(ray_context.collect())), 'b': other.to_arrow().num_rows}])"
    )
    assert cells.rows(code, {"a": numbers, "b": numbers.slice(0, 4)}) == [{"a": 10, "b": 4}]


def test_an_input_that_is_not_declared(cells: Cells, numbers: pa.Table) -> None:
    with pytest.raises(WorkerError, match=r'"c" is not an input of this cell \(inputs: a\)'):
        cells.table("context.input('c')", {"a": numbers})


def test_an_input_that_fails_raises_its_own_error(cells: Cells) -> None:
    def gone() -> None:
        raise UnknownName('no table "t"')

    job = PythonJob("context.input().to_arrow()", inputs={"t": gone})  # type: ignore[dict-item]
    with pytest.raises(UnknownName):
        cells.workers.run(job, cells.events.append)


def test_each_cell_has_a_fresh_namespace(cells: Cells) -> None:
    cells.table("left = 1")
    code = "context.build_result([{'left': 'left' in globals(), 'name': __name__}])"
    assert cells.rows(code) == [{"left": False, "name": "builtins"}]


def test_conf_is_text_and_has_the_time_zone(cells: Cells) -> None:
    code = CONNECT + "assert ray_context.conf() is context.conf\ncontext.build_result([context.conf])"
    (row,) = cells.rows(code, conf={"x": "1"})
    assert row == {"x": "1", "timezone": "UTC"}


def test_no_result_is_no_row_of_the_declared_schema(cells: Cells) -> None:
    schema = pa.schema([("a", pa.int32())])
    table = cells.table("pass", schema=schema)
    assert (table.num_rows, table.schema) == (0, schema)


def test_an_empty_result_without_a_schema_is_an_empty_table(cells: Cells) -> None:
    assert cells.table("context.build_result([])").num_rows == 0


def test_the_last_result_counts(cells: Cells) -> None:
    assert cells.rows("context.build_result([{'a': 1}])\ncontext.build_result([{'b': 2}])") == [{"b": 2}]


def test_frames_and_arrow_tables_are_results(cells: Cells) -> None:
    frame = (
        "import pandas\ncontext.build_result_from_dataframe(pandas.DataFrame({'a': [1, 2]}, index=[7, 8]))"
    )
    assert cells.rows(frame) == [{"a": 1}, {"a": 2}]
    assert cells.rows("import pyarrow as pa\ncontext.build_result(pa.table({'a': [1]}))") == [{"a": 1}]


def test_an_empty_input_keeps_its_columns_in_pandas(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "context.build_result([{'columns': list(ray_context.to_pandas().columns)}])"
    assert cells.rows(code, {"t": numbers.slice(0, 0)}) == [{"columns": ["n", "word"]}]


def test_data_servers_follow_the_layout(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "servers = ray_context.data_servers()\n"
        "addresses = ','.join('%s:%d' % (s.host, s.port) for s in servers)\n"
        "again = RayContext.parse_servers(addresses)\n"
        "context.build_result([{'n': [r['n'] for r in RayContext.collect_from([s])]} for s in again])"
    )
    found = cells.rows(code, {"t": numbers}, partitions=4)
    assert [row["n"] for row in found] == [[0, 1], [2, 3, 4], [5, 6], [7, 8, 9]]


def test_a_directory_table_is_one_server_in_order(cells: Cells) -> None:
    table = pa.table({"start": [6, 0, 3], "offset": [3, 3, 3], "value": [b"ccc", b"aaa", b"bbb"]})
    code = CONNECT + (
        "(server,) = ray_context.data_servers()\n"
        "context.build_result([{'all': b''.join(r['value'] for r in ray_context.collect_from([server]))}])"
    )
    assert cells.rows(code, {"t": table}, partitions=3) == [{"all": b"aaabbbccc"}]


def test_the_model_table_is_behind_model_servers(cells: Cells, numbers: pa.Table) -> None:
    from tests.unit.workers.conftest import opener

    code = CONNECT + (
        "servers = RayContext.parse_servers(context.conf['modelServers'])\n"
        "context.build_result([{'rows': len(list(RayContext.collect_from(servers)))}] * 2)"
    )
    assert cells.rows(code, model=opener(numbers)) == [{"rows": 10}, {"rows": 10}]


def test_a_directory_goes_out_and_comes_back(cells: Cells, tmp_path: object) -> None:
    code = CONNECT + (
        f"import os\nroot = {str(tmp_path)!r}\n"
        "os.makedirs(root + '/model/deep')\n"
        "open(root + '/model/deep/weights', 'wb').write(bytes(200000))\n"
        "ray_context.build_result_from_dir(root + '/model')"
    )
    table = cells.table(code)
    assert table.schema.names == ["start", "offset", "value"]
    code = CONNECT + (
        f"import os\nroot = {str(tmp_path)!r}\n"
        "ray_context.fetch_as_dir(root + '/again')\n"
        "context.build_result([{'bytes': os.path.getsize(root + '/again/deep/weights')}])"
    )
    assert cells.rows(code, {"t": table}) == [{"bytes": 200000}]


def test_pictures(cells: Cells) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom pyjava.api import Utils\n"
        "plt.plot([1, 2])\nUtils.show_plt(plt, context)"
    )
    (row,) = cells.rows(code)
    assert row["mime"] == "image"
    assert row["content"].startswith("iVBOR")


def test_a_cell_that_builds_nothing_says_so_whatever_schema_is_declared(cells: Cells) -> None:
    declared = pa.schema([("a", pa.int64())])
    assert cells.stream("x = 1", schema=declared).schema.metadata == NOTHING
    assert cells.stream("context.build_result([])", schema=declared).schema.metadata is None


def test_what_is_no_result_is_refused_at_its_line(cells: Cells) -> None:
    with pytest.raises(WorkerError, match="build_result needs rows, a frame or a table, not a int") as caught:
        cells.table("x = 1\ncontext.build_result(5)")
    assert "line 2, in <module>" in caught.value.traceback
