"""``connect``: options kept under a name, and secrets that are looked up only where they are used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pybyzer.errors import BadOption, MissingPackage

STORES = ("s3", "s3a", "s3n", "oss", "gs", "gcs", "abfs", "abfss", "az", "wasb", "wasbs", "hdfs")
"""URL schemes that a connection may be for, besides the formats."""

_SECRET = re.compile(r"user|passw|secret|token|credential|key|account|connection.?string", re.IGNORECASE)


class Connections:
    """What ``connect format where ... as name`` said, by format and name; both without case.

    Its ``repr`` shows names only: the options may hold passwords.
    """

    def __init__(self) -> None:
        self._options: dict[tuple[str, str], Mapping[str, str]] = {}

    def define(self, format: str, name: str, options: Mapping[str, str]) -> None:
        """Keep the options, in place of earlier ones of that name."""
        self._options[format.lower(), name.lower()] = dict(options)

    def find(self, format: str, name: str) -> Mapping[str, str] | None:
        """The options of that name, None when there are none."""
        return self._options.get((format.lower(), name.lower()))

    def remove(self, format: str, name: str) -> bool:
        """Forget the options of that name; False when there were none."""
        return self._options.pop((format.lower(), name.lower()), None) is not None

    def names(self, format: str) -> list[str]:
        """The names of a format's connections, sorted."""
        return sorted(name for kind, name in self._options if kind == format.lower())

    def __repr__(self) -> str:
        return f"Connections({', '.join('.'.join(key) for key in sorted(self._options))})"


def merged(kept: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The options of a connection below those of a statement, whose keys win (in any case)."""
    names = {key.lower() for key in own}
    return {key: value for key, value in kept.items() if key.lower() not in names} | dict(own)


def revealed(options: Mapping[str, str]) -> dict[str, str]:
    """The options with the values of references, under keys that are secrets (``password``, ``user`` ...).

    ``env:NAME`` is an environment variable, ``keyring:service/user`` an entry of the system's keyring,
    ``file:/path`` the first line of a file. ``BadOption`` names the reference, never its value.
    """
    return {key: _revealed(key, value) if _SECRET.search(key) else value for key, value in options.items()}


def _revealed(key: str, value: str) -> str:
    kind, _, rest = value.partition(":")
    match kind:
        case "env":
            if rest not in os.environ:
                raise BadOption(f"{key}: no environment variable {rest}", option=key)
            return os.environ[rest]
        case "file":
            try:
                lines = Path(rest.removeprefix("//")).expanduser().read_text("utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not a text"
                raise BadOption(f"{key}: cannot read {value}: {reason.lower()}", option=key) from None
            return lines[0] if lines else ""
        case "keyring":
            return _from_keyring(key, rest)
    return value


def _from_keyring(key: str, entry: str) -> str:
    service, slash, user = entry.rpartition("/")
    if not slash or not service:
        raise BadOption(f"{key}: write keyring:service/user, not keyring:{entry}", option=key)
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise MissingPackage(
            f"{key}: keyring:{entry} needs the package keyring", hint="pip install keyring"
        ) from None
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        raise BadOption(f"{key}: the keyring cannot be asked for {entry}: {error}", option=key) from None
    if found is None:
        raise BadOption(f"{key}: the keyring has no password of {user} for {service}", option=key)
    return str(found)
