"""Text files as lines: encodings, compression, line ends, byte order marks."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO, Self, cast

from pybyzer.context import Parameter
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.paths import File, Place, explained

LINE_PARAMETERS = (
    Parameter("encoding", "how characters are written", "UTF-8"),
    Parameter("charset", "the same as encoding"),
    Parameter("lineSep", "what ends a line; without it \\n, \\r\\n and \\r do"),
)
_COMPRESSED = {".gz": "gzip", ".gzip": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_UNREADABLE = (".snappy", ".lz4", ".deflate", ".lzo")


@dataclass(frozen=True, slots=True)
class Lines:
    """How a text file is cut into lines. Malformed bytes become U+FFFD, as in Spark."""

    encoding: str = "utf-8"
    separator: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        name = options.get("charset") or options.get("encoding") or "UTF-8"
        try:
            encoding = codecs.lookup(name).name
        except LookupError:
            raise BadOption(f'there is no encoding "{name}"', option="encoding") from None
        separator = options.get("lineSep")
        if separator == "":
            raise BadOption("lineSep cannot be empty", option="lineSep")
        return cls(encoding, unescaped(separator) if separator is not None else None)

    @property
    def plain(self) -> bool:
        """Whether files can be cut at newline bytes."""
        return self.encoding in ("utf-8", "ascii") and self.separator in (None, "\n")

    def whole(self, at: Place, file: File) -> str:
        """The text of a file."""
        with opened(at, file) as data:
            return self.decoded(data.read())

    def decoded(self, data: bytes) -> str:
        return data.decode(self.encoding, "replace").removeprefix("\ufeff")

    def of_file(self, at: Place, file: File) -> Iterator[str]:
        """The lines of a file, without their ends."""
        with explained("read", at), opened(at, file) as data:
            text = io.TextIOWrapper(
                data, encoding=self.encoding, errors="replace", newline=None if not self.separator else ""
            )
            lines = iter(text) if not self.separator else _cut(text, self.separator)
            first = True
            for line in lines:
                own = line if self.separator else line.removesuffix("\n")
                yield own.removeprefix("\ufeff") if first else own
                first = False


def _cut(text: IO[str], separator: str) -> Iterator[str]:
    rest = ""
    while block := text.read(1 << 20):
        *whole, rest = (rest + block).split(separator)
        yield from whole
    if rest:
        yield rest


def opened(at: Place, file: File) -> BinaryIO:
    """A file as plain bytes, decompressed by what its name says."""
    import pyarrow as pa

    suffix = next((s for s in (*_COMPRESSED, *_UNREADABLE) if file.path.endswith(s)), "")
    if suffix in _UNREADABLE:
        raise Unsupported(
            f"{file.path}: files compressed as {suffix} are not read here", hint="use .gz or .zst"
        )
    with explained("read", at):
        raw: BinaryIO = at.fs.open(file.path, "rb")
    if not suffix:
        return raw
    codec = _COMPRESSED[suffix]
    if codec == "gzip":
        import gzip

        return cast(BinaryIO, gzip.open(raw))  # knows files of several members
    if codec == "bz2":
        import bz2

        return cast(BinaryIO, bz2.open(raw))
    return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(raw, "r"), codec))


def blocks(at: Place, file: File, size: int = 4 << 20) -> Iterator[bytes]:
    """A file in pieces that end at a line's end (the last one perhaps not)."""
    with explained("read", at), opened(at, file) as data:
        rest = b""
        first = True
        while block := data.read(size):
            if first:
                block = block.removeprefix(codecs.BOM_UTF8)
                first = False
            cut = block.rfind(b"\n") + 1
            if cut == 0:
                rest += block
                continue
            yield rest + block[:cut]
            rest = block[cut:]
        if rest:
            yield rest


def unescaped(text: str) -> str:
    """``\\t`` and ``\\n`` written out in an option."""
    known = {
        "\\t": "\t",
        "\\n": "\n",
        "\\r": "\r",
        "\\r\\n": "\r\n",
        "\\0": "\0",
        "\\u0000": "\0",
        "\\\\": "\\",
    }
    return known.get(text, text)
