"""URLs: their parts, and texts inside them."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python
from pybyzer.engines.sparksql.java_regex import read
from pybyzer.engines.sparksql.types import STRING
from pybyzer.errors import EngineError


@rule("url_decode", "try_url_decode")
def _url_decode(call: Call) -> Expr:
    call.arity(1)
    value = call.as_(0, STRING)
    made = call_python(call, _decoded if call.name == "url_decode" else _try_decoded, (STRING,), STRING)
    sql = f"CASE WHEN contains({value}, '%') THEN {made.sql} ELSE replace({value}, '+', ' ') END"
    return call.result(sql, STRING)


def _try_decoded(value: str) -> str | None:
    if re.search("%(?![0-9a-fA-F]{2})", value):
        return None
    return unquote_to_bytes(value.replace("+", " ")).decode(errors="replace")


def _decoded(value: str) -> str:
    made = _try_decoded(value)
    if made is None:
        raise EngineError(f"url_decode: {value} is not encoded well", hint="try_url_decode gives NULL")
    return made


@rule("parse_url", "try_parse_url")
def _parse_url(call: Call) -> Expr:
    call.arity(2, 3)
    return call_python(call, _part, (STRING,) * len(call.args), STRING)


_LEGAL = re.compile(r"(?:[A-Za-z0-9_\-!.~'()*,;:$&+=?/\[\]@#]|%[0-9A-Fa-f]{2}|[^\x00-\xA0\u2028\u2029])*")
_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?([^#]*)(?:#(.*))?")
_RELATIVE = re.compile(r"(?://([^/?]*))?([^?]*)(?:\?(.*))?")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_SERVER = re.compile(
    rf"(?:(.*)@)?((?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?|\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\])(?::\d*)?"
)


def _part(url: str, part: str, key: str | None = None) -> str | None:
    """A part of a URL as Java's URI has it; None where there is none, or the URL is not one."""
    found = _URL.fullmatch(url)
    if found is None or not _LEGAL.fullmatch(url):
        return None
    scheme, rest, fragment = found.groups()
    if scheme is not None and not rest:
        return None
    opaque = scheme is not None and not rest.startswith("/")
    inner = _RELATIVE.fullmatch(rest)
    authority, path, query = (None, None, None) if opaque or inner is None else inner.groups()
    if authority == "":
        authority = None
        if not path:
            return None
    server = _SERVER.fullmatch(authority) if authority else None
    if part == "QUERY" and key is not None:
        match = read(f"(&|^){key}=([^&]*)").compiled().search(query) if query is not None else None
        return match[2] if match else None
    if key is not None:
        return None
    parts = {
        "HOST": server[2] if server else None,
        "PATH": path,
        "QUERY": query,
        "REF": fragment,
        "PROTOCOL": scheme,
        "FILE": path if query is None else f"{path}?{query}",
        "AUTHORITY": authority,
        "USERINFO": server[1] if server else None,
    }
    return parts.get(part)
