"""``xml``: the elements of one name are rows; columns, nested ones too, are inferred."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.java_time import TimeFormat
from pybyzer.sources.lines import Lines, opened
from pybyzer.sources.parts import save_parts
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, explained, find, place
from pybyzer.sources.stopping import until_cancelled
from pybyzer.sources.tables import partitioned
from pybyzer.sources.text_types import TextTypes
from pybyzer.sources.xml_tree import Malformed, Node, rows
from pybyzer.sources.xml_types import XmlTypes, arrow_type
from pybyzer.sources.xml_writer import SAVE_PARAMETERS, xml_format

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

BATCH_ROWS = 5_000
BLOCK = 1 << 20
MOST_SHOWN = 64 << 20
"""Bytes of a malformed file that is shown whole in its column."""


@SOURCES.register("xml")
class XmlSource(Source):
    """XML files; with a document in each."""

    name = "xml"
    parameters = (
        Parameter("rowTag", "the element of a row", "ROW"),
        Parameter("attributePrefix", "before the names of attributes", "_"),
        Parameter("valueTag", "the column of an element's own text", "_VALUE"),
        Parameter(
            "mode", "malformed files", "PERMISSIVE", choices=("PERMISSIVE", "DROPMALFORMED", "FAILFAST")
        ),
        Parameter("columnNameOfCorruptRecord", "the column of malformed files", "_corrupt_record"),
        Parameter("inferSchema", "find types", "true", choices=BOOLEAN),
        Parameter("excludeAttribute", "leave out attributes", "false", choices=BOOLEAN),
        Parameter("ignoreSurroundingSpaces", "leave out blanks around values", "true", choices=BOOLEAN),
        Parameter("ignoreNamespace", "leave out prefixes of names", "false", choices=BOOLEAN),
        Parameter("nullValue", "what stands for NULL"),
        Parameter("prefersDecimal", "fractions become decimals when they fit", "false", choices=BOOLEAN),
        Parameter("dateFormat", "how dates are written"),
        Parameter("timestampFormat", "how timestamps are written"),
        Parameter("timeZone", "the zone of timestamps without one; the session's by default"),
        Parameter("charset", "how characters are written", "UTF-8"),
        Parameter("encoding", "the same as charset"),
        Parameter("samplingRatio", "without effect: all rows are looked at"),
        Parameter("prefersDate", "without effect: dates are found", choices=BOOLEAN),
        Parameter("wildcardColName", "without effect: there is no schema to stand for"),
        Parameter("multiLine", "without effect: an element may span lines"),
        Parameter("compression", "without effect on load"),
        *FILE_PARAMETERS,
    )
    save_parameters = SAVE_PARAMETERS

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        if not options["rowTag"] or any(sign in options["rowTag"] for sign in "<> "):
            raise BadOption("xml: rowTag is the name of an element", option="rowTag", hint='rowTag="book"')
        at = place(ctx, request.path, options)
        files = find(at, options)
        reader = _Reader(at, options, ctx.settings.timezone)
        schema = reader.schema(ctx, files)
        return partitioned(files, schema, lambda file: reader.batches(file, schema))

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        options = ctx.check(self.name, self.save_parameters, request.options)
        return save_parts(ctx, request, xml_format(options, ctx.settings.timezone))


class _Reader:
    """How the files of a place are read."""

    def __init__(self, at: Place, options: Mapping[str, str], zone: str) -> None:
        self._at = at
        self._tag, self._mode = options["rowTag"], options["mode"].lower()
        self._corrupt = options["columnNameOfCorruptRecord"]
        self._lines = Lines.of(options)

        def on(name: str) -> bool:
            return options[name].lower() == "true"

        self._ignore_prefix = on("ignoreNamespace")
        formats = {
            name: TimeFormat(options[name], name) if options.get(name) else None
            for name in ("dateFormat", "timestampFormat")
        }
        self._types = XmlTypes(
            TextTypes(options.get("timeZone") or zone, formats["dateFormat"], formats["timestampFormat"]),
            options["attributePrefix"],
            options["valueTag"],
            options.get("nullValue"),
            on("inferSchema"),
            on("ignoreSurroundingSpaces"),
            not on("excludeAttribute"),
            on("prefersDecimal"),
        )

    def schema(self, ctx: Context, files: Sequence[File]) -> pa.Schema:
        """The columns of all rows."""
        import pyarrow as pa

        kind: Any = {}
        nodes = itertools.chain.from_iterable(self._nodes(file) for file in files)
        for node in until_cancelled(ctx, nodes):
            if isinstance(node, Node):
                kind = self._types.merged(kind, self._types.row_kind(node))
            else:
                kind = self._types.merged(kind, {self._corrupt: "string"})
        if not kind:
            raise BadOption(
                f"xml: no columns, because no element <{self._tag}> has anything in it in {self._at.shown}",
                option="rowTag",
            )
        return pa.schema(list(arrow_type(kind)))

    def batches(self, file: File, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of one file."""
        import pyarrow as pa

        kind = pa.struct(list(schema))
        nodes = iter(self._nodes(file))
        while part := list(itertools.islice(nodes, BATCH_ROWS)):
            values = [
                self._types.row(node, kind) if isinstance(node, Node) else {self._corrupt: node}
                for node in part
            ]
            yield pa.RecordBatch.from_struct_array(pa.array(values, kind)).cast(schema)

    def _nodes(self, file: File) -> Iterator[Node | str]:
        """The rows of a file; the text of the whole file in place of one that is malformed."""
        try:
            for node in rows(
                self._blocks(file), self._tag, encoding="utf-8", ignore_prefix=self._ignore_prefix
            ):
                if not node.bad:
                    yield node
                    continue
                yield from self._malformed(file, "an entity that is not declared")
        except Malformed as error:
            yield from self._malformed(file, str(error))

    def _malformed(self, file: File, why: str) -> Iterator[str]:
        if self._mode == "failfast":
            raise BadOption(f"xml: {file.path} is malformed (mode FAILFAST): {why}", option="path")
        if self._mode == "permissive":
            if file.size > MOST_SHOWN:
                raise BadOption(
                    f"xml: {file.path} is malformed: {why}",
                    hint='mode="DROPMALFORMED" keeps the rows before it',
                    option="path",
                )
            with explained("read", self._at):
                yield self._lines.whole(self._at, file)

    def _blocks(self, file: File) -> Iterator[bytes]:
        """A file in blocks of UTF-8."""
        decoder = codecs.getincrementaldecoder(self._lines.encoding)("replace")
        with explained("read", self._at), opened(self._at, file) as data:
            first = True
            while block := data.read(BLOCK):
                text = decoder.decode(block)
                yield (text.removeprefix("\ufeff") if first else text).encode()
                first = False
            yield decoder.decode(b"", final=True).encode()
