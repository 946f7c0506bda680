"""Scala one-liners of published notebooks, as native functions: told by their text, blanks aside.

General Scala needs a JVM. These few forms do not: the parameter's name and the layout may differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption

if TYPE_CHECKING:
    import pyarrow as pa

_HEADER = re.compile(r"\s*def\s+(\w+)\s*\(([^)]*)\)\s*(?::\s*([\w\[\],\s]+?))?\s*=(.*)", re.DOTALL)
_ONE = {"String": "string", "Int": "int", "Long": "bigint", "Double": "double", "Boolean": "boolean"}
_LIST = re.compile(r"(?:Seq|Array|List|WrappedArray)\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A function: its parameters with their Scala types, and its body without blanks.

    In ``body`` the parameters are ``$0``, ``$1`` ...
    """

    method: str
    types: tuple[str, ...]
    body: str


def read(code: str) -> Snippet | None:
    """The snippet a Scala text is; None when it is not one plain ``def``."""
    found = _HEADER.fullmatch(re.sub(r"//[^\n]*|/\*.*?\*/", "", code, flags=re.DOTALL).rstrip())
    if found is None:
        return None
    pairs = [part.split(":") for part in re.split(r",(?![^\[]*\])", found[2]) if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        return None
    body = found[4].strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1].strip()
    for number, (name, _) in enumerate(pairs):
        body = re.sub(rf"(?<![\w.\"]){re.escape(name.strip())}(?!\w)", f"${number}", body)
    types = tuple(re.sub(r"\s", "", kind) for _, kind in pairs)
    return Snippet(found[1], types, _without_blanks(body))


def function(name: str, snippet: Snippet) -> SqlFunction | None:
    """The native function of a snippet; None when it is not in the table."""
    import pyarrow as pa

    bytes_in = snippet.types == ("Array[Byte]",)
    if bytes_in and snippet.body in _UNSIGNED:
        kind = _UNSIGNED[snippet.body]
        return SqlFunction(
            name,
            ("a",),
            batch=lambda a: _unsigned(a, kind),
            types=(pa.binary(),),
            returns=pa.list_(pa.type_for_alias(kind)),
        )
    if len(snippet.types) == 1 and (element := _LIST.fullmatch(snippet.types[0])) and element[1] in _ONE:
        return _of_list(name, _ONE[element[1]], snippet.body)
    if all(kind in _ONE for kind in snippet.types):
        macro = _MACROS.get((snippet.types, snippet.body))
        if macro is not None:
            parameters = tuple(f"a{i}" for i in range(len(snippet.types)))
            return SqlFunction(name, parameters, macro=macro)
    return None


_UNSIGNED = {
    "$0.map(_&0xFF).map(_.toDouble).toArray": "float64",
    "$0.map(_&0xFF).map(_.toDouble)": "float64",
    "$0.map(_&0xff).map(_.toDouble).toArray": "float64",
    "$0.map(b=>(b&0xFF).toDouble)": "float64",
    "$0.map(x=>(x&0xFF).toDouble)": "float64",
    "$0.map(_&0xFF).toArray": "int32",
    "$0.map(_&0xFF)": "int32",
}
"""Bytes as unsigned numbers, and the Arrow type of those."""

_MACROS: dict[tuple[tuple[str, ...], str], str] = {
    (("String",), "$0.toUpperCase"): "upper(a0)",
    (("String",), "$0.toLowerCase"): "lower(a0)",
    (("String",), "$0.length"): "length(a0)",
    (("String",), "$0.reverse"): "reverse(a0)",
    (("String", "String"), "$0+$1"): "a0 || a1",
    (("Int",), "$0+1"): "cast(a0 as int) + 1",
    **{
        ((kind, kind), f"$0{sign}$1"): f"cast(a0 as {spark}) {sign} cast(a1 as {spark})"
        for kind, spark in (("Int", "int"), ("Long", "bigint"), ("Double", "double"))
        for sign in "+-*"
    },
}


def _of_list(name: str, element: str, body: str) -> SqlFunction | None:
    import pyarrow as pa

    from pybyzer.arrow import parse_type

    kind = parse_type(element)
    ends: dict[str, Callable[[pa.ListArray], pa.Array]] = {
        "$0.last": lambda a: _end(name, a, last=True),
        "$0.head": lambda a: _end(name, a, last=False),
        "$0(0)": lambda a: _end(name, a, last=False),
    }
    if body in ends:
        return SqlFunction(name, ("a",), batch=ends[body], types=(pa.list_(kind),), returns=kind)
    joined = re.fullmatch(r"\$0\.mkString\((\"[^\"\\']*\")\)", body)
    if joined and element == "string":
        return SqlFunction(name, ("a",), macro=f"array_join(a, {joined[1]}, 'null')")
    if body in ("$0.size", "$0.length"):
        return SqlFunction(name, ("a",), macro="size(a)")
    return None


def _end(name: str, lists: pa.ListArray, *, last: bool) -> pa.Array:
    """The last or first element of each list; of an empty one an error, as in Scala."""
    import numpy as np
    import pyarrow as pa

    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    valid = lists.is_valid().to_numpy(zero_copy_only=False)
    if (lengths[valid] == 0).any():
        raise BadOption(f"{name}: {'last' if last else 'head'} of an empty array")
    ends = np.cumsum(lengths)
    places = ends - 1 if last else ends - lengths
    return lists.flatten().take(pa.array(places, mask=~valid))


def _unsigned(binary: pa.BinaryArray, kind: str) -> pa.Array:
    """The bytes of each value as numbers from 0 to 255."""
    import numpy as np
    import pyarrow as pa

    binary = binary.cast(pa.binary())
    offsets = np.frombuffer(binary.buffers()[1], np.int32)[binary.offset : binary.offset + len(binary) + 1]
    content = binary.buffers()[2]
    data = np.frombuffer(content if content is not None else b"", np.uint8)[offsets[0] : offsets[-1]]
    valid = binary.is_valid().to_numpy(zero_copy_only=False)
    nulls = None if valid.all() else pa.array(~valid)
    values = pa.array(data.astype(kind))
    return pa.ListArray.from_arrays(pa.array(offsets - offsets[0]), values, mask=nulls)


def _without_blanks(body: str) -> str:
    """The text without blanks outside of strings."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', body)
    return "".join(part if part.startswith('"') else re.sub(r"[\s;]", "", part) for part in parts)
