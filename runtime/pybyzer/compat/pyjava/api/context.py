"""``context``: the conf, the input and the result of a cell."""

from __future__ import annotations

import os
import struct
import sys
import uuid
from typing import Any, ClassVar, Dict, Iterable, Iterator, List, Optional, Sequence

from pybyzer_worker import directories, outputs, state
from pybyzer_worker.tables import InputTable

from pyjava.api.log import LogClient


class PythonContext:
    """What a cell finds as ``context``. ``conf`` maps strings to strings."""

    cache: ClassVar[Dict[str, Any]] = {}

    def __init__(self, context_id: Optional[str] = None, iterator: Any = None, conf: Any = None) -> None:
        self.context_id = context_id or str(uuid.uuid4())
        self.conf: Dict[str, str] = {} if conf is None else conf
        self.schema = ""
        self.have_fetched = False
        self.log_client = LogClient(self.conf)
        self.data_mmap_file_ref: Dict[str, str] = {}
        self.output_data: Any = None
        self._iterator = iterator
        self._ray_context: Any = None

    def __getstate__(self) -> Dict[str, Any]:
        # User functions mention their context; in another process only what it says is of use.
        return {"context_id": self.context_id, "conf": self.conf}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__init__(state["context_id"], None, state["conf"])  # type: ignore[misc]

    # -- input -------------------------------------------------------------------------------

    @property
    def rayContext(self) -> Any:
        """The Ray side of this context."""
        if self._ray_context is None:
            from pyjava.api.mlsql import RayContext

            self._ray_context = RayContext(self)
        return self._ray_context

    @property
    def input_data(self) -> Any:
        """The input as an iterator of record batches."""
        return self._batches()

    def input(self, name: Optional[str] = None) -> InputTable:
        """An input table by name (the first, by default)."""
        return InputTable(_cell().table(name))

    def fetch_once(self) -> Iterator[Any]:
        """The input as pandas frames. Unlike in the original it may be read again."""
        return self.fetch_once_as_dataframe()

    def fetch_once_as_dataframe(self) -> Iterator[Any]:
        """The input as pandas frames, one for each record batch."""
        self.have_fetched = True
        for batch in self._batches():
            yield batch.to_pandas()

    def fetch_once_as_rows(self) -> Iterator[Dict[str, Any]]:
        """The input as dicts."""
        self.have_fetched = True
        if self._iterator is not None:
            return iter(self._iterator)
        return self.input().collect()

    def fetch_once_as_batch_rows(self) -> Iterator[Iterator[Dict[str, Any]]]:
        """The input as iterators of dicts."""
        self.have_fetched = True
        from pybyzer_worker import rows

        for batch in self._batches():
            for block in rows.blocks(batch):
                yield iter(block)

    def noops_fetch(self) -> None:
        """Read the input and do nothing with it."""
        for _ in self.fetch_once_as_rows():
            pass

    def _batches(self) -> Iterator[Any]:
        for part in self.input().parts():
            yield from part.batches()

    # -- result ------------------------------------------------------------------------------

    def build_result(self, items: Iterable[Any], block_size: int = 1024) -> None:
        """The rows of the result: any iterable of dicts, a frame, or an Arrow table; the last call counts."""
        if isinstance(items, dict):
            items = [items]
        if isinstance(items, (int, float, complex, str, bytes)):
            raise TypeError("build_result needs rows, a frame or a table, not a %s" % type(items).__name__)
        self.output_data = items

    def build_result_from_dir(self, target_dir: str, block_size: int = 1024) -> None:
        """A directory (or file) as the result, in rows ``start, offset, value``."""
        from pyjava.storage import streaming_tar

        if not os.path.exists(target_dir):
            raise FileNotFoundError("no such file or directory: %s" % target_dir)
        self.build_result(streaming_tar.build_rows_from_file(target_dir), block_size)

    def build_result_from_dataframe(self, df: Any) -> None:
        """The rows of a frame, without its index."""
        self.build_result(df)

    @staticmethod
    def build_chunk_result(items: Iterable[Any], block_size: int = 1024) -> Iterator[Any]:
        """Rows as frames of at most ``block_size`` rows."""
        import itertools

        import pandas as pd

        iterator = iter(items)
        while True:
            block = list(itertools.islice(iterator, block_size))
            if not block:
                return
            yield pd.DataFrame(block, columns=list(block[0].keys()))

    def set_output(self, value: Iterable[Sequence[Any]], schema: str = "") -> None:
        """Blocks of pandas Series as the result."""
        self.output_data = outputs.Frames(value)
        self.schema = schema

    def output(self) -> Any:
        """What will be sent."""
        return self.output_data

    def fetch_as_dir(self, target_dir: str) -> None:
        """Unpack a directory table into ``target_dir``."""
        self.rayContext.fetch_as_dir(target_dir)

    def result(self, cell: state.Cell, arrow: bool) -> outputs.Result:
        """The result in files; called by the worker after the cell's body."""
        mapped = self._mapped()
        if mapped is not None:
            return mapped.result()
        items: Any = [] if self.output_data is None else self.output_data
        schema = cell.schema if arrow else None
        if arrow and directories.untouched(items, schema):
            return directories.pack(items.target_dir, cell.directories, cell.stem())
        found = outputs.write(items, cell.directories, cell.stem(), schema, arrow)
        return found if self.output_data is not None else dict(found, built=False)

    def _mapped(self) -> Any:
        """The results of ``foreach`` and its like, when those are what the cell hands back."""
        items = self.output_data
        if isinstance(items, Mapped):
            return items
        if isinstance(items, list) and items and all(_is_address(item) for item in items):
            from pyjava.api.serve import DataServerWithId

            servers = [DataServerWithId(i["host"], int(i["port"]), i["server_id"]) for i in items]
            self.output_data = (row for server in servers for row in server.part().rows())
        return None


class Mapped:
    """A result that is still being computed; ``pyjava.api.mlsql`` makes it."""

    def result(self) -> outputs.Result:
        """Wait for it."""
        raise NotImplementedError


def _is_address(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"host", "port", "server_id"}


def _cell() -> state.Cell:
    if state.current is None:
        raise RuntimeError("there is no input here: this code runs outside of a cell")
    return state.current


class PythonProjectContext:
    """Parameters of a script that was started as a project; they come on standard input."""

    def __init__(self) -> None:
        self.params_read = False
        self.conf: Dict[str, str] = {}
        self.read_params_once()
        self.log_client = LogClient(self.conf)

    def read_params_once(self) -> None:
        """Read the parameters; further calls do nothing."""
        if self.params_read:
            return
        self.params_read = True
        source = sys.stdin.buffer
        for _ in range(_int(source)):
            key = _text(source)
            self.conf[key] = _text(source)

    def input_data_dir(self) -> str:
        """Where the input files are."""
        return self.conf["tempDataLocalPath"]

    def output_model_dir(self) -> str:
        """Where the model is to be written."""
        return self.conf["tempModelLocalPath"]

    def build_result(self, items: List[Any], block_size: int = 1024) -> None:
        """Projects have no result rows."""


def _int(source: Any) -> int:
    data = source.read(4)
    if len(data) < 4:
        raise EOFError("no parameters on standard input")
    return int(struct.unpack("!i", data)[0])


def _text(source: Any) -> str:
    return str(source.read(_int(source)).decode("utf-8"))
