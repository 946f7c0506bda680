"""Addresses of table parts: what ``data_servers`` and ``foreach`` give, readable from any worker."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional

from pybyzer_worker import parts


class SocketNotBindException(Exception):
    """Kept for code that catches it; parts are read from shared memory, no socket is bound."""


class DataServer:
    """One part of a table. Can be pickled into Ray tasks and actors, and read any number of times."""

    def __init__(self, host: str, port: int, timezone: str, part: Optional[parts.Part] = None) -> None:
        self.host = host
        self.port = int(port)
        self.timezone = timezone
        self._part = part

    def part(self) -> parts.Part:
        """The rows behind the address."""
        if self._part is None:
            self._part = parts.find(self.port)
        return self._part

    def __repr__(self) -> str:
        return "DataServer(%r, %d, %r)" % (self.host, self.port, self.timezone)


class DataServerWithId:
    """One part of a result: what ``foreach`` and ``map_iter`` give."""

    def __init__(self, host: str, port: int, server_id: str, results: Any = None) -> None:
        self.host = host
        self.port = port
        self.server_id = server_id
        self.timezone = ""
        self._results = results

    def part(self) -> parts.Part:
        """The rows, computed now if they are not yet there."""
        if self._results is None:
            return parts.find(self.port)
        return self._results.part(self.port)

    def __getstate__(self) -> Dict[str, Any]:
        # A worker that gets this object reads the finished rows; it does not compute them again.
        state = dict(self.__dict__, _results=None)
        if self._results is not None:
            self._results.publish(self.port)
        return state

    def __repr__(self) -> str:
        return "DataServerWithId(%r, %d, %r)" % (self.host, self.port, self.server_id)


class OnceServer:
    """Rows under an address of their own (``bind``, ``serve``, ``close``), for readers on this machine."""

    def __init__(self, host: str, port: int, timezone: str) -> None:
        self.host = host
        self.port = port
        self.timezone = timezone
        self.is_bind = False

    def bind(self) -> Any:
        """Reserve the address; (host, port)."""
        self.is_bind = True
        if not self.port:
            self.port = parts.publish(parts.Part())
        return self.host, self.port

    def serve(self, rows: Iterator[Dict[str, Any]]) -> None:
        """Make the rows readable at the address."""
        if not self.is_bind:
            raise SocketNotBindException("Please invoke bind() first")
        parts.withdraw([self.port])
        parts.publish(parts.stored(rows), self.port)

    def close(self) -> None:
        """Give up the address."""
        parts.withdraw([self.port])


class RayDataServer:
    """A part behind a function, as an actor class of the original; ``ray.remote`` makes it one."""

    def __init__(self, server_id: str, java_server: DataServer, port: int = 0, timezone: str = "Asia/Harbin"):
        self.server_id = server_id
        self.java_server = java_server
        self.timezone = timezone
        self.port = port or parts.publish(java_server.part())

    def serve(self, func_for_row: Any = None, func_for_rows: Any = None) -> None:
        """Apply a function and publish what it gives."""
        found: Iterator[Dict[str, Any]] = self.java_server.part().rows()
        if func_for_row is not None:
            found = map(func_for_row, found)
        elif func_for_rows is not None:
            found = func_for_rows(found)
        parts.withdraw([self.port])
        parts.publish(parts.stored(found), self.port)

    def connect_info(self) -> DataServerWithId:
        """Where the rows are."""
        return DataServerWithId("127.0.0.1", self.port, self.server_id)

    def close(self) -> None:
        """Give up the address."""
        parts.withdraw([self.port])


def rows_of(servers: List[Any]) -> Iterator[Dict[str, Any]]:
    """The rows of servers, one server after the other."""
    for server in servers:
        yield from server.part().rows()
