"""A part of a table as user code gets it: rows or record batches, read as often as asked."""

from __future__ import annotations

import contextlib
import json
import os
import random
import tempfile
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence

from pybyzer_worker import jsonrows, rows, spool
from pybyzer_worker.stored import Reader, is_stored

if TYPE_CHECKING:
    import pyarrow as pa

FILE_TABLE = ["start", "offset", "value"]
"""The columns of a directory stored as rows."""


class Part:
    """A contiguous run of rows: pieces of spool files, or objects in a Ray cluster. Can be pickled."""

    def __init__(
        self, pieces: Sequence[spool.Piece] = (), refs: Sequence[Any] = (), names: Sequence[str] = ()
    ):
        self.pieces = list(pieces)
        self.refs = list(refs)
        self.names = list(names)

    @property
    def is_json(self) -> bool:
        """Whether the rows are lines of JSON, because this Python has no pyarrow."""
        return any(piece[0].endswith(".jsonl") for piece in self.pieces)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows as record batches."""
        if self.is_json:
            raise ImportError("this needs pyarrow, which this Python does not have", name="pyarrow")
        if self.refs:
            import ray

            for ref in self.refs:
                yield from ray.get(ref).to_batches()
        yield from spool.read(self.pieces)

    def rows(self) -> Iterator[Dict[str, Any]]:
        """The rows as dicts."""
        if self.is_json:
            for path, _, first, count in self.pieces:
                yield from jsonrows.load(path, first, count)
        else:
            yield from rows.rows(self.batches())


class Table:
    """An input of the cell: files, their column names and how many parts it is cut into."""

    def __init__(self, name: str, opened: Dict[str, Any]) -> None:
        self.name = name
        self.names: List[str] = opened["names"]
        self.files: List[spool.File] = opened["files"]
        self.partitions: int = max(1, opened["partitions"])
        self.cuts: List[int] = opened.get("cuts") or []
        self.schema_text: Optional[str] = opened.get("schema")
        self._parts: Optional[List[Part]] = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(sum(file["batches"]) for file in self.files)

    def parts(self, count: Optional[int] = None) -> List[Part]:
        """The table as ``count`` parts (as it is laid out, by default); a directory is one part, sorted."""
        if self.names == FILE_TABLE:
            return [Part(_sorted(self.files), names=self.names)]
        sizes = self.cuts if count in (None, self.partitions) else []
        cuts = spool.cut(self.files, count or self.partitions, sizes)
        return [Part(pieces, names=self.names) for pieces in cuts]

    def schema(self) -> pa.Schema:
        """Columns and Arrow types."""
        if self.schema_text is None:
            raise ImportError("this needs pyarrow, which this Python does not have", name="pyarrow")
        return spool.decode(self.schema_text)


def _sorted(files: Sequence[spool.File]) -> List[spool.Piece]:
    """All rows of a directory table by ``start``; nothing is copied."""
    pieces: List[spool.Piece] = []
    starts: List[int] = []
    readers: Dict[str, Reader] = {}
    for piece in spool.cut(files, 1)[0]:
        path, batch, first, count = piece
        if path.endswith(".jsonl"):
            found = [row["start"] for row in jsonrows.load(path, first, count)]
        elif is_stored(path):
            if path not in readers:
                readers[path] = Reader(path)
            found = readers[path].places(batch)[0][first : first + count]
        else:
            found = next(spool.read([piece])).column(0).to_pylist()
        starts += found
        pieces += [(path, batch, first + i, 1) for i in range(count)]
    if starts == sorted(starts):
        return spool.cut(files, 1)[0]
    order = sorted(range(len(starts)), key=starts.__getitem__)
    return [pieces[i] for i in order]


# -- parts that other processes find by a number ----------------------------------------------------


def publish(part: Part, port: Optional[int] = None) -> int:
    """Make a part readable for any process of this machine and user, by its number."""
    while True:
        number = port or random.randrange(20000, 60000)
        try:
            handle = os.open(_entry(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            json.dump({"pid": os.getpid(), "pieces": part.pieces, "names": part.names}, file)
        return number


def stored(rows: Iterable[Dict[str, Any]]) -> Part:
    """Rows that user code serves by itself, as a part that other processes can read."""
    from pybyzer_worker import outputs

    directory = tempfile.mkdtemp(prefix="pybyzer-rows-")
    found = outputs.write(rows, [directory], "rows", None, arrow=True)
    return Part(spool.cut(found["files"], 1)[0])


def find(port: int) -> Part:
    """The part of that number; ``LookupError`` when its cell has ended."""
    try:
        with open(_entry(port)) as file:
            found = json.load(file)
    except FileNotFoundError:
        raise LookupError("no data server at port %d: its cell has ended, or it is of another machine" % port)
    return Part([tuple(piece) for piece in found["pieces"]], names=found["names"])


def sweep() -> None:
    """Forget what processes that are gone have published."""
    directory = os.path.dirname(_entry(0))
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        with contextlib.suppress(OSError, ValueError, KeyError):  # another process is at it
            with open(path) as file:
                owner = json.load(file)["pid"]
            if not os.path.exists("/proc/%d" % owner):
                os.unlink(path)


def withdraw(ports: Sequence[int]) -> None:
    """Forget published parts."""
    for port in ports:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_entry(port))


def _entry(port: int) -> str:
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    directory = os.path.join(shared, "pybyzer-servers-%d" % os.getuid())
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return os.path.join(directory, str(int(port)))
