"""JDBC URLs: which database, where, and with which parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from pybyzer.errors import BadOption

_NETWORK = re.compile(r"//(?:[^@/?#]*@)?([^/?;#]*)(?:/([^?;#]*))?")
_FORM = "jdbc:postgresql://host:port/database?name=value"


@dataclass(frozen=True, slots=True)
class Target:
    """A database. ``shown`` is the URL as it may be shown: without user, password and parameters.

    ``parameters`` are those of the URL and those of the statement that are no option of ours.
    """

    kind: str
    host: str
    port: int | None
    database: str
    shown: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    def parameter(self, name: str, default: str = "") -> str:
        """A parameter of the URL by its name in any case."""
        found = (value for key, value in self.parameters.items() if key.lower() == name.lower())
        return next(found, default)

    def without_secrets(self, text: str) -> str:
        """A driver's message as it may be shown."""
        for secret in (self.password, self.parameter("password")):
            if secret:
                text = text.replace(secret, "********")
        return text


def parse_url(url: str, user: str | None = None, password: str | None = None) -> Target:
    """The database a JDBC URL names; user and password of the statement win over those in the URL."""
    scheme, colon, rest = url.strip().partition(":")
    if scheme.lower() != "jdbc" or not colon:
        raise BadOption("url must be a JDBC URL", option="url", hint=f"as in {_FORM}")
    kind, _, place = rest.partition(":")
    kind = kind.lower()
    if place.startswith("//") and kind not in ("sqlite", "duckdb"):
        return _network(kind, place, user, password)
    path, _, query = place.partition("?")
    return Target(kind, "", None, path, f"jdbc:{kind}:{path}", user, password, _parameters(query))


def _network(kind: str, place: str, user: str | None, password: str | None) -> Target:
    found = _NETWORK.match(place)
    hosts, database = (found[1], unquote(found[2] or "")) if found else ("", "")
    if "," in hosts:
        raise BadOption("url names several hosts", option="url", hint="name the one to connect to")
    host, port = _host(hosts)
    parameters = _parameters(place.partition("?")[2])
    folded = {key.lower(): value for key, value in parameters.items()}
    return Target(
        kind,
        host,
        port,
        database,
        f"jdbc:{kind}://{hosts}/{database}",
        user if user is not None else folded.get("user"),
        password if password is not None else folded.get("password"),
        parameters,
    )


def _host(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        name, _, port = text.partition(":")
    if port and not port.isdigit():
        raise BadOption(f'url: "{port}" is not a port', option="url", hint=f"as in {_FORM}")
    return name or "localhost", int(port) if port else None


def _parameters(query: str) -> dict[str, str]:
    return dict(parse_qsl(query.partition("#")[0], keep_blank_values=True))
