"""``RayContext``: a cell's table in parts, functions over it on Ray workers, and its result.

Functions run once; what they give may be read any number of times, in the order of the input.
"""

from __future__ import annotations

import uuid
from typing import Any, Callable, ClassVar, Dict, Iterable, Iterator, List, Optional, Sequence

from pybyzer_worker import directories, mapping, outputs, parts, spool, state
from pybyzer_worker import rows as row_values
from pybyzer_worker.cluster import Cluster
from pybyzer_worker.tables import InputTable

from pyjava.api.context import Mapped, PythonContext, PythonProjectContext
from pyjava.api.log import LogClient
from pyjava.api.serve import DataServer, DataServerWithId, rows_of

SMALL = 4096
"""Tables of fewer rows are not cut further than they are laid out."""


class RayContext:
    """The Ray side of a cell. ``RayContext.connect(globals(), "127.0.0.1:10001")`` gives it."""

    cache: ClassVar[Dict[str, Any]] = {}
    conn_cache: ClassVar[Dict[str, Any]] = {}

    def __init__(self, python_context: PythonContext) -> None:
        self.python_context = python_context
        self.is_setup = False
        self.is_dev = False
        self.is_in_mlsql = state.current is not None
        self.mock_data: List[Dict[str, Any]] = []
        self.server_ids_in_ray: List[str] = []
        self.results: Optional[MappedParts] = None
        self._servers: Optional[List[DataServer]] = None

    def __getstate__(self) -> Dict[str, Any]:
        return dict(self.__dict__, results=None)

    @staticmethod
    def connect(_context: Any, url: Optional[str] = None, **kwargs: Any) -> RayContext:
        """The context of the cell whose ``globals()`` are given, connected to Ray at ``url``.

        A loopback address where no Ray listens means the session's own Ray, which is reached when
        something needs it. ``None``: no Ray. Outside of the engine: a stand-alone context.
        """
        found = _context if isinstance(_context, PythonContext) else _context.get("context")
        if isinstance(found, PythonContext):
            context = found.rayContext
        else:
            context = RayContext(PythonContext("", [], {}))
            context.is_in_mlsql = False
            if isinstance(_context, dict):
                _context["context"] = context.python_context
        if url:
            _connect(url, kwargs)
        return context

    # -- input -------------------------------------------------------------------------------

    def table(self, name: Optional[str] = None) -> InputTable:
        """An input of the cell by name (``#%input=a,b``); the first, by default."""
        return self.python_context.input(name)

    @property
    def servers(self) -> List[DataServer]:
        """The parts of the first input."""
        return self.data_servers()

    def data_servers(self, name: Optional[str] = None) -> List[DataServer]:
        """The parts of an input: as many as the table is laid out in."""
        if name is not None:
            return _as_servers(self.table(name).parts(), self.conf().get("timezone", ""))
        if self._servers is None:
            if not self.is_in_mlsql:
                return []
            self._servers = _as_servers(self.table().parts(), self.conf().get("timezone", ""))
        return self._servers

    def conf(self) -> Dict[str, str]:
        """The same dict as ``context.conf``."""
        return self.python_context.conf

    def collect(self) -> Iterator[Dict[str, Any]]:
        """All rows of the input, in order."""
        if not self.is_in_mlsql:
            return iter(self.mock_data)
        return self.table().collect()

    @staticmethod
    def collect_from(servers: Iterable[Any]) -> Iterator[Dict[str, Any]]:
        """All rows of the given parts; works in Ray tasks and actors too."""
        return rows_of(list(servers))

    @staticmethod
    def fetch_once_as_rows(data_server: Any) -> Iterator[Dict[str, Any]]:
        """All rows of one part."""
        return rows_of([data_server])

    @staticmethod
    def fetch_data_from_single_data_server(data_server: Any) -> Iterator[Any]:
        """One part as pandas frames."""
        for batch in data_server.part().batches():
            yield batch.to_pandas()

    @staticmethod
    def fetch_data_from_single_data_server_as_arrow(data_server: Any) -> Iterator[Any]:
        """One part as Arrow tables over shared memory."""
        import pyarrow as pa

        for batch in data_server.part().batches():
            yield pa.Table.from_batches([batch])

    def to_pandas(self) -> Any:
        """The input as one frame; an empty one has its columns."""
        if not self.is_in_mlsql:
            import pandas

            return pandas.DataFrame(self.mock_data)
        return self.table().to_pandas()

    def to_arrow(self) -> Any:
        """The input as one Arrow table."""
        return self.table().to_arrow()

    def to_dataset(self, num_tables_per_block: int = 1) -> Any:
        """The input as a ``ray.data.Dataset``."""
        import pyarrow as pa
        import ray

        cluster = _cluster()
        cluster.connect()
        refs = []
        table = self.table()
        held: List[Any] = []
        for part in table.parts():
            for batch in part.batches():
                held.append(batch)
                if len(held) == num_tables_per_block:
                    refs.append(ray.put(pa.Table.from_batches(held)))
                    held = []
        if held or not refs:
            refs.append(ray.put(pa.Table.from_batches(held, table.to_arrow().schema)))
        return ray.data.from_arrow_refs(refs)

    def collect_as_file(self, batch_size: int) -> Iterator[Any]:
        """The input as frames of at most ``batch_size`` rows; may be called again."""
        for part in self.table().parts():
            for batch in part.batches():
                for first in range(0, batch.num_rows, batch_size):
                    yield batch.slice(first, batch_size).to_pandas()

    @staticmethod
    def fetch_as_repeatable_file(
        context_id: str, data_servers: Sequence[Any], file_ref: Dict[str, str], batch_size: int
    ) -> Iterator[Any]:
        """The rows of parts as frames of at most ``batch_size`` rows."""
        for server in data_servers:
            for batch in server.part().batches():
                for first in range(0, batch.num_rows, batch_size):
                    yield batch.slice(first, batch_size).to_pandas()

    def fetch_as_dir(self, target_dir: str, servers: Optional[Sequence[Any]] = None) -> None:
        """Unpack a directory table into ``target_dir``."""
        from pyjava.storage import streaming_tar

        chosen = list(servers) if servers else self.data_servers()
        if len(chosen) != 1:
            raise ValueError("a directory has one data server, not %d" % len(chosen))
        part = parts.find(chosen[0].port) if not hasattr(chosen[0], "part") else chosen[0].part()
        if part.is_json:
            streaming_tar.save_rows_as_file(part.rows(), target_dir)
        else:
            streaming_tar.unpack(directories.contents(part.batches()), target_dir)

    @staticmethod
    def parse_servers(host_ports: str) -> List[DataServer]:
        """Addresses as text (``conf["modelServers"]``) to servers."""
        servers = []
        for address in filter(None, host_ports.split(",")):
            host, _, port = address.strip().rpartition(":")
            servers.append(DataServer(host, int(port), ""))
        return servers

    # -- functions over the input --------------------------------------------------------------

    def foreach(self, func_for_row: Callable[[Dict[str, Any]], Dict[str, Any]]) -> List[Any]:
        """Apply ``row -> row`` to every row, in Ray workers; the result of the cell."""
        return self._map(mapping.ROWS, func_for_row)

    def map_iter(self, func_for_rows: Callable[[Iterator[Any]], Iterable[Any]]) -> List[Any]:
        """Apply ``rows -> rows`` to every part, in Ray workers; the result of the cell."""
        return self._map(mapping.ITERATOR, func_for_rows)

    def map_batches(self, func_for_tables: Callable[[Any], Any]) -> List[Any]:
        """Apply ``pyarrow.Table -> pyarrow.Table`` to the input in pieces; the fast way for large tables."""
        return self._map(mapping.BATCHES, func_for_tables)

    def setup(self, func_for_row: Any, func_for_rows: Any = None) -> List[Any]:
        """What ``foreach`` and ``map_iter`` call: one of the two functions is given."""
        if func_for_rows is not None:
            return self._map(mapping.ITERATOR, func_for_rows)
        return self._map(mapping.ROWS, func_for_row)

    def _map(self, kind: str, function: Callable[[Any], Any]) -> List[Any]:
        if self.is_setup:
            raise ValueError("setup can be only invoke once")
        if not callable(function):
            raise TypeError("%s needs a function, not a %s" % (kind, type(function).__name__))
        self.is_setup = True
        if not self.is_in_mlsql:
            return self._mock(kind, function)
        self.results = MappedParts(kind, function, self.table())
        self.python_context.output_data = self.results
        return self.results.servers

    def _mock(self, kind: str, function: Callable[[Any], Any]) -> List[Any]:
        if kind == mapping.ROWS:
            return [function(row) for row in self.mock_data]
        if kind == mapping.ITERATOR:
            return list(function(iter(self.mock_data)))
        import pyarrow as pa

        found = function(pa.Table.from_pylist(self.mock_data))
        return [row for batch in outputs.as_batches(found, None) for row in row_values.as_rows(batch)]

    def build_servers_in_ray(self) -> Iterator[DataServerWithId]:
        """The parts of the input under ids of their own."""
        for server in self.data_servers():
            server_id = str(uuid.uuid4())
            self.server_ids_in_ray.append(server_id)
            yield DataServerWithId(server.host, server.port, server_id)

    def data_servers_in_ray(self) -> Iterator[DataServerWithId]:
        """The parts under the ids that ``build_servers_in_ray`` gave."""
        for server_id, server in zip(self.server_ids_in_ray, self.data_servers()):
            yield DataServerWithId(server.host, server.port, server_id)

    # -- result ------------------------------------------------------------------------------

    def build_result(self, items: Iterable[Any], block_size: int = 1024) -> None:
        """The rows of the result; see ``PythonContext.build_result``."""
        self.python_context.build_result(items, block_size)

    def build_result_from_dir(self, target_path: str) -> None:
        """A directory as the result."""
        self.python_context.build_result_from_dir(target_path)

    def build_result_from_dataframe(self, df: Any) -> None:
        """A frame as the result."""
        self.python_context.build_result_from_dataframe(df)


