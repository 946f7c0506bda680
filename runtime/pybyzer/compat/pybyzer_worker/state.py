"""What this process is running: the cell's settings, its inputs, and the way back to the session."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from pybyzer_worker import parts, spool, wire

if TYPE_CHECKING:
    import pyarrow as pa


class Session:
    """The session at the other end of the channel."""

    def __init__(self, channel: wire.Channel) -> None:
        self.channel = channel
        self.answers: queue.Queue[wire.Message] = queue.Queue()
        self._asking = threading.Lock()

    def ask(self, kind: str, **content: Any) -> wire.Message:
        """Ask the session and wait for its answer; ``RuntimeError`` with the reason if it has none."""
        with self._asking:
            self.channel.send(dict(content, type=kind))
            answer = self.answers.get()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


class Cell:
    """One run of user code."""

    def __init__(self, session: Session, message: wire.Message) -> None:
        self.session = session
        self.id: str = message["id"]
        self.code: str = message["code"]
        self.filename: str = message["filename"]
        self.conf: Dict[str, str] = dict(message["conf"])
        self.env: Dict[str, str] = message.get("env", {})
        self.inputs: List[str] = message["inputs"]
        self.directories: List[str] = message["directories"]
        self.workers: int = message.get("workers", 1)
        self.uses_ray: bool = message.get("uses_ray", False)
        self.schema_text: Optional[str] = message.get("schema")
        self.ports: List[int] = []
        self.cluster: Any = None
        self._tables: Dict[str, parts.Table] = {}
        self._files = 0
        if message.get("model") is not None:
            self._serve_model(parts.Table("model", message["model"]))

    @property
    def schema(self) -> Optional[pa.Schema]:
        """The declared schema of the result."""
        return spool.decode(self.schema_text) if self.schema_text else None

    def table(self, name: Optional[str] = None) -> parts.Table:
        """An input of the cell (the first, by default), fetched the first time it is asked for."""
        if name is None:
            if not self.inputs:
                raise LookupError("the cell has no input")
            name = self.inputs[0]
        if name not in self._tables:
            found = [each for each in self.inputs if each.lower() == name.lower()]
            if not found:
                raise LookupError(
                    '"%s" is not an input of this cell (inputs: %s); name it in #%%input=a,b'
                    % (name, ", ".join(self.inputs) or "none")
                )
            self._tables[name] = parts.Table(name, self.session.ask("open", name=found[0]))
        return self._tables[name]

    def stem(self) -> str:
        """A new file name, without directory and suffix."""
        self._files += 1
        return "out-%d" % self._files

    def publish(self, part: parts.Part) -> int:
        """A number by which any process of the machine finds a part while the cell runs."""
        port = parts.publish(part)
        self.ports.append(port)
        return port

    def _serve_model(self, table: parts.Table) -> None:
        servers = ["127.0.0.1:%d" % self.publish(part) for part in table.parts()]
        self.conf["modelServers"] = ",".join(servers)

    def close(self) -> None:
        """Forget what was published."""
        parts.withdraw(self.ports)


session: Optional[Session] = None
"""The session of this process; None in Ray workers."""

current: Optional[Cell] = None
"""The running cell; None in Ray workers and in scripts outside of the engine."""
