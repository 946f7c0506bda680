"""The table output of Byzer notebooks (``x-application/mlsql-notebook``): what else it can be shown as."""

from __future__ import annotations

import json
from typing import Any


def framed(content: str, mime: str) -> str:
    """A page (``mime`` html) or picture (image) as the one-row table in which VS Code expects it."""
    fields = [
        {"name": name, "type": "string", "nullable": True, "metadata": {}} for name in ("content", "mime")
    ]
    table = {"schema": {"type": "struct", "fields": fields}, "data": [{"content": content, "mime": mime}]}
    return json.dumps(table, ensure_ascii=False, indent="\t")


def derived(value: str) -> dict[str, Any]:
    """Mimes that every frontend shows, from the text of a table; nothing for a text that is none."""
    try:
        table = json.loads(value)
        fields, rows = table["schema"]["fields"], table["data"]
        names = [field["name"] for field in fields]
        if {"content", "mime"} <= set(names) and rows:
            return _content(rows[0])
        return {}
    except (ValueError, KeyError, TypeError):
        return {}


def _content(row: dict[str, Any]) -> dict[str, Any]:
    content, mime = row.get("content"), row.get("mime")
    if isinstance(content, str) and mime == "html":
        return {"text/html": content, "text/plain": "<page>"}
    if isinstance(content, str) and mime == "image":
        return {"image/png": content, "text/plain": "<picture>"}
    return {}
