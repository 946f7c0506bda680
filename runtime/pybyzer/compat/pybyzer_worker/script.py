"""A user's function in a process of its own: code in, its signature out, then batches in and out.

Started as ``python -m pybyzer_worker.script FD``. On the socket every message is a kind (one byte), a length
and a body: ``J`` is JSON, ``A`` an Arrow IPC stream of one batch. Needs pyarrow.
"""

from __future__ import annotations

import datetime
import decimal
import inspect
import json
import socket
import struct
import sys
import typing
from typing import Any, Callable, Dict, List, Optional, Tuple

HEADER = struct.Struct(">cQ")

_NAMES = {
    int: "bigint",
    float: "double",
    str: "string",
    bool: "boolean",
    bytes: "binary",
    bytearray: "binary",
    datetime.date: "date",
    datetime.datetime: "timestamp",
    decimal.Decimal: "decimal(38,18)",
}

_VAGUE = (None, Any, object, list, tuple, dict)
"""Annotations that leave the SQL type open."""


def send(connection: socket.socket, kind: bytes, body: Any) -> None:
    """Send one message whole."""
    connection.sendall(HEADER.pack(kind, len(body)))
    connection.sendall(body)


def receive(connection: socket.socket) -> Optional[Tuple[bytes, bytearray]]:
    """The next message; None when the other end is gone."""
    header = _exactly(connection, HEADER.size)
    if header is None:
        return None
    kind, length = HEADER.unpack(header)
    body = _exactly(connection, length)
    return None if body is None else (kind, body)


def _exactly(connection: socket.socket, length: int) -> Optional[bytearray]:
    data = bytearray(length)
    view = memoryview(data)
    filled = 0
    while filled < length:
        try:
            count = connection.recv_into(view[filled:])
        except OSError:
            return None
        if not count:
            return None
        filled += count
    return data


def find(code: str, filename: str, class_name: str, method: str) -> Callable[..., Any]:
    """Run the code and give back the function it defines."""
    from pybyzer_worker.tracebacks import remember

    remember(filename, code)
    names: Dict[str, Any] = {"__name__": "script"}
    exec(compile(code, filename, "exec"), names)
    if class_name:
        if class_name not in names:
            raise NameError("the code defines no class %s" % class_name)
        found = getattr(names[class_name](), method, None)
    else:
        found = names.get(method)
    if not callable(found):
        functions = [n for n, v in names.items() if inspect.isfunction(v)]
        raise NameError(
            "the code defines no function %s; it defines %s" % (method, ", ".join(functions) or "none")
        )
    # Scripts for the original's Python took the interpreter as ``self``.
    if not class_name and next(iter(inspect.signature(found).parameters), "") == "self":
        unbound = found
        found = _without_self(unbound)
    return found


def _without_self(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        return function(None, *values)

    signature = inspect.signature(function)
    call.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=list(signature.parameters.values())[1:]
    )
    call.__annotations__ = {k: v for k, v in function.__annotations__.items() if k != "self"}
    return call


def signature(function: Callable[..., Any]) -> Dict[str, Any]:
    """Parameter names with their Spark types, and the result's; None where nothing is said."""
    try:
        hints = typing.get_type_hints(function)
    except Exception as error:
        raise TypeError("the annotations of %s cannot be read: %s" % (function.__name__, error)) from None
    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError("a SQL function takes a fixed number of arguments, not %s" % parameter)
        if parameter.default is parameter.empty:
            hint = hints.get(parameter.name)
            parameters.append([parameter.name, None if hint in _VAGUE else spark_type(hint)])
    result = hints.get("return")
    return {"parameters": parameters, "returns": None if result in _VAGUE else spark_type(result)}


def spark_type(hint: Any) -> str:
    """The Spark type of an annotation: ``List[float]`` is ``array<double>``."""
    if hint in _NAMES:
        return _NAMES[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    some = [part for part in inner if part is not type(None)]
    if len(some) == 1 and len(some) < len(inner):
        return spark_type(some[0])
    if origin is not None and inner:
        if (inspect.isclass(origin) and issubclass(origin, dict)) or str(origin).endswith("Mapping'>"):
            return "map<%s,%s>" % (spark_type(inner[0]), spark_type(inner[1]))
        if origin in (list, set) or str(origin).endswith(("Sequence'>", "Iterable'>")):
            return "array<%s>" % spark_type(inner[0])
        if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
            return "array<%s>" % spark_type(inner[0])
    raise TypeError("the annotation %r is no SQL type; use int, float, str, list[float], ..." % (hint,))


def apply(function: Callable[..., Any], batch: Any, kind: Any, name: str) -> Any:
    """The function on each row of a batch, as an Arrow array of ``kind``."""
    import pyarrow as pa

    from pybyzer_worker.columns import converted
    from pybyzer_worker.rows import values

    columns = [_plain(values(column)) for column in batch.columns]
    results: List[Any] = []
    try:
        for row in zip(*columns):
            results.append(function(*row))
    except Exception as error:
        shown = ", ".join(_shown(value) for value in row)
        raise FailedRow(name, len(results), shown, error) from error
    return converted(results, pa.field(name, kind))


class FailedRow(Exception):
    """A user's function failed on one row."""

    def __init__(self, name: str, row: int, shown: str, error: BaseException) -> None:
        super().__init__("%s(%s) failed: %s: %s" % (name, shown, type(error).__name__, error))
        self.error = error


def _plain(column: Any) -> List[Any]:
    """Lists where ``values`` gives numpy arrays: what a function of plain Python expects."""
    first = next((value for value in column if value is not None), None)
    if hasattr(first, "tolist"):
        return [None if value is None else value.tolist() for value in column]
    return column  # type: ignore[no-any-return]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "..."


def serve(connection: socket.socket) -> None:
    """Answer until the other end is gone."""
    from pybyzer_worker.tracebacks import describe

    function: Optional[Callable[..., Any]] = None
    name = "apply"
    while True:
        message = receive(connection)
        if message is None:
            return
        try:
            if message[0] == b"J":
                order = json.loads(message[1].decode("utf-8"))
                name = order["name"]
                function = find(order["code"], order["filename"], order["class"], order["method"])
                send(connection, b"J", json.dumps(signature(function)).encode("utf-8"))
                continue
            import pyarrow as pa

            reader = pa.ipc.open_stream(pa.py_buffer(message[1]))
            batch = reader.read_next_batch()
            kind = reader.schema.field("result").type
            arguments = batch.select(batch.schema.names[:-1])
            assert function is not None
            result = apply(function, arguments, kind, name)
            send(connection, b"A", pack([result], ["result"]))
        except BaseException as error:
            cause = error.error if isinstance(error, FailedRow) else error
            answer = describe(cause)
            answer["headline"] = str(error) if isinstance(error, FailedRow) else answer["message"]
            send(connection, b"E", json.dumps(answer).encode("utf-8"))
            if isinstance(error, KeyboardInterrupt):
                return


def pack(arrays: List[Any], names: List[str]) -> memoryview:
    """Arrow arrays of one length as an IPC stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_arrays(arrays, names=names)
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return memoryview(sink.getvalue())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
