"""The talk between the session and a worker: JSON messages with a length before them, on a socket."""

from __future__ import annotations

import json
import socket
import struct
import threading
from typing import Any, Dict, List, Optional

HEADER = struct.Struct(">I")

Message = Dict[str, Any]


class Frames:
    """Bytes as they come in, messages out."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> List[Message]:
        """The messages that are complete now."""
        self._data += data
        messages = []
        while len(self._data) >= HEADER.size:
            (length,) = HEADER.unpack_from(self._data)
            end = HEADER.size + length
            if len(self._data) < end:
                break
            messages.append(json.loads(bytes(self._data[HEADER.size : end]).decode("utf-8")))
            del self._data[:end]
        return messages


class Channel:
    """One end of the socket. ``send`` may be called from any thread."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._frames = Frames()
        self._ready: List[Message] = []
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message whole. ``OSError`` when the other end is gone."""
        data = json.dumps(message).encode("utf-8")
        with self._lock:
            self.connection.sendall(HEADER.pack(len(data)) + data)

    def receive(self) -> Optional[Message]:
        """The next message; None when the other end is gone. Waits."""
        while not self._ready:
            arrived = self.arrived()
            if arrived is None:
                return None
            self._ready += arrived
        return self._ready.pop(0)

    def arrived(self) -> Optional[List[Message]]:
        """What one read completes (perhaps nothing yet); None when the other end is gone."""
        try:
            data = self.connection.recv(1 << 16)
        except (ConnectionError, OSError):
            return None
        return self._frames.feed(data) if data else None
