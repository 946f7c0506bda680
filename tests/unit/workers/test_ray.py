"""Cells that use Ray: functions over parts, the user's own tasks and actors, what they leave behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pyarrow as pa
import pytest

from pybyzer.errors import Interrupted, WorkerError
from pybyzer.settings import Settings
from pybyzer.workers.base import PythonJob
from pybyzer.workers.ray import RayWorkers, mentions_ray
from tests.unit.workers.conftest import CONNECT, Cells


@pytest.fixture(autouse=True, scope="module")
def started(workers: RayWorkers) -> Iterator[None]:
    """Ray, started once for the tests of this file."""
    workers.prepare()
    workers.ensure_ray()
    yield


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import ray", True),
        ("    from ray import data", True),
        ("ray_context.foreach(f)", True),
        ("ray_context.collect()", False),
        ("# ray is nice", False),
        ("import rayon", False),
    ],
)
def test_what_mentions_ray(code: str, expected: bool) -> None:
    assert mentions_ray(code) is expected


def test_foreach_keeps_the_order_and_uses_several_processes(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "def f(row):\n"
        "    import os, time\n"
        "    time.sleep(0.05)\n"
        "    return {'n': row['n'] + 1, 'pid': os.getpid(), 'up': row['word'].upper()}\n"
        "ray_context.foreach(f)"
    )
    found = cells.rows(code, {"t": numbers}, partitions=2)
    assert [(row["n"], row["up"]) for row in found] == [(i + 1, f"W{i}") for i in range(10)]
    assert len({row["pid"] for row in found}) == 2


def test_map_iter_sees_each_part_once(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "ray_context.map_iter(lambda rows: [{'rows': len(list(rows))}])"
    assert cells.rows(code, {"t": numbers}, partitions=4) == [{"rows": n} for n in (2, 3, 2, 3)]


def test_map_batches_takes_and_gives_tables(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "ray_context.map_batches(lambda table: table.select(['word']).slice(1))"
    found = cells.rows(code, {"t": numbers}, partitions=2)
    assert [row["word"] for row in found] == ["w1", "w2", "w3", "w4", "w6", "w7", "w8", "w9"]


def test_large_tables_are_shared_among_the_cores(cells: Cells) -> None:
    table = pa.table({"n": range(50_000)})
    code = (
        CONNECT + "ray_context.foreach(lambda r: {'n': -r['n']})\nassert len(ray_context.results.servers) > 1"
    )
    found = cells.table(code, {"t": table})
    assert found["n"].to_pylist() == [-n for n in range(50_000)]


def test_results_may_be_read_in_the_cell(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "servers = ray_context.foreach(lambda r: {'n': r['n'] * 10})\n"
        "total = sum(r['n'] for r in RayContext.collect_from(servers))\n"
        "last = list(RayContext.collect_from(servers[-1:]))[-1]['n']\n"
        "context.build_result([{'total': total, 'last': last}])"
    )
    assert cells.rows(code, {"t": numbers}, partitions=2) == [{"total": 450, "last": 90}]


def test_the_declared_schema_is_applied_in_workers(cells: Cells, numbers: pa.Table) -> None:
    schema = pa.schema([("a", pa.int8()), ("m", pa.map_(pa.string(), pa.int64()))])
    code = CONNECT + "ray_context.foreach(lambda r: {'a': r['n'], 'm': {'n': r['n']}})"
    assert cells.table(code, {"t": numbers}, schema=schema, partitions=2).schema == schema


def test_types_of_parts_are_widened(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "ray_context.foreach(lambda r: {'v': None if r['n'] < 5 else r['n'] / 2})"
    found = cells.table(code, {"t": numbers}, partitions=2)
    assert found["v"].to_pylist() == [None] * 5 + [2.5, 3.0, 3.5, 4.0, 4.5]


def test_a_failing_function_shows_its_line(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "def f(row):\n    return {'n': 1 / (row['n'] - 7)}\nray_context.foreach(f)"
    with pytest.raises(WorkerError) as caught:
        cells.table(code, {"t": numbers}, partitions=2)
    assert caught.value.message == "ZeroDivisionError: division by zero\nin the row n=7, word='w7'"
    assert 'File "cell", line 5, in f' in caught.value.traceback
    assert "return {'n': 1 / (row['n'] - 7)}" in caught.value.traceback
    assert "pybyzer_worker" not in caught.value.traceback


def test_a_function_that_gives_no_row(cells: Cells, numbers: pa.Table) -> None:
    with pytest.raises(WorkerError, match="row 0 is a NoneType, not a dict"):
        cells.table(CONNECT + "ray_context.foreach(lambda r: None)", {"t": numbers})


def test_a_function_that_cannot_be_sent(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "import threading\nlock = threading.Lock()\nray_context.foreach(lambda r: {'l': lock})"
    with pytest.raises(WorkerError, match="the function cannot be sent to Ray workers"):
        cells.table(code, {"t": numbers})


def test_a_worker_that_dies_is_an_error(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + "import os\nray_context.foreach(lambda r: os._exit(1))"
    with pytest.raises(WorkerError, match="worker"):
        cells.table(code, {"t": numbers})
    assert cells.rows("context.build_result([{'a': 1}])") == [{"a": 1}]


def test_actors_read_data_servers(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "import ray\n"
        "@ray.remote\n"
        "class Reader:\n"
        "    def __init__(self, server):\n"
        "        self.rows = list(RayContext.collect_from([server]))\n"
        "    def total(self):\n"
        "        print('reading', flush=True)\n"
        "        return sum(row['n'] for row in self.rows)\n"
        "    def shutdown(self):\n"
        "        ray.actor.exit_actor()\n"
        "readers = [Reader.remote(s) for s in ray_context.data_servers()]\n"
        "context.build_result([{'total': t} for t in ray.get([r.total.remote() for r in readers])])\n"
        "[r.shutdown.remote() for r in readers]\n"
    )
    assert cells.rows(code, {"t": numbers}, partitions=2) == [{"total": 10}, {"total": 35}]
    assert cells.printed().startswith("reading\n")
    assert any(source.startswith("Reader pid=") for source in cells.sources)


def test_errors_of_the_users_own_tasks(cells: Cells) -> None:
    code = CONNECT + (
        "import ray\n"
        "from pyjava import rayfix\n"
        "@ray.remote\n"
        "@rayfix.last\n"
        "def inverse(x):\n"
        "    return 1 / x\n"
        "ray.get(inverse.remote(0))"
    )
    with pytest.raises(WorkerError, match="ZeroDivisionError: division by zero") as caught:
        cells.table(code)
    lines = [line.strip() for line in caught.value.traceback.splitlines()]
    assert 'File "cell", line 10, in <module>' in lines
    assert 'File "cell", line 9, in inverse' in lines
    assert not any("site-packages/ray" in line for line in lines)


@pytest.mark.parametrize("how", ["ray.init()", "ray.init(address='auto')", "pass"])
def test_ray_by_itself_finds_the_sessions_cluster(cells: Cells, how: str) -> None:
    code = f"import ray\n{how}\ncontext.build_result([{{'x': ray.get(ray.put(3))}}])"
    assert cells.rows(code) == [{"x": 3}]


def test_functions_may_mention_their_contexts(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "import ray\n"
        "servers = ray_context.data_servers()\n"
        "@ray.remote\n"
        "def first(server):\n"
        "    return [r['n'] for r in ray_context.collect_from([server])][0], context.conf['x']\n"
        "found = ray.get([first.remote(s) for s in servers])\n"
        "ray_context.foreach(lambda r: {'n': r['n'], 'x': context.conf['x'], 'firsts': str(found)})"
    )
    found = cells.rows(code, {"t": numbers.slice(0, 2)}, partitions=2, conf={"x": "y"})
    assert [row["x"] for row in found] == ["y", "y"]
    assert found[0]["firsts"] == "[(0, 'y'), (1, 'y')]"


def test_environment_variables_of_the_cell_reach_ray_workers(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "def f(row):\n    import os\n    return {'v': os.environ.get('GREETING')}\nray_context.foreach(f)"
    )
    found = cells.rows(code, {"t": numbers.slice(0, 1)}, env={"GREETING": "hello"})
    assert found == [{"v": "hello"}]


def test_actors_do_not_outlive_their_cell(cells: Cells) -> None:
    code = CONNECT + (
        "import ray, builtins\n"
        "@ray.remote\n"
        "class Kept:\n"
        "    def ping(self):\n"
        "        return 1\n"
        "builtins.kept = Kept.options(name='kept').remote()\n"
        "ray.get(builtins.kept.ping.remote())"
    )
    cells.table(code)
    gone = CONNECT + (
        "import ray\n"
        "try:\n    ray.get_actor('kept')\n    found = True\n"
        "except ValueError:\n    found = False\n"
        "context.build_result([{'found': found}])"
    )
    assert cells.rows(gone) == [{"found": False}]


def test_detached_actors_stay_until_they_are_killed(cells: Cells) -> None:
    code = CONNECT + (
        "import ray\n"
        "@ray.remote\n"
        "class Stays:\n"
        "    def ping(self):\n"
        "        return 1\n"
        "actor = Stays.options(name='stays', lifetime='detached').remote()\n"
        "ray.get(actor.ping.remote())"
    )
    cells.table(code)
    code = CONNECT + (
        "import ray\nactor = ray.get_actor('stays')\n"
        "context.build_result([{'x': ray.get(actor.ping.remote())}])\nray.kill(actor)"
    )
    assert cells.rows(code) == [{"x": 1}]


def test_to_dataset(cells: Cells, numbers: pa.Table) -> None:
    code = CONNECT + (
        "import ray\nray.data.DataContext.get_current().enable_progress_bars = False\n"
        "context.build_result([{'rows': ray_context.to_dataset().count()}])"
    )
    assert cells.rows(code, {"t": numbers}, partitions=2) == [{"rows": 10}]


def test_an_address_that_is_not_reachable_fails_fast(cells: Cells) -> None:
    started = time.monotonic()
    code = "from pyjava import RayContext\nRayContext.connect(globals(), '192.0.2.77:10001')"
    with pytest.raises(WorkerError, match=r"cannot reach Ray at 192\.0\.2\.77:10001"):
        cells.table(code)
    assert time.monotonic() - started < 30


def test_an_address_that_is_none(cells: Cells) -> None:
    with pytest.raises(WorkerError, match='"somewhere" is not the address of a Ray cluster'):
        cells.table("from pyjava import RayContext\nRayContext.connect(globals(), 'somewhere')")


def test_cancel_stops_a_cell_and_its_ray_tasks(cells: Cells, numbers: pa.Table, tmp_path: object) -> None:
    code = CONNECT + (
        f"def f(row):\n    import time\n    open('{tmp_path}/on', 'w').close()\n    time.sleep(60)\n"
        "ray_context.foreach(f)"
    )
    stopped: list[float] = []

    def cancel() -> None:
        import os

        while not os.path.exists(f"{tmp_path}/on"):
            time.sleep(0.05)
        stopped.append(time.monotonic())
        cells.workers.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(Interrupted):
        cells.table(code, {"t": numbers})
    after = CONNECT + "ray_context.foreach(lambda r: {'n': r['n']})"
    assert len(cells.rows(after, {"t": numbers}, partitions=2)) == 10


def test_a_cluster_at_an_address_gets_tables_as_objects(workers: RayWorkers, numbers: pa.Table) -> None:
    """The session's own cluster, seen as somebody else's."""
    address = workers.ensure_ray()["address"]
    other = RayWorkers(Settings(ray_address=address))
    other.cluster.credentials = workers.cluster.credentials
    cells = Cells(other)
    try:
        code = CONNECT + "ray_context.foreach(lambda r: {'n': r['n'] + 1})"
        assert [r["n"] for r in cells.rows(code, {"t": numbers}, partitions=2)] == list(range(1, 11))
        code = CONNECT + (
            "import ray\n"
            "@ray.remote\n"
            "def count(server):\n"
            "    return len(list(RayContext.collect_from([server])))\n"
            "found = ray.get([count.remote(s) for s in ray_context.data_servers()])\n"
            "context.build_result([{'n': n} for n in found])"
        )
        assert cells.rows(code, {"t": numbers}, partitions=2) == [{"n": 5}, {"n": 5}]
    finally:
        other.close()


def test_a_service_stays_and_answers(workers: RayWorkers) -> None:
    code = (
        "import pyarrow as pa, pyarrow.compute as pc\nfrom pybyzer_worker import service\n"
        "def double(batch):\n"
        "    return pa.record_batch([pc.multiply(batch.column(0), 2)], names=['v'])\n"
        "service.offer(double)"
    )
    service = workers.service(PythonJob(code), print)
    try:
        for _ in range(2):
            answer = service.call(pa.record_batch([pa.array([1, 2])], names=["v"]))
            assert answer.column(0).to_pylist() == [2, 4]
        with pytest.raises(WorkerError, match="ArrowNotImplementedError"):
            service.call(pa.record_batch([pa.array(["x"])], names=["v"]))
    finally:
        service.close()
