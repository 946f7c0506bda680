"""Output items of a ``.mlsqlnb`` cell to notebook outputs, and back.

An item is ``{"mime": ..., "value": text}``. Where the way back would not give the same bytes, the caller
keeps the item itself (see ``mlsqlnb.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pybyzer_kernel.notebooks.tables import derived, framed

TABLE = "x-application/mlsql-notebook"
STDOUT = "application/vnd.code.notebook.stdout"
STDERR = "application/vnd.code.notebook.stderr"
ERROR = "application/vnd.code.notebook.error"

_STREAMS = {STDOUT: "stdout", STDERR: "stderr"}
_PICTURES = ("image/png",)
_FRAMES = ("text/html", "image/svg+xml")
_LAST_CHOICE = ("text/markdown", "text/latex", "text/plain")


def from_item(item: Mapping[str, str]) -> dict[str, Any]:
    """The notebook output of an item."""
    mime, value = item["mime"], item["value"]
    if mime in _STREAMS:
        return {"output_type": "stream", "name": _STREAMS[mime], "text": value}
    if mime == ERROR and (error := _error(value)) is not None:
        return error
    if mime == "text/plain":
        return _display({mime: value}, {})
    data: dict[str, Any] = {mime: _data(mime, value)}
    if mime == TABLE:
        data |= derived(value)
    return _display(data, {"byzer": {"mime": mime}})


def to_item(output: Mapping[str, Any]) -> dict[str, str]:
    """The item of a notebook output: the one that VS Code shows best."""
    kind = output["output_type"]
    if kind == "stream":
        return {"mime": STDERR if output["name"] == "stderr" else STDOUT, "value": output["text"]}
    if kind == "error":
        stack = "\n".join(output["traceback"])
        body = {"name": output["ename"], "message": output["evalue"], "stack": stack}
        return {"mime": ERROR, "value": _compact(body)}
    data = output.get("data", {})
    mark = output.get("metadata", {}).get("byzer")
    mime = mark.get("mime") if isinstance(mark, dict) else None
    for wanted in (mime, TABLE):
        if isinstance(wanted, str) and wanted in data:
            return {"mime": wanted, "value": _text(data[wanted])}
    for picture in _PICTURES:
        if picture in data:
            return {"mime": TABLE, "value": framed(_text(data[picture]).strip(), "image")}
    for frame in _FRAMES:
        if frame in data:
            return {"mime": TABLE, "value": framed(_text(data[frame]), "html")}
    rest = [name for name in _LAST_CHOICE if name in data] or list(data)
    if not rest:
        return {"mime": "text/plain", "value": ""}
    return {"mime": rest[0], "value": _text(data[rest[0]])}


def _error(value: str) -> dict[str, Any] | None:
    try:
        body = json.loads(value)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    name, message, stack = (body.get(key, "") for key in ("name", "message", "stack"))
    if not all(isinstance(part, str) for part in (name, message, stack)):
        return None
    lines = stack.split("\n") if stack else []
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


def _display(data: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def _data(mime: str, value: str) -> Any:
    """The value as nbformat stores it: JSON mimes as JSON, all others as text."""
    if mime == "application/json" or (mime.startswith("application/") and mime.endswith("+json")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
