"""The types of XML elements as Spark infers them, and elements as values of these types.

A kind is a scalar's name (``void``, ``bigint`` ...), a dictionary of fields, or a ``Many`` of another kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import MOST_DIGITS, parse_type
from pybyzer.sources.text_types import TextTypes
from pybyzer.sources.xml_tree import Node

if TYPE_CHECKING:
    import pyarrow as pa

_LONG = re.compile(r"[+-]?\d+\Z")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


@dataclass(frozen=True, slots=True)
class Many:
    """Elements that are repeated."""

    each: Any


@dataclass(frozen=True, slots=True)
class XmlTypes:
    """What names mean and how texts are understood; the options are Spark's."""

    texts: TextTypes
    prefix: str = "_"
    value: str = "_VALUE"
    null: str | None = None
    infer: bool = True
    trim: bool = True
    attributes: bool = True
    decimals: bool = False

    # -- kinds -----------------------------------------------------------------------------

    def row_kind(self, node: Node) -> dict[str, Any]:
        """The fields of a row."""
        kind = self.kind(node)
        return kind if isinstance(kind, dict) else {} if kind == "void" else {self.value: kind}

    def kind(self, node: Node) -> Any:
        """What an element is."""
        attributes = self._attributes(node)
        if not attributes and all(isinstance(child, str) for child in node.children):
            pieces = self._pieces(node)
            if len(pieces) < 2:
                return self._scalar(pieces[0] if pieces else "")
        fields: dict[str, Any] = {}
        for name, text in attributes:
            self._add(fields, name, self._scalar(text))
        for child in node.children:
            if isinstance(child, Node):
                self._add(fields, child.name, self.kind(child))
        for piece in self._pieces(node):
            self._add(fields, self.value, self._scalar(piece))
        return fields

    def merged(self, a: Any, b: Any) -> Any:
        """The kind of what is sometimes one, sometimes the other."""
        if b in (a, "void"):
            return a
        if a == "void":
            return b
        if isinstance(a, Many) or isinstance(b, Many):
            return Many(self.merged(*(side.each if isinstance(side, Many) else side for side in (a, b))))
        if isinstance(a, dict) and isinstance(b, dict):
            return self._merged_fields(a, b)
        if isinstance(a, dict) or isinstance(b, dict):
            fields, other = (a, b) if isinstance(a, dict) else (b, a)
            if self.value not in fields:
                return "string"
            return {**fields, self.value: self.merged(fields[self.value], other)}
        return _wider(a, b)

    def _add(self, fields: dict[str, Any], name: str, kind: Any) -> None:
        """One more of a name, in any case: then there are many."""
        own = next((known for known in fields if known.lower() == name.lower()), name)
        if own in fields:
            before = fields[own]
            kind = Many(self.merged(before.each if isinstance(before, Many) else before, kind))
        fields[own] = kind

    def _merged_fields(self, a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
        fields = dict(a)
        known = {name.lower(): name for name in fields}
        for name, kind in b.items():
            own = known.setdefault(name.lower(), name)
            fields[own] = self.merged(fields[own], kind) if own in fields else kind
        return fields

    def _attributes(self, node: Node) -> list[tuple[str, str]]:
        if not self.attributes:
            return []
        return [(self.prefix + name, self._own(text)) for name, text in node.attributes.items()]

    def _own(self, text: str) -> str:
        return text.strip() if self.trim else text

    def _pieces(self, node: Node) -> list[str]:
        """The texts of an element; between elements, those that are not blank."""
        found = [child for child in node.children if isinstance(child, str)]
        if len(found) == len(node.children) == 1:
            return [self._own(found[0])]
        return [self._own(text) for text in found if text.strip()]

    def _scalar(self, text: str) -> str:
        if not text or text == self.null:
            return "void"
        if not self.infer:
            return "string"
        if _LONG.match(text) and -(1 << 63) <= int(text) < 1 << 63:
            return "bigint"
        if _NUMBER.match(text):
            return (self.decimals and _decimal(text)) or "double"
        if text.lower() in ("true", "false"):
            return "boolean"
        if self.texts.day(text) is not None:
            return "date"
        return "timestamp" if self.texts.moment(text) is not None else "string"

    # -- values ----------------------------------------------------------------------------

    def row(self, node: Node, kind: pa.StructType) -> dict[str, Any]:
        """A row's values."""
        return self._fields(node, kind)

    def _value(self, nodes: list[Node | str], dtype: pa.DataType) -> Any:
        """The value of a field from what is called by its name."""
        import pyarrow as pa

        if pa.types.is_list(dtype):
            return [self._one(node, dtype.value_type) for node in nodes]
        return self._one(nodes[-1], dtype)

    def _one(self, node: Node | str, dtype: pa.DataType) -> Any:
        import pyarrow as pa

        if pa.types.is_struct(dtype):
            return self._fields(Node("", {}, [node]) if isinstance(node, str) else node, dtype)
        if isinstance(node, str):
            return self._text(node, dtype)
        if any(isinstance(child, Node) for child in node.children):
            return node.text()
        pieces = self._pieces(node)
        return self._text("".join(pieces), dtype)

    def _fields(self, node: Node, dtype: pa.StructType) -> dict[str, Any]:
        found: dict[str, list[Node | str]] = {}
        for name, text in self._attributes(node):
            found.setdefault(name.lower(), []).append(text)
        for child in node.children:
            if isinstance(child, Node):
                found.setdefault(child.name.lower(), []).append(child)
        pieces = [piece for piece in self._pieces(node) if piece]
        if pieces:
            found.setdefault(self.value.lower(), []).extend(pieces)
        return {
            field.name: self._value(found[field.name.lower()], field.type)
            if field.name.lower() in found
            else None
            for field in dtype
        }

    def _text(self, text: str, dtype: pa.DataType) -> Any:
        import pyarrow as pa

        if text == self.null:
            return None
        kinds = pa.types
        if kinds.is_string(dtype):
            return text
        if not text:
            return None
        if kinds.is_int64(dtype):
            return int(text)
        if kinds.is_float64(dtype):
            return float(text)
        if kinds.is_boolean(dtype):
            return text.lower() == "true"
        if kinds.is_decimal(dtype):
            return Decimal(text)
        return self.texts.day(text) if kinds.is_date(dtype) else self.texts.moment(text)


def _wider(a: str, b: str) -> str:
    decimals = [_DECIMAL.match(side) for side in (a, b)]
    if any(decimals) and {a, b} & {"bigint", "double"}:
        if "double" in (a, b):
            return "double"
        decimals = [found or _DECIMAL.match("decimal(20,0)") for found in decimals]
    if all(decimals):
        sizes = [(int(found[1]), int(found[2])) for found in decimals if found]
        scale = max(size[1] for size in sizes)
        precision = max(size[0] - size[1] for size in sizes) + scale
        return f"decimal({precision},{scale})" if precision <= MOST_DIGITS else "double"
    if {a, b} == {"bigint", "double"}:
        return "double"
    return "timestamp" if {a, b} == {"date", "timestamp"} else "string"


def _decimal(text: str) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > 0 or "e" in text.lower():
        return None
    precision = max(len(value.as_tuple().digits), -exponent)
    return f"decimal({precision},{-exponent})" if precision <= MOST_DIGITS else None


def arrow_type(kind: Any) -> pa.DataType:
    """A kind as a type; fields in alphabetical order, what was always empty is a string."""
    import pyarrow as pa

    if isinstance(kind, Many):
        return pa.list_(arrow_type(kind.each))
    if isinstance(kind, dict):
        return pa.struct([(name, arrow_type(kind[name])) for name in sorted(kind)])
    return parse_type("string" if kind == "void" else kind)


def whole(types: XmlTypes, nodes: Iterable[Node]) -> dict[str, Any]:
    """The fields of all rows."""
    kind: dict[str, Any] = {}
    for node in nodes:
        kind = types.merged(kind, types.row_kind(node))
    return kind
