"""``delta``: tables with versions. ``db.table`` is in the lake, a path with a slash is a directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.engines.base import Scan
from pybyzer.errors import BadOption, Unsupported
from pybyzer.models.shape import is_archive
from pybyzer.sources import delta_read, delta_write
from pybyzer.sources.base import SOURCES, Loaded, LoadRequest, Mode, SaveRequest, Source
from pybyzer.sources.delta_plan import Wish
from pybyzer.sources.delta_table import Location, missing, open_table, table_schema
from pybyzer.sources.paths import place
from pybyzer.stores import storage

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from pybyzer.engines.base import Ingestible

_BOTH = (
    Parameter("mode", '"path": the path is a directory even without a slash', choices=("path",)),
    Parameter("owner", "the user below whose home a directory is"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)


@SOURCES.register("delta")
class DeltaSource(Source):
    """Delta Lake tables, through the deltalake library."""

    name = "delta"
    parameters = (
        Parameter("versionAsOf", "the table as it was at this version"),
        Parameter("timestampAsOf", "the table as it was at this time (2026-01-31 12:00:00)"),
        Parameter("startingVersion", "with endingVersion: the rows of each version from this one"),
        Parameter("endingVersion", "... up to this one, exclusive, in a column __delta_version__"),
        *_BOTH,
    )

    save_parameters = (
        Parameter("mergeSchema", "add columns that the table does not have yet", "false", choices=BOOLEAN),
        Parameter(
            "overwriteSchema",
            "with overwrite: replace the table's columns and types",
            "false",
            choices=BOOLEAN,
        ),
        Parameter("replaceWhere", "with overwrite: replace only the rows that fulfil this condition"),
        Parameter("idCols", "with append: columns of a key; rows with a known key are replaced (upsert)"),
        Parameter("operation", "with idCols: delete the rows with these keys", choices=("upsert", "delete")),
        Parameter(
            "dropDuplicate",
            "with idCols: keep one row of the saved table for each key",
            "false",
            choices=BOOLEAN,
        ),
        Parameter("description", "a comment on a new table"),
        *_BOTH,
    )

    def scan(self, ctx: Context, request: LoadRequest) -> Scan | None:
        options = ctx.check(self.name, self.parameters, request.options)
        if _versions(options) is not None:
            return None
        table = self._open(ctx, request.path, options)
        if is_archive(table_schema(table)):
            return None  # a model: Arrow streams its large values in less memory
        return delta_read.native(table)

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible | Loaded:
        options = ctx.check(self.name, self.parameters, request.options)
        versions = _versions(options)
        table = self._open(ctx, request.path, options)
        if versions is not None:
            return delta_read.union_of_versions(table, *versions)
        data = delta_read.pieces(table) if is_archive(table_schema(table)) else delta_read.arrow(table)
        return Loaded(data, delta_read.partitions(table))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        at = location(ctx, request.path, options)
        wish = Wish(
            merge=_flag(options, "mergeSchema"),
            replace_schema=_flag(options, "overwriteSchema"),
            where=options.get("replaceWhere"),
            keys=tuple(key.strip() for key in options.get("idCols", "").split(",") if key.strip()),
            delete=options.get("operation", "").lower() == "delete",
            drop_duplicates=_flag(options, "dropDuplicate"),
            description=options.get("description"),
        )
        if wish.where and request.mode is not Mode.OVERWRITE:
            raise BadOption("replaceWhere is an option of save overwrite", option="replaceWhere")
        if wish.replace_schema and request.mode is not Mode.OVERWRITE:
            raise BadOption("overwriteSchema is an option of save overwrite", option="overwriteSchema")
        if wish.keys and request.mode is not Mode.APPEND:
            raise BadOption("append is required with idCols", option="idCols")
        if not wish.keys and (wish.delete or wish.drop_duplicates):
            raise BadOption("operation and dropDuplicate are options of a save with idCols")
        return delta_write.save(ctx, request, at, wish)

    def _open(self, ctx: Context, path: str, options: Mapping[str, str]) -> DeltaTable:
        at = location(ctx, path, options)
        table = open_table(at)
        if table is None:
            raise missing(ctx, at)
        return delta_read.as_of(table, at, options)


def location(ctx: Context, path: str, options: Mapping[str, str]) -> Location:
    """Where the table of a path is."""
    if "://" in path and not path.startswith("file:"):
        if path.startswith("memory:"):
            raise Unsupported(f"{path}: a delta table cannot be in memory", hint="use a directory")
        url = f"s3{path[3:]}" if path.startswith("s3n:") else path
        return Location(url, path, False, storage(ctx, path).delta)
    if options.get("mode") == "path" or "/" in path:
        at = place(ctx, path, options)
        return Location(at.path, path, True)
    return Location(ctx.lake_directory(path), path, True)


def _flag(options: Mapping[str, str], name: str) -> bool:
    return options.get(name, "false").lower() == "true"


def _versions(options: Mapping[str, str]) -> tuple[int, int] | None:
    names = ("startingVersion", "endingVersion")
    given = [name for name in names if name in options]
    if not given:
        return None
    if len(given) == 1:
        raise BadOption("Both startingVersion,endingVersion are required", option=given[0])
    try:
        first, end = (int(options[name]) for name in names)
    except ValueError:
        raise BadOption("startingVersion and endingVersion are whole numbers", option=given[0]) from None
    if not 0 <= first < end:
        raise BadOption(f"no version from {first} up to (not including) {end}", option="startingVersion")
    return first, end
