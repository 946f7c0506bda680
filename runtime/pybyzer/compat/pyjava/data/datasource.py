"""Arrow tables in the object store as a ``ray.data`` source."""

from __future__ import annotations

from typing import Any, List


class KoloRawDatasource:
    """References of Arrow tables. ``dataset()`` is today's way to read them."""

    def __init__(self, data_refs: List[Any], num_tables_per_block: int = 1) -> None:
        self.data_refs = data_refs
        self.num_tables_per_block = num_tables_per_block

    def dataset(self) -> Any:
        """The tables as a ``ray.data.Dataset``."""
        import ray

        return ray.data.from_arrow_refs(self.data_refs)
