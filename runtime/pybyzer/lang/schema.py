"""Schemas as users write them: ``st(field(a,long))``, Spark's DDL or JSON, or ``file``.

The forms are told apart as in the original (``{``, ``st(``, ``file``, else DDL); blanks and the DDL's type
names are welcome everywhere. A bare ``decimal`` in ``st(...)`` is a double, as it always was.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import schema_from_json
from pybyzer.ddl import TypeReader
from pybyzer.errors import ByzerError, ParseError, SourceText, Span

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = re.compile(r"[^,()\s][^,()]*")


@dataclass(frozen=True, slots=True)
class FileSchema:
    """``file``: the rows are a directory packed in pieces (``start``, ``offset``, ``value``)."""

    @property
    def schema(self) -> pa.Schema:
        """The columns such a table has."""
        import pyarrow as pa

        return pa.schema([("start", pa.int64()), ("offset", pa.int64()), ("value", pa.binary())])


def parse_schema(text: str, span: Span | None = None) -> pa.Schema | FileSchema:
    """The schema a text describes. Errors are placed in ``span``, or else in the text itself."""
    import pyarrow as pa

    begin = text.strip()
    if begin.lower() == "file":
        return FileSchema()
    if begin.startswith("{"):
        return _from_json(text, span)
    fields: list[pa.Field]
    if _is_dsl(text):
        reader = _DslReader(text, span)
        fields = reader.fields()
        reader.finish()
    else:
        columns = TypeReader(text, span)
        fields = columns.columns()
        columns.finish()
    _refuse_twice(fields, span or Span(SourceText(text, "schema"), 0, len(text)))
    return pa.schema(fields)


def parse_field_type(text: str, span: Span | None = None) -> pa.DataType:
    """One type in either spelling: ``array(double)``, ``array<double>``, ``st(field(a,int))``."""
    reader = _DslReader(text, span)
    dtype = reader.type()
    reader.finish()
    return dtype


def _is_dsl(text: str) -> bool:
    reader = TypeReader(text)
    return reader.take("st", "(")


class _DslReader(TypeReader):
    """``st(...)``, ``array(T)`` and ``map(K,V)``, or DDL in the place of any type."""

    def finish(self) -> None:
        # One surplus parenthesis at the end: published notebooks have it.
        self.take(")")
        super().finish()

    def named(self, word: str, start: int) -> pa.DataType:
        import pyarrow as pa

        if word == "st" and self.peek("("):
            self.position = start
            return pa.struct(self.fields())
        if word in ("array", "map") and self.take("("):
            first = self.type()
            if word == "map":
                self.expect(",")
                dtype = pa.map_(first, self.type())
            else:
                dtype = pa.list_(first)
            self.expect(")")
            return dtype
        if word == "decimal" and not self.peek("("):
            return pa.float64()
        return super().named(word, start)

    def fields(self) -> list[pa.Field]:
        """``st(field(name,type), ...)``"""
        import pyarrow as pa

        self.expect("st")
        self.expect("(")
        fields: list[pa.Field] = []
        while not self.take(")"):
            if fields:
                self.expect(",")
            self.expect("field")
            self.expect("(")
            name = self._field_name()
            self.expect(",")
            fields.append(pa.field(name, self.type()))
            self.expect(")")
        return fields

    def _field_name(self) -> str:
        """Anything without commas and parentheses; or anything in back quotes."""
        self.blanks()
        if self.peek("`"):
            return self.name()
        found = _NAME.match(self.text, self.position)
        if found is None:
            raise self.error("a field name")
        self.position = found.end()
        return found[0].strip()


def _from_json(text: str, span: Span | None) -> pa.Schema:
    place = span or Span(SourceText(text, "schema"), 0, len(text))
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(f"the schema is not JSON: {error.msg}", span=place.inside(error.pos)) from None
    except RecursionError:
        raise ParseError("the schema is nested too deeply", span=place) from None
    try:
        return schema_from_json(value)
    except ByzerError as error:
        error.span = place
        raise


def _refuse_twice(fields: list[pa.Field], span: Span) -> None:
    """Two columns of one name could not be filled by name."""
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            raise ParseError(f'two columns are called "{field.name}"', span=span)
        seen.add(field.name)
