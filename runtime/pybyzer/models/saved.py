"""A small model on disk: ``model.json`` and Arrow tables as Parquet, in a directory that appears whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import type_name
from pybyzer.errors import BadOption
from pybyzer.models.directory import replacing

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Saved:
    """What an ET learned: ``about`` is JSON, ``tables`` are columns that are long or typed."""

    et: str
    about: Mapping[str, Any]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def save(self, path: str) -> None:
        """Write it as the directory ``path``, replacing what is there."""
        with replacing(path) as fresh:
            self.write(fresh)

    def write(self, directory: str) -> None:
        """Write it into a directory that exists."""
        import pyarrow.parquet as pq

        for name, table in self.tables.items():
            pq.write_table(table, os.path.join(directory, f"{name}.parquet"))
        about = {"ET": self.et, "tables": list(self.tables), **self.about}
        with open(os.path.join(directory, "model.json"), "w", encoding="utf-8") as file:
            json.dump(about, file, ensure_ascii=False)

    def told(self) -> pa.Table:
        """What it holds, as rows ``name``, ``value``: each entry, and the size and columns of each table."""
        import pyarrow as pa

        found = {
            k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in self._entries()
        }
        for name, table in self.tables.items():
            columns = ", ".join(f"{column.name} {type_name(column.type)}" for column in table.schema)
            found[name] = f"{table.num_rows} rows: {columns}"
        texts = pa.array(found, pa.string()), pa.array(found.values(), pa.string())
        return pa.table(texts, names=["name", "value"])

    def _entries(self) -> list[tuple[str, Any]]:
        return [(key, value) for key, value in self.about.items() if key not in ("ET", "tables")]


def load_saved(path: str, et: str) -> Saved:
    """Read what the ET ``et`` saved at ``path``; ``BadOption`` when that is something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(os.path.join(path, "model.json"), encoding="utf-8") as file:
            about = json.load(file)
        if about["ET"] != et:
            raise BadOption(
                f"{path} is a model of {about['ET']}, not of {et}", option="path", hint="use that ET"
            )
        tables = {name: pq.read_table(os.path.join(path, f"{name}.parquet")) for name in about["tables"]}
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
        raise BadOption(
            f"{path} is not a validate model path",
            option="path",
            hint=f"train t as {et}.`path` makes a model",
        ) from None
    return Saved(et, about, tables)
