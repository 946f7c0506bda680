"""The names that code written for pyjava imports, and what they do outside of the engine."""

from __future__ import annotations

import importlib
import io
import struct
from typing import Any

import pyarrow as pa
import pytest

NAMES = {
    "pyjava": "PythonContext RayContext",
    "pyjava.api": "Utils",
    "pyjava.api.mlsql": "DataServer LogClient PythonContext PythonProjectContext RayContext",
    "pyjava.api.serve": "DataServerWithId OnceServer RayDataServer SocketNotBindException",
    "pyjava.rayfix": "RayWrapper last",
    "pyjava.storage.streaming_tar": "build_rows_from_file save_rows_as_file FileStream BLOCK_SIZE",
    "pyjava.serializers": "ArrowStreamPandasSerializer ArrowStreamSerializer read_int write_int",
    "pyjava.utils": "print_flush",
    "pyjava.data.datasource": "KoloRawDatasource",
}
RAY_CONTEXT = (
    "connect data_servers conf collect collect_from fetch_once_as_rows fetch_data_from_single_data_server "
    "fetch_data_from_single_data_server_as_arrow to_pandas to_dataset collect_as_file "
    "fetch_as_repeatable_file fetch_as_dir foreach map_iter setup build_result build_result_from_dir "
    "build_result_from_dataframe "
    "parse_servers build_servers_in_ray data_servers_in_ray servers"
)
PYTHON_CONTEXT = (
    "fetch_once fetch_once_as_dataframe fetch_once_as_rows fetch_once_as_batch_rows noops_fetch build_result "
    "build_result_from_dir build_chunk_result set_output output fetch_as_dir rayContext"
)


@pytest.mark.parametrize("module", NAMES)
def test_modules_have_their_names(module: str) -> None:
    found = importlib.import_module(module)
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


def test_contexts_have_their_members() -> None:
    from pyjava import PythonContext, RayContext

    assert [name for name in RAY_CONTEXT.split() if not hasattr(RayContext, name)] == []
    assert [name for name in PYTHON_CONTEXT.split() if not hasattr(PythonContext, name)] == []


def test_a_script_of_its_own_works_on_mock_data() -> None:
    from pyjava import RayContext

    names: dict[str, Any] = {}
    ray_context = RayContext.connect(names, None)
    assert not ray_context.is_in_mlsql
    assert names["context"] is ray_context.python_context
    ray_context.mock_data = [{"a": 1}, {"a": 2}]
    assert list(ray_context.collect()) == ray_context.mock_data
    assert ray_context.foreach(lambda row: {"a": row["a"] * 2}) == [{"a": 2}, {"a": 4}]
    ray_context.build_result([{"a": 1}])
    assert ray_context.python_context.output() == [{"a": 1}]


def test_mock_data_in_parts_and_batches() -> None:
    from pyjava import RayContext

    for method, function in (
        ("map_iter", lambda rows: ({"a": row["a"] + 1} for row in rows)),
        ("map_batches", lambda table: table.slice(1)),
    ):
        ray_context = RayContext.connect({}, None)
        ray_context.mock_data = [{"a": 1}, {"a": 2}]
        expected = [{"a": 2}, {"a": 3}] if method == "map_iter" else [{"a": 2}]
        assert getattr(ray_context, method)(function) == expected


def test_an_address_outside_of_the_engine_must_be_reachable() -> None:
    from pyjava import RayContext

    with pytest.raises(ConnectionError, match=r"cannot reach Ray at 127\.0\.0\.1:9"):
        RayContext.connect({}, "127.0.0.1:9")


def test_addresses_as_text() -> None:
    from pyjava import RayContext

    first, second = RayContext.parse_servers("127.0.0.1:20001,node2:20002")
    assert (first.host, first.port, first.timezone, second.host) == ("127.0.0.1", 20001, "", "node2")
    with pytest.raises(LookupError, match="no data server at port 20001"):
        list(RayContext.collect_from([first]))


def test_a_server_of_ones_own() -> None:
    from pyjava import RayContext
    from pyjava.api.serve import OnceServer, SocketNotBindException

    server = OnceServer("127.0.0.1", 0, "UTC")
    with pytest.raises(SocketNotBindException):
        server.serve(iter([]))
    host, port = server.bind()
    server.serve(iter([{"a": 1}]))
    assert list(RayContext.collect_from(RayContext.parse_servers(f"{host}:{port}"))) == [{"a": 1}]
    server.close()


def test_project_parameters_come_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyjava.api.mlsql import PythonProjectContext

    words = [b"tempDataLocalPath", b"/data", b"tempModelLocalPath", "/modèle".encode()]
    data = struct.pack("!i", 2) + b"".join(struct.pack("!i", len(word)) + word for word in words)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    context = PythonProjectContext()
    context.read_params_once()
    assert (context.input_data_dir(), context.output_model_dir()) == ("/data", "/modèle")


def test_the_log_client_prints_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    from pyjava.api.mlsql import LogClient

    client = LogClient({})
    client.log_to_driver({"epoch": 1})
    client.close()
    assert capsys.readouterr().out == "{'epoch': 1}\n"


def test_arrow_streams() -> None:
    from pyjava.serializers import ArrowStreamSerializer, read_int, write_int

    stream = io.BytesIO()
    batch = pa.record_batch([pa.array([1, 2])], names=["a"])
    ArrowStreamSerializer().dump_stream([batch], stream)
    stream.seek(0)
    assert list(ArrowStreamSerializer().load_stream(stream)) == [batch]
    numbers = io.BytesIO()
    write_int(-7, numbers)
    numbers.seek(0)
    assert read_int(numbers) == -7
    with pytest.raises(EOFError):
        read_int(numbers)


def test_chunks_of_rows_as_frames() -> None:
    from pyjava import PythonContext

    chunks = list(PythonContext.build_chunk_result(({"a": i} for i in range(5)), 2))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
