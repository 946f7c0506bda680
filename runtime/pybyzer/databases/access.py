"""What a path and the options of a statement lead to: ``connection.name``, or options with a url."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from pybyzer.connections import merged, revealed
from pybyzer.context import Context, Parameter
from pybyzer.databases.base import Database, opened
from pybyzer.databases.target import Target, parse_url
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean

CONNECTION = (
    Parameter("url", "jdbc:postgresql://, jdbc:mysql://, jdbc:mariadb://, jdbc:sqlite: or jdbc:duckdb:"),
    Parameter("driver", "accepted for old scripts: the url says which database it is"),
    Parameter("user", "who connects; env:NAME, keyring:service/user and file:/path are looked up"),
    Parameter("password", "their password, or better a reference to it, as for user"),
    Parameter("sessionInitStatement", "a statement that is run first on every connection"),
    Parameter("implClass", "accepted for old scripts; without effect"),
)
"""Options of load, save and the ETs. Others are for the driver, as if they stood in the url."""

_CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class Access:
    """A database, what is named there, and the options that are ours, with defaults."""

    target: Target = field(repr=False)
    name: str
    options: Mapping[str, str] = field(repr=False)

    def open(self, zone: str, *, read_only: bool = False) -> Database:
        """Connect."""
        database = opened(self.target, zone, read_only=read_only)
        first = self.options.get("sessionInitStatement")
        if first:
            with database.explained("sessionInitStatement failed on"):
                database.execute(first)
        return database


def access(
    ctx: Context, owner: str, parameters: Sequence[Parameter], path: str, options: Mapping[str, str]
) -> Access:
    """``connection.name``, or any word and a dot (or nothing) before the name when there is a url.

    ``BadOption`` for an option that is close to one of ``parameters``: it is misspelt.
    """
    before, dot, rest = path.partition(".")
    kept = ctx.connections.find("jdbc", before.strip("`")) if dot else None
    given = {key.lower(): value for key, value in options.items()}
    names = ctx.connections.names("jdbc")
    if kept is None and dot and names and "url" not in given:
        raise UnknownName(f'no connection "{before}"', hint=did_you_mean(before, names)).about("path")
    together = merged(kept or {}, options)
    known = {key: value for key, value in together.items() if any(p.accepts(key) for p in parameters)}
    others = {key: value for key, value in together.items() if key not in known}
    for key in options:
        if key in others and get_close_matches(key.lower(), [p.name.lower() for p in parameters], 1, _CLOSE):
            hint = did_you_mean(key, [p.name for p in parameters])
            raise BadOption(f'{owner} has no option "{key}"', option=key, hint=hint)
    checked = ctx.check(owner, parameters, known)
    found = revealed(checked)
    if not found.get("url", "").strip():
        raise BadOption(
            "url could not be null!",
            hint='connect jdbc where url="jdbc:postgresql://host:5432/db" and user="..." as db1;',
        )
    target = parse_url(found["url"], found.get("user"), found.get("password"))
    target = replace(target, parameters={**target.parameters, **revealed(others)})
    return Access(target, rest if dot else path, checked)
