"""What a table looks like that holds a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def is_archive(schema: pa.Schema) -> bool:
    """Whether a table is a directory: exactly ``start, offset, value``, the last one binary."""
    from pyarrow import types

    if schema.names != ["start", "offset", "value"]:
        return False
    kind = schema.field("value").type
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))