class MappedParts(Mapped):
    """Functions at work over the parts of a table, and then what they gave."""

    def __init__(self, kind: str, function: Callable[[Any], Any], table: InputTable) -> None:
        assert state.current is not None
        self._cell = cell = state.current
        self._function = function
        self._result: Optional[List[outputs.Result]] = None
        self._references: Optional[List[Any]] = None
        cluster: Cluster = cell.cluster
        self._remote = cluster.usable()
        cut = table.parts()
        if self._remote and len(cut) == 1 and kind != mapping.ITERATOR and len(table) > SMALL:
            cut = table.parts(cell.workers)  # rows do not depend on each other: every core gets a share
        self._work = [mapping.Work(kind, part, cell.stem(), cell) for part in cut]
        self._ports = [parts.publish(parts.Part()) for _ in cut]
        cell.ports += self._ports
        self.servers = [DataServerWithId("127.0.0.1", p, str(uuid.uuid4()), self) for p in self._ports]
        if self._remote:
            cluster.connect()
            self._references = cluster.submit(self._work, function)

    def result(self) -> outputs.Result:
        """All rows, in the order of the input."""
        return outputs.joined(self._results(), self._cell.schema if self._cell.schema_text else None)

    def part(self, port: int) -> parts.Part:
        """The rows that one part of the input became."""
        files = self._results()[self._ports.index(port)]["files"]
        return parts.Part(spool.cut(files, 1)[0])

    def publish(self, port: int) -> None:
        """Let other processes read a part."""
        found = self.part(port)
        parts.withdraw([port])
        parts.publish(found, port)

    def _results(self) -> List[outputs.Result]:
        if self._result is None:
            if self._references is not None:
                self._result = self._cell.cluster.results(self._references)
            else:
                self._result = [self._here(work) for work in self._work]
        return self._result

    def _here(self, work: mapping.Work) -> outputs.Result:
        """Without Ray, in this process."""
        results = mapping.mapped(work.kind, self._function, work.part)
        if work.part.is_json:
            return outputs.write(mapping.flat(results), work.directories, work.stem, None, arrow=False)
        return mapping.spooled(results, work.directories, work.stem, self._cell.schema)


def _as_servers(found: List[parts.Part], timezone: str) -> List[DataServer]:
    cell = state.current
    assert cell is not None
    shared = [cell.cluster.shared(part) for part in found]
    return [DataServer("127.0.0.1", cell.publish(part), timezone, part) for part in shared]


def _cluster() -> Cluster:
    return Cluster(None) if state.current is None else state.current.cluster


def _connect(url: str, options: Dict[str, Any]) -> None:
    cluster = _cluster()
    if url in ("local", "worker"):
        if state.current is not None and cluster.installed():
            cluster.announce()
            return
        import ray

        ray.init(namespace="default", ignore_reinit_error=True, **options)
        return
    cluster.join(url, options)


__all__ = [
    "DataServer",
    "DataServerWithId",
    "LogClient",
    "PythonContext",
    "PythonProjectContext",
    "RayContext",
]
