"""``xpath`` and its family, by lxml."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python
from pybyzer.engines.sparksql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    SqlType,
    array,
)
from pybyzer.errors import EngineError, Unsupported


@functools.lru_cache(256)
def _compiled(path: str) -> Any:
    from lxml import etree

    try:
        return etree.XPath(_inside(path))
    except etree.XPathError as error:
        raise EngineError(f"xpath: {path} is not a path: {error}") from None


def _parsed(xml: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise EngineError(f"xpath: this is not XML: {error}") from None
    around = etree.Element("document")
    around.append(root)
    return around


_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\s+|//?|[\w.\-:]+|!=|<=|>=|.", re.DOTALL)
_OPERATORS = {"(", ",", "[", "=", "!=", "<", ">", "<=", ">=", "+", "-", "|", "and", "or", "div", "mod", ""}


def _inside(path: str) -> str:
    """A path from the document, which is an element here: ``/a`` becomes ``/*/a``."""
    if re.search(r"ancestor|preceding|following|parent::|^\s*\.\.", path):
        raise Unsupported(f"the XPath {path}", hint="paths downwards, and their attributes")
    out, before = [], ""
    for token in _TOKEN.findall(path):
        if token in ("/", "//") and before in _OPERATORS:
            out.append("/*")
        out.append(token)
        before = before if token.isspace() else token
    # "/" alone is the document.
    return re.sub(r"/\*/(?=\s*(?:$|[)\],|=]))", "/*", "".join(out))


def _found(xml: str, path: str) -> Any:
    """Nodes, a text, a number or a boolean; None for an empty text or path."""
    return _compiled(path)(_parsed(xml)) if xml and path else None


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else "".join(node.itertext())


def _string(xml: str, path: str) -> str | None:
    found = _found(xml, path)
    if isinstance(found, list):
        return _text(found[0]) if found else ""
    return None if found is None else _java(found)


def _java(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    return str(value)


def _number(xml: str, path: str) -> float | None:
    found = _found(xml, path)
    if found is None:
        return None
    if isinstance(found, list):
        found = _text(found[0]) if found else ""
    if isinstance(found, str):
        try:
            return float(found.strip()) if found.strip()[:1] not in "+iInN" or not found.strip() else math.nan
        except ValueError:
            return math.nan
    return float(found)


def _whole(bits: int) -> Callable[[str, str], int | None]:
    def run(xml: str, path: str) -> int | None:
        found = _number(xml, path)
        if found is None or math.isnan(found):
            return None if found is None else 0
        top: int = 1 << min(bits, 64) - 1
        return max(-top, min(top - 1, int(max(-1e19, min(1e19, found)))))

    return run


def _short(xml: str, path: str) -> int | None:
    found = _whole(32)(xml, path)
    return None if found is None else (found + 2**15) % 2**16 - 2**15


def _boolean(xml: str, path: str) -> bool | None:
    found = _found(xml, path)
    return None if found is None else bool(found)


def _list(xml: str, path: str) -> list[str | None] | None:
    found = _found(xml, path)
    if found is None:
        return None
    if not isinstance(found, list):
        raise EngineError(f"xpath: {path} gives no nodes", hint="xpath_string, xpath_double ...")
    # An element has no value of its own; its text() has.
    return [str(node) if isinstance(node, str) else None for node in found]


_RULES: dict[str, tuple[Callable[[str, str], Any], SqlType]] = {
    "xpath": (_list, array(STRING)),
    "xpath_string": (_string, STRING),
    "xpath_boolean": (_boolean, BOOLEAN),
    "xpath_double": (_number, DOUBLE),
    "xpath_number": (_number, DOUBLE),
    "xpath_float": (_number, FLOAT),
    "xpath_int": (_whole(32), INT),
    "xpath_long": (_whole(64), BIGINT),
    "xpath_short": (_short, SMALLINT),
}


@rule(*_RULES)
def _xpath(call: Call) -> Expr:
    call.arity(2)
    function, kind = _RULES[call.name]
    return call_python(call, function, (STRING, STRING), kind)
