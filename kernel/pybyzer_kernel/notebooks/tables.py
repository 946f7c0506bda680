"""The table output of Byzer notebooks (``x-application/mlsql-notebook``): what else it can be shown as."""

from __future__ import annotations

import json
from typing import Any

from pybyzer.errors import ByzerError


def framed(content: str, mime: str) -> str:
    """A page (``mime`` html) or picture (image) as the one-row table in which VS Code expects it."""
    fields: list[dict[str, Any]] = [
        {"name": name, "type": "string", "nullable": True, "metadata": {}} for name in ("content", "mime")
    ]
    table = {"schema": {"type": "struct", "fields": fields}, "data": [{"content": content, "mime": mime}]}
    return json.dumps(table, ensure_ascii=False, indent="\t")


def derived(value: str) -> dict[str, Any]:
    """Forms that every frontend shows, from the text of a table; nothing for a text that is none."""
    try:
        table = json.loads(value)
        fields, rows = table["schema"]["fields"], table["data"]
        names = [str(field["name"]) for field in fields]
        if {"content", "mime"} <= set(names) and rows:
            return _medium(rows[0].get("content"), rows[0].get("mime"))
        return _table(fields, [[row.get(name) for row in rows] for name in names], len(rows))
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _table(fields: list[dict[str, Any]], values: list[list[Any]], count: int) -> dict[str, Any]:
    from pybyzer_magics.table import Column, as_html, as_text, count_text

    columns = [
        Column(str(field["name"]), *_type(field), column)
        for field, column in zip(fields, values, strict=True)
    ]
    note = count_text(count, False, count)
    return {"text/plain": as_text(columns, note), "text/html": as_html(columns, note)}


def _type(field: dict[str, Any]) -> tuple[str, bool]:
    """A type as it is shown, and whether it is a number; types we do not know by their own name."""
    from pybyzer.arrow import schema_from_json, type_name
    from pybyzer_magics.values import is_number

    named = {"name": "a", "type": field["type"], "nullable": True, "metadata": {}}
    try:
        dtype = schema_from_json({"type": "struct", "fields": [named]}).field(0).type
    except ByzerError:
        known = field["type"]
        return (known if isinstance(known, str) else str(known.get("type", "object"))), False
    return type_name(dtype), is_number(dtype)


def _medium(content: object, mime: object) -> dict[str, Any]:
    import pyarrow as pa

    from pybyzer.events import TableReady
    from pybyzer_magics.render import TABLE_MIME, render

    texts = {"content": pa.array([content], pa.string()), "mime": pa.array([mime], pa.string())}
    bundle = render(TableReady("", pa.table(texts), False))
    return {key: item for key, item in bundle.items() if key != TABLE_MIME}
