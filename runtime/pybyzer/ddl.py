"""Reads Spark's DDL: a type (``array<string>``) or columns (``a BIGINT, b STRING``).

``arrow.parse_type`` is the door for types; ``lang.schema`` reads its other forms with the same reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pybyzer.arrow import MOST_DEPTH, MOST_DIGITS, SCALARS, from_alias
from pybyzer.errors import ParseError, SourceText, Span, Unsupported
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_BY_NAME = {name: row for row in SCALARS for name in (row.spark, row.json, *row.aliases)}
_DECIMALS = ("decimal", "numeric", "dec")

_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"\w+")
_BACK = re.compile(r"`((?:[^`]|``)*)`")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_NESTED = ("array", "map", "struct")


class TypeReader:
    """Reads Spark DDL from a text: a type, or columns with types. ``lang.schema`` reads its forms with it."""

    def __init__(self, text: str, span: Span | None = None) -> None:
        self.text = text
        self.position = 0
        self._depth = 0
        self._span = span or Span(SourceText(text, "schema"), 0, len(text))

    def error(self, expected: str, at: int | None = None) -> ParseError:
        """What was expected, here or at ``at``, and what is there instead."""
        if at is None:
            self.blanks()
        start = self.position if at is None else at
        found = self.text[start : start + 20].split("\n")[0].strip()
        what = f'"{found}"' if found else "the end"
        return ParseError(f"expected {expected}, found {what}", span=self._span.inside(start))

    def blanks(self) -> None:
        """Skip white space."""
        self.position = self._match(_BLANK)

    def peek(self, word: str) -> bool:
        """Whether ``word`` (a symbol or, in any case, a whole word) comes next."""
        self.blanks()
        end = self.position + len(word)
        return self.text[self.position : end].lower() == word and not (
            word.isalpha() and self.text[end : end + 1].isidentifier()
        )

    def take(self, *words: str) -> bool:
        """Skip these words if they all come next."""
        start = self.position
        for word in words:
            if not self.peek(word):
                self.position = start
                return False
            self.position += len(word)
        return True

    def expect(self, symbol: str) -> None:
        """Skip ``symbol``; ``ParseError`` if something else comes next."""
        if not self.take(symbol):
            raise self.error(f'"{symbol}"')

    def finish(self) -> None:
        """``ParseError`` unless the text is at its end."""
        self.blanks()
        if self.position < len(self.text):
            raise self.error("the end")

    def name(self) -> str:
        """A field name: a word, or anything in back quotes."""
        self.blanks()
        if found := _BACK.match(self.text, self.position):
            self.position = found.end()
            return found[1].replace("``", "`")
        return self.word("a field name")

    def word(self, expected: str) -> str:
        """A word of letters, digits and underscores."""
        self.blanks()
        found = _WORD.match(self.text, self.position)
        if found is None:
            raise self.error(expected)
        self.position = found.end()
        return found[0]

    def type(self) -> pa.DataType:
        """One type, nested ones included."""
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise self.error(f"at most {MOST_DEPTH} levels of types")
        self.blanks()
        start = self.position
        dtype = self.named(self.word("a type").lower(), start)
        self._depth -= 1
        return dtype

    def named(self, word: str, start: int) -> pa.DataType:
        """The type that begins with ``word``, which stood at ``start`` and is read already."""
        import pyarrow as pa

        if word in _NESTED:
            self.expect("<")
            dtype = self._nested(word)
            self.expect(">")
            return dtype
        if word in _DECIMALS:
            digits = self._numbers(start) or [10]
            precision, scale = (*digits, 0)[:2]
            if not (0 < precision <= MOST_DIGITS and scale <= precision and len(digits) <= 2):
                raise self.error(f"at most {MOST_DIGITS} digits", start)
            return pa.decimal128(precision, scale)
        if word in ("char", "character", "varchar"):
            self._numbers(start)
            return pa.string()
        if word == "interval":
            raise Unsupported(
                "tables have no interval columns",
                span=self._span.inside(start, len(word)),
                hint="keep a number of seconds or days",
            )
        if word == "time":
            self._numbers(start)
        if word not in _BY_NAME:
            known = [*_BY_NAME, *_DECIMALS, *_NESTED, "varchar"]
            raise ParseError(
                f'no type "{word}"',
                span=self._span.inside(start, len(word)),
                hint=did_you_mean(word, known) or "types: " + ", ".join(row.spark for row in SCALARS),
            )
        return from_alias(_BY_NAME[word].arrow)

    def columns(self, end: str = "") -> list[pa.Field]:
        """Columns up to ``end`` (or the end of the text): ``a BIGINT NOT NULL COMMENT 'x', b: STRING``."""
        self.blanks()
        if end and self.peek(end):
            return []
        fields = [self._column()]
        while self.take(","):
            fields.append(self._column())
        return fields

    def _column(self) -> pa.Field:
        import pyarrow as pa

        name = self.name()
        self.take(":")
        dtype = self.type()
        required = self.take("not", "null")
        comment = None
        if self.take("comment"):
            self.blanks()
            found = _STRING.match(self.text, self.position)
            if found is None:
                raise self.error("the comment in quotes")
            self.position = found.end()
            comment = {"comment": re.sub(r"\\(.)", r"\1", found[1] or found[2] or "")}
        return pa.field(name, dtype, nullable=not required, metadata=comment)

    def _nested(self, word: str) -> pa.DataType:
        import pyarrow as pa

        if word == "struct":
            return pa.struct(self.columns(">"))
        first = self.type()
        if word == "array":
            return pa.list_(first)
        self.expect(",")
        return pa.map_(first, self.type())

    def _numbers(self, start: int) -> list[int]:
        """The numbers in ``(10, 2)``, if there are any."""
        if not self.take("("):
            return []
        words = [self.word("a number")]
        while self.take(","):
            words.append(self.word("a number"))
        self.expect(")")
        if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
            raise self.error("whole numbers", start)
        return [int(word) for word in words]

    def _match(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.position)
        return found.end() if found else self.position
