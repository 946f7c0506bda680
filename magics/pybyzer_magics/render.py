"""Events to MIME bundles: what a notebook shows, in every form that front ends read."""

from __future__ import annotations

import html
import io
import json
import tarfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import schema_json
from pybyzer.events import TableReady
from pybyzer_magics.table import as_html, as_text, columns, count_text
from pybyzer_magics.values import image_type, plain, python_values

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_MIME = "x-application/mlsql-notebook"
"""A table as a text of JSON, schema and rows: what the Byzer extension of VS Code shows and stores."""

TABLE_TEXT = 2_000_000
"""Characters the machine-readable form may take; a preview with more holds fewer rows."""

MEDIA = {"html": "text/html", "image": "image/png", "markdown": "text/markdown", "text": "text/plain"}
"""Words of the column ``mime`` that are no MIME types themselves."""

FILE_COLUMNS = ["start", "offset", "value"]


def render(event: TableReady, zone: str = "UTC") -> dict[str, Any]:
    """The MIME bundle of a result table; ``zone`` is the time zone in which times are shown.

    A table with the columns ``content`` and ``mime`` is the medium of its first row; file rows
    (``start, offset, value``) are a list of file names.
    """
    rows = event.rows
    names = rows.schema.names
    if "content" in names and "mime" in names and rows.num_rows:
        medium = _medium(rows)
        if medium:
            return {"text/plain": medium_text(medium), **medium, TABLE_MIME: table_json(rows, zone)}
    if _is_files(rows):
        return _bundle(_file_names(rows), event.more, None, zone, unit=" of a file table")
    return _bundle(rows, event.more, event.total, zone)


def table_json(rows: pa.Table, zone: str = "UTC") -> str:
    """A table as the text of JSON that ``.mlsqlnb`` files hold, a row on a line.

    NULLs are left out of the rows, as Spark does.
    """
    names = rows.schema.names
    values = [python_values(column) for column in rows.columns]
    lines: list[str] = []
    size = 0
    for row in zip(*values, strict=True):
        record = {k: plain(v, zone) for k, v in zip(names, row, strict=True) if v is not None}
        lines.append(json.dumps(record, ensure_ascii=False))
        size += len(lines[-1])
        if size > TABLE_TEXT and len(lines) > 1:
            lines.pop()
            break
    schema = json.dumps(schema_json(rows.schema), ensure_ascii=False)
    data = ",\n\t\t".join(lines)
    return f'{{\n\t"schema": {schema},\n\t"data": [{data}]\n}}'


def medium_text(medium: Mapping[str, Any]) -> str:
    """What stands for a medium where only text is shown."""
    if "text/markdown" in medium:
        return str(medium["text/markdown"])
    return f"<{next(iter(medium))}>"


def _bundle(rows: pa.Table, more: bool, total: int | None, zone: str, unit: str = "") -> dict[str, Any]:
    parts = columns(rows)
    note = count_text(rows.num_rows, more, total) + unit
    return {
        "text/plain": as_text(parts, note, zone),
        "text/html": as_html(parts, note, zone),
        TABLE_MIME: table_json(rows, zone),
    }


def _medium(rows: pa.Table) -> dict[str, Any] | None:
    """The medium of the first row as a bundle; None when it is to be shown as a table."""
    content, kind = rows.column("content")[0].as_py(), rows.column("mime")[0].as_py()
    if content is None or not isinstance(kind, str):
        return None
    mime = MEDIA.get(kind.lower(), kind)
    if "/" not in mime:
        return None
    if isinstance(content, bytes):
        import base64

        mime = image_type(content) or mime
        text = mime.startswith("text/") or mime == "image/svg+xml"
        content = content.decode("utf-8", "replace") if text else base64.b64encode(content).decode("ascii")
    if mime == "image/png" and str(content).startswith("/9j/"):
        mime = "image/jpeg"
    if mime == "text/html":
        return {mime: _framed(str(content))}
    if mime.endswith("json"):
        try:
            return {mime: json.loads(content)}
        except ValueError:
            return None
    return {mime: content}


def _framed(page: str) -> str:
    """HTML as it is; a whole page, or one with scripts, in a frame that cannot reach the notebook."""
    start = page[:2000].lower()
    if "<script" not in page.lower() and "<html" not in start and "<!doctype" not in start:
        return page
    source = html.escape(page, quote=True)
    return (
        f'<iframe sandbox="allow-scripts" srcdoc="{source}" '
        'style="width:100%;height:600px;border:0"></iframe>'
    )


def _is_files(rows: pa.Table) -> bool:
    from pyarrow import types

    if rows.schema.names != FILE_COLUMNS:
        return False
    dtype = rows.schema.field("value").type
    return bool(types.is_binary(dtype) or types.is_large_binary(dtype))


def _file_names(rows: pa.Table) -> pa.Table:
    """Names in the tar stream that these rows begin: whatever of it they hold."""
    import pyarrow as pa

    ordered = rows.sort_by("start")
    stream = io.BytesIO(b"".join(value or b"" for value in ordered.column("value").to_pylist()))
    names: list[str] = []
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            names.extend(member.name for member in tar)
    except tarfile.TarError:
        # The rows shown are only the first ones: the stream breaks off somewhere.
        names = names or (["(not a tar stream)"] if rows.num_rows else [])
    return pa.table({"files": pa.array(names, pa.string())})
