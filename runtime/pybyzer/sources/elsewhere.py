"""Formats of the original that are not here: streams and services. They are known by name, to say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from pybyzer.context import Context
from pybyzer.errors import Unsupported
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible

STREAMS = (
    *(
        "streamParquet",
        "streamJDBC",
        "kafka",
        "kafka8",
        "kafka9",
        "adHocKafka",
        "rate",
        "binlog",
        "binlogRate",
    ),
    *("mockStream", "console", "webConsole", "custom"),
)
SERVICES = ("hive", "es", "mongo", "solr", "hbase", "hbase2x", "redis", "carbondata", "xtreme1", "crawlersql")
OF_PYTHON = "read it in a #%python cell and hand the rows over as a table"


class _Elsewhere(Source):
    """A format that is only named."""

    hint: ClassVar[str]

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        self._refuse("load")

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        self._refuse("save")

    def _refuse(self, action: str) -> NoReturn:
        raise Unsupported(f"{action} {self.name}: this format is not supported here", hint=self.hint)


def _known(name: str, hint: str) -> None:
    SOURCES.register(name)(type(f"{name}Elsewhere", (_Elsewhere,), {"name": name, "hint": hint}))


for _name in STREAMS:
    _known(_name, f"there are no streaming jobs; {OF_PYTHON}")
for _name in SERVICES:
    _known(_name, OF_PYTHON)
